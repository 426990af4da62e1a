"""The editor of a message: one line until somebody makes it more."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea


class MessageEditor(TextArea):
    """A TextArea that leaves `enter`, `up` and `down` to its bar while the text is one line."""

    def __init__(self) -> None:
        super().__init__(compact=True, soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False)

    def on_mount(self) -> None:
        """Go on where the text ends."""
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        if "\n" not in self.text and event.key in {"enter", "up", "down"}:
            event.prevent_default()
        elif event.key in {"shift+enter", "ctrl+j"}:
            event.stop()
            event.prevent_default()
            self.insert("\n")
