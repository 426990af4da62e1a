"""The last line of the pane: where the search stands, whether the end is followed, what copy mode does."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tasktui.ui.host import key_of
from tasktui.ui.text import joined
from tasktui.ui.widgets.detail.line_view import LineView


class StatusLine(Widget):
    """Says in one line what the view above it does."""

    said: reactive[str] = reactive("")
    """The line."""

    def render(self) -> Content:
        """The line."""
        return joined((self.said, "dim"))

    def tell(self, view: LineView) -> None:
        """Say what this view does now."""
        parts = (view.window.source.about, self._left(view), self._right(view))
        self.said = " · ".join(part for part in parts if part)

    def _left(self, view: LineView) -> str:
        if view.copying:
            marks, copies, ends = self._keys("copy_mode.mark", "copy_mode.copy", "copy_mode.leave")
            return f"copy: j k move · {marks} marks · {copies} copies · {ends} ends"
        if view.query_text:
            following, previous, search = self._keys("search.next", "search.previous", "search")
            words = f"/{view.query_text}  {view.search_words()}"
            return f"{words}  {following} next  {previous} previous  {search} esc ends"
        return ""

    def _right(self, view: LineView) -> str:
        grows, bottom = view.window.source.grows, key_of(self, "line.bottom")
        if view.unseen and grows:
            return f"↓ {view.unseen:,} new · {bottom} to follow"
        if view.following and grows:
            return "▼ following"
        total, height = view.window.layout.total, max(1, view.size.height)
        place = f"{min(100, 100 * (view.scroll_offset.y + height) // total)}%" if total > height else ""
        return f"{place} · {bottom} to follow" if grows and place else place

    def _keys(self, *actions: str) -> tuple[str, ...]:
        return tuple(key_of(self, action) for action in actions)
