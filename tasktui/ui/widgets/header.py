"""The line at the top: how many tasks stand where, who needs somebody, and who runs them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual import events, work
from textual.reactive import reactive
from textual.timer import Timer

from tasktui.domain.errors import TasktuiError
from tasktui.domain.rows import Counts
from tasktui.domain.status import ACTIVE, Status
from tasktui.ui.host import host
from tasktui.ui.text import safe_str
from tasktui.ui.widgets.one_line import OneLine, Piece

if TYPE_CHECKING:
    from tasktui.domain.hosted import HostState

AGAIN_S: Final = 1.0
"""Until it is asked again who runs the tasks, where nobody said."""
ROOMY: Final = 100
"""Cells from which it is said who runs the tasks, and figures stand apart."""


class Header(OneLine):
    """Counts by status, always in glyph, word and colour."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"header--{name}"
        for name in ("name", "running", "queued", "completed", "failed", "canceled", "needs")
    }

    counts: reactive[Counts | None] = reactive(None)
    """The maintained counters; None before they are known."""
    place: reactive[str] = reactive("")
    """Who runs the tasks: `this machine`, `attached`, `connecting…`."""

    @property
    def summary(self) -> str:
        """The counts in one short line."""
        counts = self.counts
        if counts is None:
            return ""
        needs = f" · ! {counts.needs_you} need you" if counts.needs_you else ""
        return f"● {counts.of(*ACTIVE)} running · ◌ {counts.of(Status.QUEUED)} queued{needs}"

    _owner: int = 0
    _away: int = 0
    _later: Timer | None = None

    @work(exclusive=True, group="place")
    async def look_for_place(self, *, again: bool = False) -> None:
        """Show which process runs the tasks; `again`: nobody did for a while, so it is said once."""
        manager = host(self).manager
        if manager is None:
            return
        from tasktui.ui.machines import several

        if (machines := several(manager)) is not None:
            self.stand(machines.hosts())
            return
        try:
            pid, before = (await manager.stats()).pid, self._owner
        except TasktuiError:
            # it may be there all the same, and nothing else would say so
            self._later = self.set_timer(AGAIN_S, partial(self.look_for_place, again=again))
            return
        self._owner = pid
        self.place = _place(pid, host(self).where, readonly=host(self).readonly)
        if again:
            self.notify(safe_str(found_again(before, pid)), markup=False)

    def lose_place(self) -> None:
        """Show that nobody answers now, whatever an answer on the way says."""
        self.workers.cancel_group(self, "place")
        if self._later is not None:
            self._later.stop()
        where = host(self).where
        self.place = f"{where}, not connected" if where else "disconnected"

    def stand(self, machines: Sequence[HostState]) -> None:
        """Show how several machines stand, and in a narrow header at least how many are away."""
        from tasktui.ui.machines import summary

        self._away = sum(state.standing == "unreachable" for state in machines)
        self.place = summary(machines)

    def watch_counts(self) -> None:
        """Show them."""
        self._draw()

    def watch_place(self) -> None:
        """Show it."""
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Use the room."""
        self._draw()

    def _draw(self) -> None:
        counts, roomy = self.counts, self.size.width >= ROOMY
        left, right = [Piece(" tasktui ", "header--name")], []
        if self.place and (roomy or counts is None):
            right = [Piece(f" {self.place} ", "header--failed" if self._away else "")]
        elif self._away:
            right = [Piece(f" {self._away} unreachable ", "header--failed")]
        if counts is not None:
            if counts.needs_you:
                verb = "needs" if counts.needs_you == 1 else "need"
                right.insert(0, Piece(f" ! {counts.needs_you} {verb} you ", "header--needs"))
            room = self.size.width - sum(cell_len(piece.text) for piece in (*left, *right))
            left += _fitting(_figures(counts, " " * (1 + roomy)), room)
        self.show(left, right)


def _place(pid: int, where: str, *, readonly: bool) -> str:
    if where:
        return f"{where}, read-only" if readonly else f"{where}, run by {pid}"
    ours = pid == os.getpid()
    if readonly:
        return "read-only, nobody runs tasks" if ours else f"read-only, attached to {pid}"
    return "run by this screen" if ours else f"attached to {pid}"


def found_again(before: int, now: int) -> str:
    """Return what a toast says when there is an owner again."""
    if before in {0, now}:
        return "Connected again."
    return f"Process {before} has gone; process {now} runs your tasks now. They went on meanwhile."


def _figures(counts: Counts, gap: str) -> list[tuple[int, Piece]]:
    """Every count with how much it matters."""
    shown = [
        (6, "●", counts.of(*ACTIVE), "running", "running"),
        (5, "◌", counts.of(Status.QUEUED), "queued", "queued"),
        (2, "‖", counts.held, "held", "queued"),
        (3, "✓", counts.of(Status.COMPLETED), "done", "completed"),
        (4, "✗", counts.of(Status.FAILED, Status.TIMED_OUT, Status.LOST), "failed", "failed"),
        (1, "⊘", counts.of(Status.CANCELED, Status.INTERRUPTED), "canceled", "canceled"),
    ]
    return [
        (weight, Piece(f"{gap}{glyph} {number:,} {word}", f"header--{style}"))
        for weight, glyph, number, word, style in shown
        if number or weight in {3, 5, 6}
    ]


def _fitting(figures: Sequence[tuple[int, Piece]], room: int) -> list[Piece]:
    """Return those that fit, in their order; what matters least is left out first."""
    kept = sorted(figures, key=lambda figure: -figure[0])
    while kept and sum(cell_len(piece.text) for _, piece in kept) > room:
        kept.pop()
    return [figure[1] for figure in figures if figure in kept]
