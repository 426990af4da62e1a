"""Lets a scrolled view grow without laying the screen out anew."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


class GrowingView(ScrollView):
    """A scrolled view of a size that its contents do not decide, such as a log that is followed."""

    def take_size(self, width: int, height: int) -> None:
        """Take a new height of the contents; only where the scrollbar comes or goes is anything laid out.

        Textual lays the whole screen out whenever `virtual_size` is set: ten times a second, for a log.
        """
        room, before = self.container_size.height, self.virtual_size
        after = Size(width, height)
        if before == after:
            return
        if (before.height > room) != (height > room) or before.width != width:
            self.virtual_size = after
            return
        self.set_reactive(Widget.virtual_size, after)
        self._scroll_update(after)
