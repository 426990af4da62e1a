"""Textual's own widgets, fed with hostile text through ui/text.py; `n` shows the next payload.

Run as a program with the driver's name as its argument.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.filter import LineFilter
from textual.widgets import (
    Button,
    Checkbox,
    Collapsible,
    DataTable,
    Header,
    Input,
    Label,
    ListItem,
    ListView,
    OptionList,
    RadioButton,
    Select,
    Static,
    Tab,
    Tabs,
    TextArea,
    Tree,
)
from textual.widgets.option_list import Option

from tasktui.ui.driver.choose import driver_class
from tasktui.ui.linefilter import SafeFilter
from tasktui.ui.text import joined, safe, safe_line, safe_str, safe_text
from tests.faults.corpus import LONG_LINE, PAYLOADS

TEXTS = [*PAYLOADS.values(), LONG_LINE]


class Wall(VerticalScroll):
    """Every standard widget that shows text, with one payload."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        text = self._text
        yield Static(safe(text), classes="short")
        yield Label(safe_line(text, "bold"))
        yield Label(joined("a", (text, "italic"), separator=" "))
        yield DataTable()
        yield Tree(safe_text(text))
        yield OptionList(Option(safe_line(text)))
        yield ListView(ListItem(Label(safe_line(text))))
        yield Select([(safe_line(text), 1)], value=1, prompt=safe_str(text))
        yield Tabs(Tab(safe_line(text)))
        yield Input(value=safe_str(text), placeholder=safe_str(text))
        yield TextArea(safe(text).plain, placeholder=safe_line(text))
        yield Button(safe_line(text))
        yield Checkbox(safe_line(text))
        yield RadioButton(safe_line(text))
        yield Collapsible(Label(safe_line(text)), title=safe_line(text))

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns(safe_text(self._text), safe_text(self._text, "bold"))
        table.add_row(safe_text(self._text), safe_text(self._text, "bold"))
        self.query_one(Tree).root.add_leaf(safe_text(self._text)).tree.root.expand()
        titled = self.query_one(Static)
        titled.border_title = safe_line(self._text)
        titled.border_subtitle = safe_line(self._text)
        titled.tooltip = safe(self._text)


class Gallery(App[None]):
    """Shows one payload at a time in all widgets."""

    CSS = ".short { height: 4; border: round red; } Wall > * { height: auto; max-height: 4; min-height: 1; }"
    BINDINGS: ClassVar = [
        Binding("f2", "following", "Next", priority=True),
        Binding("f3", "quit", "Quit", priority=True),
    ]
    index = -1
    attacked = False

    def compose(self) -> ComposeResult:
        yield Header()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), SafeFilter()]

    async def action_following(self) -> None:
        self.index += 1
        await self.show(TEXTS[self.index])
        self.title = f"payload {self.index}"

    async def show(self, text: str) -> None:
        await self.query(Wall).remove()
        self.clear_notifications()
        await self.mount(Wall(text))
        self.sub_title = safe_str(text, limit=40)
        self.notify(safe_str(text, limit=200), title=safe_str(text, limit=40), markup=False)

    def action_attacked(self) -> None:
        self.attacked = True


if __name__ == "__main__":
    Gallery(driver_class=driver_class("stock" if sys.argv[1] == "stock" else "diff")).run()
