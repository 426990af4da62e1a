"""The line in which a person types what to search for in the pane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tasktui.ui.text import joined


class SearchBar(Horizontal):
    """Hidden until the search key; `enter` searches, `escape` ends the search."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "End the search", show=False)]

    @dataclass
    class Wanted(Message):
        """Mark this text; an empty one ends the search."""

        text: str

    def compose(self) -> ComposeResult:
        """A slash and the text."""
        yield Static(joined(("/", "bold")))
        yield Input(placeholder="text to find; enter searches, esc ends", compact=True)

    def open(self) -> None:
        """Let a person type."""
        self.add_class("-open")
        self.query_one(Input).focus()

    def action_close(self) -> None:
        """End the search."""
        self.remove_class("-open")
        self.query_one(Input).value = ""
        self.post_message(self.Wanted(""))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.remove_class("-open")
        self.post_message(self.Wanted(event.value))
