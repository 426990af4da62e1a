"""Asks for one line: a number, a name, a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Button, Input, Label, Static

from tasktui.ui.screens.modal import Modal
from tasktui.ui.text import joined, safe_str

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget


class LineDialog(Modal[str]):
    """Ends with the line once it is fine."""

    AUTO_FOCUS = "Input"

    def __init__(self, title: str, question: str, value: str, check: Callable[[str], str]) -> None:
        """Make the dialog.

        Args:
            title: What it is about.
            question: A sentence.
            value: What stands in the line at first, chosen so that typing replaces it.
            check: Returns what is wrong with a line, a sentence, or nothing.
        """
        super().__init__()
        self._title = title
        self._question = question
        self._value = value
        self._check = check

    def heading(self) -> Content:
        """Say what it is about."""
        return joined(self._title)

    def hint(self) -> Content:
        """Say what ends it."""
        return joined(("enter", "bold"), " does it · ", (self.key("back"), "bold"), " never mind")

    def body(self) -> Iterator[Widget]:
        """The question, the line, what is wrong with it."""
        yield Static(joined(self._question))
        entry = Input(safe_str(self._value), compact=True, select_on_focus=True)
        entry.cursor_blink = False
        yield entry
        yield Label(classes="problem")

    def buttons(self) -> Iterator[Button]:
        """For the mouse, and for those who go on by tab."""
        yield Button(joined("Do it"), id="do", compact=True)
        yield Button(joined("Never mind"), id="never-mind", compact=True)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one(".problem", Label).update(joined(""))

    @on(Input.Submitted)
    @on(Button.Pressed, "#do")
    def _do(self) -> None:
        line = self.query_one(Input).value.strip()
        problem = self._check(line)
        if problem:
            self.query_one(".problem", Label).update(joined(problem))
        else:
            self.dismiss(line)

    @on(Button.Pressed, "#never-mind")
    def _left(self) -> None:
        self.action_never_mind()
