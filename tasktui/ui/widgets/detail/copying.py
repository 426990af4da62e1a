"""Copy mode of a long view: move, set a mark, take the lines between."""

from __future__ import annotations

from textual import work
from textual.reactive import var

from tasktui.ui.messages import CopyRequested
from tasktui.ui.widgets.detail.line_canvas import LineCanvas
from tasktui.ui.widgets.detail.window import LineWindow

_MOST_LINES = 20_000


class CopyMode(LineCanvas):
    """A long view whose lines can be selected with the keys, also those that are not in memory."""

    copying: var[bool] = var(False)
    """Whether the keys select lines."""
    line_at: var[int] = var(0)
    """The line that the selection ends at."""
    mark_at: var[int | None] = var[int | None](None)
    """The line that the selection begins at, None before it was set."""

    def action_copy_mode(self) -> None:
        """Begin or end selecting lines."""
        self.following = False
        self.line_at = (
            self.scroll_offset.y + self.size.height // 2 if not self.points else self._cursor_line()
        )
        self.mark_at = None
        self.copying = not self.copying

    def watch_copying(self) -> None:
        """Say what the keys do now."""
        self.refresh()
        self.post_message(self.Moved())

    def watch_line_at(self) -> None:
        """Draw the selection."""
        self.refresh()

    def watch_mark_at(self) -> None:
        """Draw the selection."""
        self.refresh()

    def action_copy_mark(self) -> None:
        """Begin the selection at the line of the cursor."""
        self.mark_at = self.line_at

    def action_copy_leave(self) -> None:
        """Select no more lines."""
        self.copying = False

    def is_selected(self, number: int) -> bool:
        """Whether a line is between mark and cursor."""
        if not self.copying:
            return False
        first, last = self._range()
        return first <= number <= last

    def move_selection(self, step: int) -> None:
        """Move the end of the selection by lines."""
        total = self.window.layout.total
        self.line_at = min(max(0, self.line_at + step), max(0, total - 1))
        if self.line_at < self.scroll_offset.y:
            self._place(self.line_at)
        elif self.line_at >= self.scroll_offset.y + self.size.height:
            self._place(self.line_at - self.size.height + 1)

    def copy_selection(self) -> None:
        """Copy the selected lines and leave copy mode."""
        self.copy_lines(*self._range())
        self.copying = False

    @work(group="copy", exclusive=True)
    async def copy_lines(self, first: int, last: int) -> None:
        """Copy lines, reading what is not in memory."""
        window = self.window
        last = min(last, window.layout.total - 1, first + _MOST_LINES)
        lines = [await self._line_text(window, number) for number in range(first, last + 1)]
        copied = "\n".join(line.rstrip() for line in lines)
        self.post_message(CopyRequested(copied, "1 line" if len(lines) == 1 else f"{len(lines):,} lines"))

    async def _line_text(self, window: LineWindow, number: int) -> str:
        line = window.line(number)
        if line is None:
            wanted = window.missing(number, number, 1)
            if wanted is not None:
                window.merge(await window.source.load(*wanted))
                line = window.line(number)
        return "" if line is None else line.text

    def _range(self) -> tuple[int, int]:
        mark = self.line_at if self.mark_at is None else self.mark_at
        return min(mark, self.line_at), max(mark, self.line_at)

    def _cursor_line(self) -> int:
        return self.window.layout.top(self.cursor)
