"""Tab 4: what the task printed, both streams in the order they were read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasktui.domain.clean import decode, reveal
from tasktui.ui.widgets.detail.blocks import STDERR, Stretch, TextBlocks, TextLine
from tasktui.ui.widgets.detail.clock import clock
from tasktui.ui.widgets.detail.line import Line, line

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.ui.widgets.detail.source import Look

STDERR_MARK = "!"
"""What stands at the left of a line that came from stderr."""


class OutputSource(TextBlocks):
    """The output of one run of a task."""

    def __init__(self, manager: Manager, task_id: str, run: int | None = None) -> None:
        """Make the source.

        Args:
            manager: Reads it.
            task_id: The task.
            run: Which of its runs; None: the newest one, also when another begins.
        """
        super().__init__()
        self._manager = manager
        self._task_id = task_id
        self._run = run
        self.grows = run is None

    async def read(self, offset: int, limit: int) -> Stretch:
        """Read a stretch of the output."""
        chunk = await self._manager.output(self._task_id, offset=offset, limit=limit, run=self._run)
        return Stretch(chunk.offset, chunk.data, chunk.size, chunk.dropped, chunk.marks)

    def draw_line(self, text: TextLine, look: Look) -> Line:
        """The time, and the text in the colour of its stream."""
        stamp = f"{clock(text.time_ms)} " if look.times else ""
        if look.raw:
            shown = line((stamp, "muted"), (reveal(decode(text.data)), "plain"), hang=len(stamp))
        else:
            shown = super().draw_line(text, look)
            role = "bad" if text.stream == STDERR else "plain"
            spans = tuple((piece, role if kind == "plain" else kind) for piece, kind in shown.spans)
            shown = Line((*((stamp, "muted"),) * bool(stamp), *spans), hang=len(stamp))
        return replace(shown, mark=STDERR_MARK if text.stream == STDERR else " ")
