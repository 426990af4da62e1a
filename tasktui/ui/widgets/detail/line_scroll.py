"""Where a long view stands: its window, its width, following the end, keeping its place."""

from __future__ import annotations

from typing import Final

from textual.events import Resize
from textual.message import Message
from textual.reactive import reactive, var

from tasktui.ui.widgets.detail.source import Look, Nothing
from tasktui.ui.widgets.detail.window import LineWindow
from tasktui.ui.widgets.growing import GrowingView

GUTTER: Final = 1
"""Cells at the left where the cursor stands."""


class LineScroll(GrowingView, can_focus=True):
    """A place in a window of items."""

    following: reactive[bool] = reactive(True, repaint=False)
    """Whether the end stays in sight when more comes."""
    cursor: reactive[int] = reactive(0, repaint=False)
    """The item that keys act on."""
    wrap: var[bool] = var(False)
    """Whether long lines are broken instead of cut."""
    times: var[bool] = var(True)
    """Whether lines begin with the time."""
    raw: var[bool] = var(False)
    """Whether items are shown as they were stored."""
    unseen: reactive[int] = reactive(0, repaint=False)
    """Items that came while not following."""

    class Moved(Message):
        """What the line below the view says has changed: following, unseen items, search, place."""

        def can_replace(self, message: Message) -> bool:
            """Only the newest state counts."""
            return isinstance(message, LineScroll.Moved)

    def __init__(self, *, points: bool = True, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.points = points
        """Whether there is a cursor; without one the keys scroll."""
        self.window = LineWindow(Nothing(), Look())
        self._placing = False

    @property
    def line_width(self) -> int:
        """Cells of a line: what the scroll bar leaves."""
        return self.scrollable_content_region.width

    @property
    def at_top(self) -> bool:
        """Whether the first line is in sight."""
        return self.scroll_offset.y == 0

    def on_resize(self, event: Resize) -> None:
        """Another width breaks lines elsewhere; another height moves the end."""
        self._restyle()
        if self.following:
            self._to_end()
        self.post_message(self.Moved())

    def watch_wrap(self) -> None:
        """Break lines, or cut them."""
        self._restyle()

    def watch_times(self) -> None:
        """Show or hide the times."""
        self._restyle()

    def watch_raw(self) -> None:
        """Show items as they were stored, or told."""
        self._restyle()

    def watch_following(self, following: bool) -> None:
        """Go to the end, or stay."""
        if following:
            self.unseen = 0
            self._to_end()
        self.post_message(self.Moved())

    def watch_unseen(self) -> None:
        """Say how many came."""
        self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling away from the end pauses following; scrolling back to it goes on."""
        super().watch_scroll_y(old_value, new_value)
        if not self._placing and round(old_value) != round(new_value):
            self.following = self.window.source.grows and self.scroll_offset.y >= self.max_scroll_y
            self.post_message(self.Moved())

    def _look(self) -> Look:
        width = max(1, self.line_width - GUTTER)
        return Look(width=width, wrap=self.wrap, times=self.times, raw=self.raw)

    def _restyle(self) -> None:
        look = self._look()
        if look != self.window.look:
            anchor = self._anchor()
            self.window.restyle(look)
            self._restore(anchor)
            self.refresh()

    def _anchor(self) -> tuple[int, int]:
        return self.window.layout.at(self.scroll_offset.y)

    def _restore(self, anchor: tuple[int, int]) -> None:
        """After heights have changed: keep the end in sight, or else the item that stood at the top."""
        layout = self.window.layout
        self._settle()
        if self.following:
            self._to_end()
        else:
            item, sub = anchor
            self._place(layout.top(item) + min(sub, max(0, layout.height(item) - 1)))

    def _settle(self) -> None:
        total = self.window.layout.total
        if total != self.virtual_size.height:
            self._placing = True
            self.take_size(self.size.width, total)
            self._placing = False

    def _to_end(self) -> None:
        self.cursor = max(self.window.source.first, self.window.source.stop - 1)
        self._place(max(0, self.window.layout.total - self.size.height))

    def _place(self, line: int) -> None:
        self._placing = True
        self.scroll_to(y=line, animate=False, force=True)
        self._placing = False

    def _near_end(self, before: int) -> bool:
        return self._visible(before) and self.window.has(before - 1)

    def _visible(self, item: int) -> bool:
        return self.window.layout.top(item) <= self.scroll_offset.y + self.size.height
