"""What the screens above the dashboard share: a headline, rows to choose from, keys below, `esc` back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList, Static

from tasktui.ui.host import keymap_of
from tasktui.ui.keymap import Context, bindings
from tasktui.ui.screens.leaving_once import LeavingOnce
from tasktui.ui.styles import sheets
from tasktui.ui.text import joined
from tasktui.ui.widgets.footer import Footer

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.content import Content
    from textual.widget import Widget
    from textual.widgets.option_list import Option


class Rows(OptionList, inherit_bindings=False):
    """Rows to choose from, by the keys of the table."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rows")]

    def replace(self, options: Iterable[Option], *, keep: str | None = None) -> None:
        """Show other rows; the cursor stays on the one with this id, or as near as can be."""
        before = self.highlighted or 0
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(options)
            ids = [option.id for option in self.options]
            if keep is not None and keep in ids:
                self.highlighted = ids.index(keep)
            elif ids:
                self.highlighted = min(before, len(ids) - 1)
                if self.options[self.highlighted].disabled:
                    self.action_cursor_down()

    @property
    def chosen(self) -> str | None:
        """The id of the row under the cursor."""
        return None if self.highlighted is None else self.options[self.highlighted].id


class View(LeavingOnce[None], inherit_bindings=False):
    """A screen above the dashboard. Without a manager it says so and stays."""

    CSS_PATH = sheets("views")
    AUTO_FOCUS = "Rows"
    NAME: ClassVar[str] = ""
    """What the headline calls it."""
    CONTEXTS: ClassVar[tuple[Context, ...]] = ("rows", "views", "everywhere")
    """Which keys hold."""

    @property
    def contexts(self) -> tuple[Context, ...]:
        """Which keys hold now."""
        return self.CONTEXTS

    @property
    def rows(self) -> Rows:
        """The rows."""
        return self.query_one(Rows)

    def compose(self) -> ComposeResult:
        """A headline, what the view shows, the keys."""
        yield Static(id="headline")
        yield from self.body()
        yield Footer(keymap_of(self), id="footer")

    def body(self) -> Iterable[Widget]:
        """Return what stands between headline and keys."""
        yield Rows()

    def on_mount(self) -> None:
        """Say where this is."""
        self.query_one("#footer", Footer).contexts = self.contexts
        self.say("")

    def say(self, words: str) -> None:
        """Show words beside the name of the view."""
        where: Content = joined((" tasktui ▸ ", "dim"), (self.NAME, "bold"), f"   {words}")
        self.query_one("#headline", Static).update(where)

    def connected(self) -> None:
        """The manager is there, perhaps another one: what reads once reads again."""

    def action_back(self) -> None:
        """Back to where the person came from."""
        self.dismiss()
