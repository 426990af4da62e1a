"""A window of rows that also says what queued ones wait for: other tasks, or their place in the lane."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual import work
from textual.timer import Timer

from tasktui.domain.errors import TasktuiError
from tasktui.domain.status import Status
from tasktui.ui.host import host
from tasktui.ui.rereading import Rereading, Turn
from tasktui.ui.widgets.window_view import WindowView

if TYPE_CHECKING:
    from tasktui.ui.waits import Wait

LOOK_S: Final = 1.0
"""Least time between two looks at the queue; none is taken while nothing queued is seen."""
_SOON_S: Final = 0.1
"""What changes together is looked at once."""


class QueueView(WindowView):
    """Looks up what visible queued tasks wait for, after something changed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look: Timer | None = None
        self._looked_at = -LOOK_S
        """Monotonic."""
        self._reading = Rereading()

    def restructured(self) -> None:
        """Something changed: what is waited for may have changed with it."""
        super().restructured()
        self._look_soon()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Others came into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._look_soon()

    def _look_soon(self) -> None:
        if self._look is None and any(row.status is Status.QUEUED for row in self.visible_rows()):
            after = max(_SOON_S, self._looked_at + LOOK_S - monotonic())
            self._look = self.set_timer(after, self._look_now)

    def _look_now(self) -> None:
        self._look = None
        if host(self).manager is not None:
            self._looked_at = monotonic()
            if (turn := self._reading.ask()) is not None:
                self._read_waits(turn)

    @work(group="waits")
    async def _read_waits(self, turn: Turn) -> None:
        await self._reading.until_read(turn, self._read_once)

    async def _read_once(self) -> None:
        from tasktui.ui.waits import waits_of

        manager = host(self).manager
        if manager is not None:
            # a manager that does not answer is the connection's business
            with suppress(TasktuiError):
                self._take(await waits_of(manager, self.visible_rows(), host(self).now()))

    def _take(self, waits: Mapping[str, Wait]) -> None:
        if waits != self.waits:
            self.waits = waits
            self.repaint()
