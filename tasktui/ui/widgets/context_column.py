"""The third column of a wide screen: the chosen task's checks and figures, without opening their tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import work
from textual.containers import Vertical
from textual.timer import Timer

from tasktui.domain.errors import TasktuiError
from tasktui.domain.status import Status
from tasktui.ui.host import host
from tasktui.ui.rereading import Rereading, Turn
from tasktui.ui.widgets.detail.around import read_around
from tasktui.ui.widgets.detail.checks import checks_lines
from tasktui.ui.widgets.detail.fixed import FixedLines
from tasktui.ui.widgets.detail.info import info_lines
from tasktui.ui.widgets.detail.line import Line
from tasktui.ui.widgets.detail.line_view import LineView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tasktui.domain.requests import ChangeSet

REREAD_S: Final = 1.0
"""Least time between two readings of a task that keeps changing."""


class ContextColumn(Vertical):
    """Reads only while it can be seen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._task_id: str | None = None
        self._soon: Timer | None = None
        self._reading = Rereading()
        self._queued = False
        """Whether it waits, perhaps for others."""

    def compose(self) -> ComposeResult:
        """One view of lines."""
        yield LineView(points=False)

    def show(self, task_id: str | None) -> None:
        """Show another task, or none."""
        self._task_id = task_id
        self._draw()

    def apply(self, changes: ChangeSet) -> None:
        """Read again soon when the task changed, or what it may wait for."""
        changed = changes.reread or any(row.id == self._task_id for row in changes.rows)
        if (changed or self._queued) and self._soon is None:
            self._soon = self.set_timer(REREAD_S, self._again)

    def on_show(self) -> None:
        """It can be seen now."""
        self._draw()

    def _again(self) -> None:
        self._soon = None
        self._draw()

    def _draw(self) -> None:
        if (turn := self._reading.ask(self._task_id)) is not None:
            self._read_all(turn)

    @work(exclusive=True, group="context")
    async def _read_all(self, turn: Turn) -> None:
        await self._reading.until_read(turn, self._read_once)

    async def _read_once(self) -> None:
        manager, task_id = host(self).manager, self._task_id
        if manager is None or not self.is_on_screen:
            return
        lines: list[Line] = []
        if task_id is not None:
            try:
                detail = await manager.detail(task_id)
                row, now = detail.task.row, host(self).now()
                around = await read_around(manager, row, now)
            except TasktuiError:
                return
            self._queued = row.status is Status.QUEUED
            lines = [*checks_lines(detail), Line(()), *info_lines(row, detail, now, around)]
        if task_id == self._task_id:
            self.query_one(LineView).attach(FixedLines(lines), at_end=False)
