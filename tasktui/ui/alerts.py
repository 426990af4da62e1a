"""Calls a person to a task that needs one: the terminal's bell, or a notification of the desktop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from tasktui.domain.query import EVERYTHING
from tasktui.domain.status import Attention, Group
from tasktui.ui.text import cut

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow

Alert = Literal["none", "bell", "desktop"]

REST_S: Final = 1.0
"""Between two alerts; of a burst only the first is heard."""
MOST: Final = 500
"""Tasks that wait for somebody, at most, when a screen begins or has to look again."""
SEPARATELY: Final = 3
"""Toasts for so many that came at once."""
_BELL: Final = "\a"
_LENGTH: Final = 120


class Alerts:
    """Knows which tasks wait for somebody already, so that each is told of once."""

    def __init__(self) -> None:
        self._waiting: dict[str, str | None] | None = None
        """What each of them asks."""
        self._last_s = float("-inf")
        self._meanwhile: list[ChangeSet] | None = None
        """What changed while it is read who waits: the answer may be from before that."""

    @property
    def knows(self) -> bool:
        """Whether it is known who waits already: from then on whoever comes to wait is called for."""
        return self._waiting is not None

    async def look(self, manager: Manager) -> tuple[TaskRow, ...]:
        """Read who waits; return those that are new since the last time, nobody at the first."""
        later: list[ChangeSet] = []
        self._meanwhile = later
        try:
            page = await manager.page(replace(EVERYTHING, group=Group.NEEDS_YOU), limit=MOST)
        finally:
            if self._meanwhile is later:
                self._meanwhile = None
        if self._waiting is None:
            self._waiting = _asked(page.items)
        now = {row.id: row for row in page.items}
        for changes in later:
            now |= {row.id: row for row in changes.rows}
            for task_id in changes.removed:
                now.pop(task_id, None)
        before, self._waiting = self._waiting, _asked(now.values())
        return _new(now.values(), before)

    def take(self, changes: ChangeSet) -> tuple[TaskRow, ...]:
        """Return the tasks that have just come to need somebody; nobody before the first `look`."""
        if self._meanwhile is not None:
            self._meanwhile.append(changes)
        if self._waiting is None:
            return ()
        before = self._waiting
        gone = {*changes.removed, *(row.id for row in changes.rows)}
        left = {task_id: asks for task_id, asks in before.items() if task_id not in gone}
        self._waiting = left | _asked(changes.rows)
        return _new(changes.rows, before)

    def worth(self, fresh: Sequence[TaskRow], seen: str | None, now_s: float) -> tuple[TaskRow, ...]:
        """Return whom to call for: not the task that is looked at, none within a second of the last."""
        unseen = tuple(row for row in fresh if row.id != seen)
        if not unseen or now_s - self._last_s < REST_S:
            return ()
        self._last_s = now_s
        return unseen


def _asked(rows: Iterable[TaskRow]) -> dict[str, str | None]:
    return {row.id: row.attention_id for row in rows if row.group is Group.NEEDS_YOU}


def _new(rows: Iterable[TaskRow], before: Mapping[str, str | None]) -> tuple[TaskRow, ...]:
    """Return the tasks that ask something which they did not ask before."""
    asking = (row for row in rows if row.group is Group.NEEDS_YOU)
    return tuple(row for row in asking if row.id not in before or before[row.id] != row.attention_id)


def toasts(fresh: Sequence[TaskRow], key: str) -> list[str]:
    """Return what is said on the screen, with the key: of a few each, of many one sentence."""
    if len(fresh) > SEPARATELY:
        return [f"{sentence(fresh)} · {key} goes there"]
    wants = {Attention.APPROVAL: "wants an approval"}
    return [f"{row.title} {wants.get(row.attention, 'has a question')} · {key} goes there" for row in fresh]


def sentence(rows: Sequence[TaskRow]) -> str:
    """Return what a notification says of tasks that need somebody, one clean line."""
    others = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    verb = "need" if others else "needs"
    return cut(rows[0].title, _LENGTH) + f"{others} {verb} you"


def alert(way: Alert, words: str, environ: Mapping[str, str]) -> str:
    """Return what makes this terminal call a person; empty for a way that is silent.

    OSC 9 is iTerm2's and many others' since; urxvt, foot and the terminals of VTE know the `notify` of
    OSC 777 instead. Neither gets through tmux or screen, which pass a bell on as their settings say.
    """
    if way == "none":
        return ""
    if way == "bell" or _any(environ, ("TMUX", "STY")):
        return _BELL
    said = cut(words, 2 * _LENGTH)
    if environ.get("TERM", "").startswith(("rxvt", "foot")) or _any(environ, ("VTE_VERSION",)):
        return f"\x1b]777;notify;tasktui;{said}\a"
    return f"\x1b]9;tasktui: {said}\a"


def _any(environ: Mapping[str, str], names: Iterable[str]) -> bool:
    return any(environ.get(name) for name in names)
