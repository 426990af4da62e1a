"""The last line of the pane: where the search stands, whether the end is followed, what copy mode does."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tasktui.ui.text import joined
from tasktui.ui.widgets.detail.line_view import LineView

_COPYING = "copy: j k move · space marks · y copies · esc ends"


class StatusLine(Widget):
    """Says in one line what the view above it does."""

    said: reactive[str] = reactive("")
    """The line."""

    def render(self) -> Content:
        """The line."""
        return joined((self.said, "dim"))

    def tell(self, view: LineView) -> None:
        """Say what this view does now."""
        self.said = " · ".join(part for part in (_left(view), _right(view)) if part)


def _left(view: LineView) -> str:
    if view.copying:
        return _COPYING
    if view.query_text:
        return f"/{view.query_text}  {view.search_words()}  n next  N previous  esc ends"
    return ""


def _right(view: LineView) -> str:
    grows = view.window.source.grows
    if view.unseen and grows:
        return f"↓ {view.unseen:,} new · G to follow"
    if view.following and grows:
        return "▼ following"
    total, height = view.window.layout.total, max(1, view.size.height)
    place = f"{min(100, 100 * (view.scroll_offset.y + height) // total)}%" if total > height else ""
    return f"{place} · G to follow" if grows and place else place
