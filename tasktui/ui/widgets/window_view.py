"""Draws a window of rows with a cursor: formats when painting, repaints only cells that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.reactive import var
from textual.strip import Strip
from textual.timer import Timer

from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.ui.host import host
from tasktui.ui.marks import Marks
from tasktui.ui.task_words import look, ticks
from tasktui.ui.widgets.growing import GrowingView
from tasktui.ui.widgets.task_line import (
    GUTTER,
    Columns,
    blank_strip,
    cells,
    gutter,
    heading_strip,
    task_strip,
)
from tasktui.ui.window import Heading, Window

if TYPE_CHECKING:
    from tasktui.ui.waits import Wait

TICK_S: Final = 1.0
SLOW_TICK_S: Final = 15.0
"""Between looks at ages that change by the minute."""

_STYLES: Final = (
    "base", "cursor", "dim", "heading", "rule", "needs", "running", "queued", "completed", "failed",
    "canceled", "stopping", "unheard",
)  # fmt: skip


class WindowView(GrowingView, can_focus=True):
    """The lines of a window, the cursor, and ages that tick. What to read is the subclass's business."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-list--{name}" for name in _STYLES}

    cursor: var[int] = var(0, init=False)
    """The line on which the cursor stands."""

    with_hosts: var[bool] = var(False, init=False)
    """Whether there is a column for the machine."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window = Window()
        self.marks = Marks()
        self.row: TaskRow | None = None
        """The task under the cursor, as last known."""
        self.waits: Mapping[str, Wait] = {}
        """What queued tasks wait for, by id, as far as it was looked up."""
        self._columns = Columns.for_width(40)
        self._faces: dict[int, tuple[str, ...]] = {}
        self._looks: Mapping[str, Style] | None = None
        self._ticker: Timer | None = None
        self._period = SLOW_TICK_S

    # Lines

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        at = self.scroll_offset.y + y
        line, styles = self.window.line(at), self._styles()
        self._faces[at] = face = self._face(at)
        if isinstance(line, TaskRow):
            return task_strip(face[2:], face[0], line, self._columns, styles)
        width = self._columns.width
        if isinstance(line, Heading):
            return heading_strip(line, width, styles)
        return blank_strip(width, styles, "   …" if at < self.window.height else "")

    def _face(self, at: int) -> tuple[str, ...]:
        """What a line shows, for comparing: gutter, style and columns, or a heading's figures."""
        line = self.window.line(at)
        if isinstance(line, TaskRow):
            lead = gutter(here=at == self.cursor, marked=line.id in self.marks)
            waits = self.waits.get(line.id)
            return (lead, look(line).style, *cells(line, self._columns, self.now(), waits))
        if isinstance(line, Heading):
            return (line.group.name, str(line.total))
        return ("…",) if at < self.window.height else ()

    def now(self) -> UnixMs:
        """Return the wall time by which ages count."""
        return host(self).now()

    def repaint(self) -> None:
        """Repaint the cells of visible lines that show something else than was painted."""
        top = self.scroll_offset.y
        self._repaint_of(range(top, top + self.size.height))
        self._arm()

    def _repaint_of(self, lines: Iterable[int]) -> None:
        dirty = [region for region in map(self._differs, lines) if region is not None]
        if dirty:
            self.refresh(*dirty)

    def _differs(self, at: int) -> Region | None:
        old, new = self._faces.get(at), self._face(at)
        y = at - self.scroll_offset.y
        if old == new or (old is None and not new):
            return None
        if old is None or len(old) != len(new) or len(old) <= GUTTER or old[1] != new[1]:
            return Region(0, y, self._columns.width, 1)
        gutter_changed = old[0] != new[0]
        changed = self._columns.changed(old[2:], new[2:])
        if changed is None:
            return Region(0, y, GUTTER, 1)
        x, width = changed
        return Region(0, y, x + width, 1) if gutter_changed else Region(x, y, width, 1)

    def _styles(self) -> Mapping[str, Style]:
        if self._looks is None:
            self._looks = {
                name: self.get_component_rich_style(f"task-list--{name}", partial=name != "base")
                for name in _STYLES
            }
        return self._looks

    def notify_style_update(self) -> None:
        """Look the styles up again: the theme or the focus changed."""
        super().notify_style_update()
        self._looks = None

    # Structure

    def restructured(self) -> None:
        """Take in that the window changed: its height, the place of the cursor's task, its lines."""
        height = self.window.height
        if self.virtual_size.height != height:
            self.take_size(self._columns.width, height)
        self._keep_cursor()
        self.repaint()

    def _keep_cursor(self) -> None:
        line = self.window.line_of(self.row.id) if self.row is not None else None
        if line is None:
            line = self._nearest(self.cursor, 1)
        if line != self.cursor:
            self.cursor = line
        else:
            self._landed()

    def _nearest(self, line: int, way: int) -> int:
        """The line of a row at `line` or beyond it, for headings carry no cursor."""
        last = self.window.height - 1
        line = max(0, min(last, line))
        if isinstance(self.window.line(line), Heading):
            beyond = line + way if 0 <= line + way <= last else line - way
            line = max(0, min(last, beyond))
        return line

    # The cursor

    def go(self, line: int, way: int = 1) -> None:
        """Move the cursor to a line, or past it in direction `way` where it is a heading."""
        self.cursor = self._nearest(line, way)

    def watch_cursor(self, old: int, new: int) -> None:
        """Follow the cursor with the eyes: scroll, and repaint two cells."""
        top, height = self.scroll_offset.y, self.size.height
        first = 0 if new <= 1 else new
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif new >= top + height > top:
            self.scroll_to(y=new - height + 1, animate=False)
        self._landed()
        if self.scroll_offset.y == top and top <= old < top + height:
            self._repaint_of((old, new))
        else:
            self.repaint()

    def _landed(self) -> None:
        line = self.window.line(self.cursor)
        before, self.row = self.row, line if isinstance(line, TaskRow) else None
        if _id(before) != _id(self.row):
            self.landed(self.row)

    def landed(self, row: TaskRow | None) -> None:
        """The cursor came to another task."""

    def action_list_down(self) -> None:
        """Go to the next task."""
        self.go(self.cursor + 1)

    def action_list_up(self) -> None:
        """Go to the task before."""
        self.go(self.cursor - 1, -1)

    def action_list_page_down(self) -> None:
        """Go down by half a page."""
        self.go(self.cursor + max(1, self.size.height // 2))

    def action_list_page_up(self) -> None:
        """Go up by half a page."""
        self.go(self.cursor - max(1, self.size.height // 2), -1)

    def action_list_top(self) -> None:
        """Go to the first task."""
        self.go(0)

    def action_list_bottom(self) -> None:
        """Go to the last task."""
        self.go(self.window.height - 1, -1)

    # Time and size

    def on_resize(self, event: events.Resize) -> None:
        """Choose the columns that fit."""
        self.fit()

    def watch_show_vertical_scrollbar(self) -> None:
        """The scrollbar takes a column, or gives it back; that is no change of size."""
        if self.is_mounted:
            self.call_later(self.fit)

    def watch_with_hosts(self) -> None:
        """Make room for the machine, or take it back."""
        self.fit()

    def fit(self) -> None:
        """Choose the columns that fit beside the scrollbar."""
        width = self.scrollable_content_region.width
        self._columns = Columns.for_width(width, hosts=self.with_hosts)
        self._faces.clear()
        self.restructured()

    def _arm(self) -> None:
        """Tick while something that ticks is seen; look by the quarter minute otherwise."""
        period = TICK_S if any(map(ticks, self.visible_rows())) else SLOW_TICK_S
        if self._ticker is not None and period < self._period:
            self._ticker.stop()
            self._ticker = None
        if self._ticker is None:
            self._period = period
            self._ticker = self.set_timer(period, self._tick)

    def _tick(self) -> None:
        self._ticker = None
        self.repaint()

    def visible_rows(self) -> list[TaskRow]:
        """Return the tasks that are seen."""
        top = self.scroll_offset.y
        lines = [self.window.line(at) for at in range(top, top + self.size.height)]
        return [line for line in lines if isinstance(line, TaskRow)]


def _id(row: TaskRow | None) -> str | None:
    return None if row is None else row.id
