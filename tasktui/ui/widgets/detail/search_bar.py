"""The line in which a person types what to search for in the pane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tasktui.ui.keymap import Context, bindings
from tasktui.ui.text import joined


class SearchBar(Horizontal):
    """Hidden until the search key; `enter` searches, `escape` ends the search."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("finder")]
    contexts: ClassVar[tuple[Context, ...]] = ("finder",)
    """Which keys hold while typing."""

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

    def action_start(self) -> None:
        """Search for what was typed."""
        self.remove_class("-open")
        self.post_message(self.Wanted(self.query_one(Input).value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_start()
