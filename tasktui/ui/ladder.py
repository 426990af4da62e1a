"""What a cancel does to each kind of task, in words; as the manager and the shims do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import ACTIVE, Kind

_STEPS: Final = {
    "agent": "asked to stop · SIGTERM after 5 s · SIGKILL after 8 s",
    "process": "SIGTERM to the whole tree now · SIGKILL after 3 s",
    "other": "asked to stop · ended by force after 9 s",
}
_WAY: Final = {Kind.AGENT: "agent", Kind.SHELL: "process", Kind.PYTHON: "process"}
_KILL: Final = "SIGKILL to the whole tree at once, without a chance to clean up"
_QUEUED: Final = "taken from the queue; nothing has run yet"
_AGAIN: Final = "asked before; asking again kills"


@dataclass(frozen=True, slots=True)
class Rung:
    """What happens to some of the tasks."""

    who: str
    """`running`, `3 agents`."""
    what: str


def ladder(rows: Sequence[TaskRow], *, force: bool) -> list[Rung]:
    """Return what a cancel of these tasks does, the hardest first; tasks that fare alike share a line."""
    fates: dict[tuple[str, str], int] = {}
    for row in rows:
        fate = _fate(row, force=force)
        fates[fate] = fates.get(fate, 0) + 1
    alone = len(rows) == 1
    return [Rung(who if alone else f"{count} {who}", what) for (who, what), count in fates.items()]


def kills(rows: Sequence[TaskRow], *, force: bool) -> bool:
    """Whether it is a kill for every one of them that runs, and one does."""
    running = [row for row in rows if row.status in ACTIVE]
    return bool(running) and all(force or row.stopping for row in running)


def _fate(row: TaskRow, *, force: bool) -> tuple[str, str]:
    if row.status not in ACTIVE:
        return "queued", _QUEUED
    if force:
        return "running", _KILL
    if row.stopping:
        return "stopping", _AGAIN
    return row.kind.value, _STEPS[_WAY.get(row.kind, "other")]
