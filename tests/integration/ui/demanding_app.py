"""A Textual app that is hard on a driver; run as a program with the driver's name as its argument."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import DataTable, Footer, Header, Input, Label, Static, TabbedContent, TabPane, Tree

from tasktui.ui.driver.choose import driver_class
from tasktui.ui.driver.hangup import on_hangup
from tasktui.ui.text import safe, safe_text, strip

WIDE = [
    "日本語テキスト",
    "plain",
    "e\u0301a\u0300 combining",
    "🧵 emoji 🎉",
    "한국어",
    "─│┌ box",
    "naïve café",
]
OUTSIDE_OUR_VOCABULARY = "\x1bPq#0;2;0;0;0~-\x1b\\"


class Gutter(Widget, can_focus=True):
    """A list that marks its cursor in column 0, so that a key changes two cells."""

    cursor = 0

    def render_line(self, y: int) -> Strip:
        mark = ">" if y == self.cursor else " "
        text = f"{mark} row {y:03} {WIDE[y % len(WIDE)]}"
        link = Style(link=f"https://example.org/{y}") if y % 5 == 0 else None
        return strip([(text, link)], self.size.width, self.rich_style)

    def move(self, step: int) -> None:
        before, self.cursor = self.cursor, max(0, self.cursor + step)
        for y in (before, self.cursor):
            self.refresh(self.content_region.at_offset((0, 0)).crop_size((1, 1)).translate((0, y)))


class Question(ModalScreen[None]):
    """A dialog whose edges cut wide characters."""

    DEFAULT_CSS = (
        "Question { align: center middle; } Question Vertical { width: 31; height: 7; border: round red; }"
    )
    BINDINGS: ClassVar = [Binding("escape", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(safe("続けますか? [y/n]"))
            yield Input(value="日本 input")


class Image(Widget):
    """A widget that draws a sixel, which no model of cells understands."""

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return Strip([Segment(OUTSIDE_OUR_VOCABULARY, None, [(0,)]), Segment(" " * self.size.width)])
        return Strip.blank(self.size.width)


class DemandingApp(App[None]):
    """Tables, trees, tabs, dialogs and wide text, driven by keys."""

    CSS = "Gutter { width: 1fr; } #right { width: 2fr; } #log { height: 5; } Image { height: 2; }"
    BINDINGS: ClassVar = [
        Binding("q", "quit", "Quit", priority=True),
        Binding("m", "question", "Ask"),
        Binding("c", "copy", "Copy"),
        Binding("n", "toast", "Toast"),
        Binding("i", "image", "Image"),
        Binding("r", "redraw", "Redraw"),
        Binding("down", "down", "Down", priority=True),
        Binding("t", "theme", "Theme"),
    ]

    def compose(self) -> ComposeResult:
        yield Header()
        with Horizontal():
            yield Gutter()
            with Vertical(id="right"), TabbedContent():
                with TabPane(safe("表 table")):
                    yield DataTable()
                with TabPane(safe("tree")):
                    yield Tree("root")
        yield Static(safe("count 0"), id="log")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("id", "テキスト", "state")
        for index in range(60):
            table.add_row(str(index), safe_text(WIDE[index % len(WIDE)]), safe_text("running", "bold green"))
        tree = self.query_one(Tree)
        for word in WIDE:
            tree.root.add_leaf(safe_text(word))
        self.query_one(Gutter).focus()
        on_hangup(self.exit)

    def action_down(self) -> None:
        gutter = self.query_one(Gutter)
        gutter.move(1)
        self.query_one("#log", Static).update(safe(f"count {gutter.cursor}\n進捗 {'█' * gutter.cursor}"))

    def action_question(self) -> None:
        self.push_screen(Question())

    def action_copy(self) -> None:
        self.copy_to_clipboard("copied 日本")

    def action_toast(self) -> None:
        self.notify("toast 日本 [red]", markup=False, timeout=60)

    def action_image(self) -> None:
        self.mount(Image(), before="#log")

    def action_theme(self) -> None:
        self.theme = "textual-light" if self.theme == "textual-dark" else "textual-dark"

    def action_redraw(self) -> None:
        redraw = getattr(self._driver, "redraw", None)
        if redraw:
            redraw()


def main(driver: str) -> None:
    """Run the app, and after a hangup go on without a screen."""
    DemandingApp(driver_class=driver_class("stock" if driver == "stock" else "diff")).run()
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text("the process lived on", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
