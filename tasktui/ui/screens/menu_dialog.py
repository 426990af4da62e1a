"""A menu: type to narrow it, a number or `enter` to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from tasktui.ui.dialogs import Choice
from tasktui.ui.screens.modal import Modal
from tasktui.ui.text import joined, safe_line

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget


class MenuDialog(Modal[str]):
    """Ends with the id of a choice."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "erase", "Erase a character", show=False),
        Binding("ctrl+u", "clear", "Erase what was typed", show=False),
    ]

    typed: reactive[str] = reactive("", init=False)
    """What narrows the menu."""

    def __init__(self, title: str, choices: Sequence[Choice], chosen: str = "") -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._chosen = chosen
        self._shown = self._choices

    def heading(self) -> Content:
        """Say what is chosen."""
        return joined(self._title)

    def hint(self) -> Content:
        """Say how."""
        return joined(("enter", "bold"), " chooses · type to narrow")

    def body(self) -> Iterator[Widget]:
        """What was typed, and the choices that fit it."""
        yield Label()
        yield OptionList(compact=True)

    def on_mount(self) -> None:
        """Show all, and point at the one that holds."""
        self._show()

    def on_key(self, event: events.Key) -> None:
        """A number chooses while nothing is typed; anything else narrows the menu."""
        char = event.character or ""
        if not char.isprintable() or not char:
            return
        event.stop()
        if char in "123456789" and not self.typed:
            if int(char) <= len(self._shown):
                self.dismiss(self._shown[int(char) - 1].id)
        else:
            self.typed += char

    def watch_typed(self, typed: str) -> None:
        """Show what fits."""
        words = typed.casefold().split()
        self._shown = tuple(choice for choice in self._choices if _fits(choice, words))
        found = "" if self._shown else "   nothing fits"
        self.query_one(Label).update(joined(("/ ", "bold"), typed, (found, "italic")))
        self.set_class(bool(typed), "-narrowed")
        self._show()

    def action_erase(self) -> None:
        """Take a character back."""
        self.typed = self.typed[:-1]

    def action_clear(self) -> None:
        """Show all again."""
        self.typed = ""

    def _show(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        for at, choice in enumerate(self._shown, 1):
            options.add_option(Option(self._line(at, choice)))
        ids = [choice.id for choice in self._shown]
        options.highlighted = ids.index(self._chosen) if self._chosen in ids else (0 if ids else None)

    def _line(self, number: int, choice: Choice) -> Content:
        key = f"{number} " if number < 10 and not self.typed else "  "
        sign = "● " if choice.id == self._chosen else "  "
        hint = joined("  ", (choice.hint, "dim")) if choice.hint else safe_line("")
        return joined((key, "bold"), sign, choice.label, hint)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index].id)


def _fits(choice: Choice, words: Sequence[str]) -> bool:
    text = f"{choice.label} {choice.hint}".casefold()
    return all(word in text for word in words)
