"""A long view with a cursor: keys move it, expand what it stands on, and scroll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.events import Click
from textual.geometry import Region
from textual.message import Message

from tasktui.ui.keymap import Context, bindings
from tasktui.ui.messages import CopyRequested
from tasktui.ui.widgets.detail.copying import CopyMode
from tasktui.ui.widgets.detail.searching import Searching
from tasktui.ui.widgets.detail.source import Value

_COPYING: Final = frozenset({"copy_mark", "copy_leave"})
IN_DETAIL: Final[tuple[Context, ...]] = ("detail", "act", "answer", "views", "everywhere")
"""Which keys hold in a task."""


class LineView(CopyMode, Searching):
    """Items of a source, one line each or many; follows the end until somebody goes up."""

    @dataclass
    class Entered(Message):
        """The expand key was pressed on an item that does not open."""

        view: LineView

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("copying", "detail", "search"),
        *(binding for binding in bindings("act") if binding.id == "task.yank"),
    ]

    @dataclass
    class Chosen(Message):
        """The cursor stands on another item."""

        view: LineView
        item: int
        value: Value

        def can_replace(self, message: Message) -> bool:
            """Only the newest choice of a view counts."""
            return isinstance(message, LineView.Chosen) and message.view is self.view

    @property
    def contexts(self) -> tuple[Context, ...]:
        """Which keys hold: those of a search and of copying only while they are on."""
        if self.copying:
            return ("copying",)
        return ("search", *IN_DETAIL) if self.query_text else IN_DETAIL

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of a search and of copying hold only while they are on."""
        if action in _COPYING:
            return self.copying
        return bool(self.query_text) if action.startswith("search_") else True

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the cursor's mark where it is now, one cell each."""
        for item in (old, new):
            self._refresh_mark(item)
        window = self.window
        if new != old and window.has(new):
            self.post_message(self.Chosen(self, new, window.value(new)))

    def go_to(self, item: int) -> None:
        """Put the cursor on an item and bring it into sight."""
        window = self.window
        if window.source.stop <= window.source.first:
            return
        last = window.source.stop - 1
        item = min(max(item, window.source.first), last)
        self.following = self.following and item == last
        self.cursor = item
        self._show(item)

    def go_to_line(self, number: int) -> None:
        """Scroll so that a line is the first that is seen."""
        self.scroll_to(y=min(max(0, number), self.max_scroll_y), animate=False, force=True)

    def action_line_down(self) -> None:
        """One item or line down."""
        self._move(1)

    def action_line_up(self) -> None:
        """One item or line up."""
        self._move(-1)

    def action_line_page_down(self) -> None:
        """Half a screen down."""
        self._move(max(1, self.size.height // 2))

    def action_line_page_up(self) -> None:
        """Half a screen up."""
        self._move(-max(1, self.size.height // 2))

    def action_line_top(self) -> None:
        """To the beginning."""
        self.following = False
        self.cursor = self.window.source.first
        self.go_to_line(0)

    def action_line_bottom(self) -> None:
        """To the end, and follow it."""
        self.following = True
        self._to_end()

    def action_follow(self) -> None:
        """Follow the end, or stay here."""
        self.following = not self.following

    def action_wrap(self) -> None:
        """Break long lines, or cut them."""
        self.wrap = not self.wrap

    def action_timestamps(self) -> None:
        """Show or hide the times."""
        self.times = not self.times

    def action_raw(self) -> None:
        """Show what was stored, or what it means."""
        self.raw = not self.raw

    def action_expand(self) -> None:
        """Show or hide what is below the item's first line; what does not open is entered."""
        window = self.window
        if window.has(self.cursor) and not window.source.opens(window.value(self.cursor)):
            self.post_message(self.Entered(self))
        self.turn(self.cursor)

    def action_expand_all(self) -> None:
        """Expand everything."""
        self._turn_all(expanded=True)

    def action_collapse_all(self) -> None:
        """Collapse everything."""
        self._turn_all(expanded=False)

    def action_tool_next(self) -> None:
        """To the next tool call."""
        self._seek(1, tools=True)

    def action_tool_previous(self) -> None:
        """To the tool call before."""
        self._seek(-1, tools=True)

    def action_error_next(self) -> None:
        """To the next error."""
        self._seek(1, tools=False)

    def action_error_previous(self) -> None:
        """To the error before."""
        self._seek(-1, tools=False)

    def action_task_yank(self) -> None:
        """Copy the lines that are selected, or the item under the cursor."""
        window = self.window
        if self.copying:
            self.copy_selection()
        elif window.has(self.cursor) and self.points:
            copied, what = window.source.copied(self.cursor, window.value(self.cursor))
            self.post_message(CopyRequested(copied, what))
        else:
            self.copy_lines(self.scroll_offset.y, self.scroll_offset.y + self.size.height - 1)

    def turn(self, item: int) -> None:
        """Expand or collapse an item."""
        window = self.window
        if not window.has(item) or not window.source.opens(window.value(item)):
            return
        self.following = self.following and item == window.source.stop - 1
        anchor = self._anchor()
        window.turn(item)
        self._restore(anchor)
        self._show(item)
        self.refresh()
        self._want()

    def on_click(self, event: Click) -> None:
        """The first click points, the second expands."""
        if not self.points:
            return
        item = self.window.layout.at(self.scroll_offset.y + event.y)[0]
        if item >= self.window.source.stop:
            return
        if item == self.cursor:
            self.turn(item)
        self.go_to(item)

    def _move(self, step: int) -> None:
        if self.copying:
            self.move_selection(step)
        elif self.points:
            self._point(step)
        else:
            self.go_to_line(self.scroll_offset.y + step)

    def _point(self, step: int) -> None:
        """Move the cursor by items; inside one that is higher than the screen, scroll first."""
        window = self.window
        top, height = window.layout.top(self.cursor), window.layout.height(self.cursor)
        bottom = self.scroll_offset.y + self.size.height
        if step == 1 and top <= self.scroll_offset.y + self.size.height and top + height > bottom:
            self.go_to_line(self.scroll_offset.y + 1)
        elif step == -1 and top < self.scroll_offset.y < top + height:
            self.go_to_line(self.scroll_offset.y - 1)
        else:
            self.go_to(window.layout.step(self.cursor, step))

    def _turn_all(self, *, expanded: bool) -> None:
        anchor = self._anchor()
        self.window.turn_all(expanded=expanded)
        self._restore(anchor)
        self.refresh()
        self._want()

    def _show(self, item: int) -> None:
        layout, top, height = self.window.layout, self.scroll_offset.y, max(1, self.size.height)
        first = layout.top(item)
        last = first + max(1, min(layout.height(item), height)) - 1
        if first < top or last >= top + height:
            self._place(first if first < top else last - height + 1)
            self.refresh()

    def _refresh_mark(self, item: int) -> None:
        if self.points:
            y = self.window.layout.top(item) - self.scroll_offset.y
            if 0 <= y < self.size.height:
                self.refresh(Region(0, y, 1, 1))

    def _seek(self, step: int, *, tools: bool) -> None:
        """To the nearest loaded item of a kind; at the edge of what is loaded, to that edge."""
        window = self.window
        fits = window.source.is_tool if tools else window.source.is_error
        items = window.items() if step > 0 else window.items()[::-1]
        beyond = [item for item in items if (item - self.cursor) * step > 0]
        found = next((item for item in beyond if fits(window.value(item))), beyond[-1] if beyond else None)
        if found is not None:
            self.go_to(found)
