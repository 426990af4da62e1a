"""The filter line above the list: typed in the grammar of `tasktui ls`, applied while typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Label

from tasktui.domain.errors import FilterError
from tasktui.domain.filter import parse_filter
from tasktui.domain.query import Term
from tasktui.ui.host import host
from tasktui.ui.keymap import Context, bindings
from tasktui.ui.text import joined, safe_line, safe_str

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

REST_S: Final = 0.15
"""How long typing rests before the list is read anew."""


class FilterBar(Vertical):
    """An input, at its right how many tasks fit, and below it what is wrong with the filter."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("filter")]
    contexts: ClassVar[tuple[Context, ...]] = ("filter",)
    """Which keys hold."""

    shown: reactive[tuple[int, int] | None] = reactive(None)
    """How many tasks fit, of how many; None: not known."""
    wrong: reactive[bool] = reactive(False, toggle_class="-wrong")
    """Whether the filter cannot be read."""

    class Changed(Message):
        """Another filter holds; no terms: none."""

        def __init__(self, terms: tuple[Term, ...], text: str) -> None:
            super().__init__()
            self.terms = terms
            self.text = text

    class Left(Message):
        """The person goes back to the list."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rest: Timer | None = None
        self._applied = ""

    def compose(self) -> ComposeResult:
        """An input between a slash and the count; the error points at its column."""
        with Horizontal():
            yield Label(safe_line("/"), id="filter-slash")
            yield Input(placeholder="status:active kind:agent age<2h word", id="filter-text", compact=True)
            yield Label(id="filter-count")
        yield Label(id="filter-error")

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one("#filter-text", Input).value

    def open(self) -> None:
        """Let the person type."""
        self.query_one("#filter-text", Input).focus()

    def put(self, text: str) -> None:
        """Apply a filter that was chosen elsewhere; what is in it is ours."""
        self.query_one("#filter-text", Input).value = safe_str(text)
        self._apply()

    def action_filter_clear(self) -> None:
        """Show all tasks again."""
        self.query_one("#filter-text", Input).value = ""
        self._apply()
        self.post_message(self.Left())

    def action_filter_keep(self) -> None:
        """Go to the list."""
        self._apply()
        self.post_message(self.Left())

    def watch_shown(self, shown: tuple[int, int] | None) -> None:
        """Say how many fit."""
        if shown is not None and not self.wrong:
            fit, total = shown
            self.query_one("#filter-count", Label).update(joined(f"{fit:,} of {total:,}"))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._apply)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_filter_keep()

    def _apply(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        text = self.text
        try:
            terms = parse_filter(text, now=host(self).now(), saved=host(self).filters)
        except FilterError as error:
            self.wrong = True
            self._point_at(error)
            return
        self.wrong = False
        if text != self._applied:
            self._applied = text
            self.post_message(self.Changed(terms, text))

    def _point_at(self, error: FilterError) -> None:
        pointer = " " * (error.column + 1) + "^"
        self.query_one("#filter-error", Label).update(joined(pointer, error.message, separator="\n"))
