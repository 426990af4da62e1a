"""The fields of the form that few tasks need, behind a box that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.containers import Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input

from tasktui.ui.text import joined, safe_str
from tasktui.ui.widgets.form_field import FormField, Tick

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tasktui.ui.task_form import Draft

FIELDS: Final = {
    "begin": ("Not before", "at once, or 22:30", ()),
    "waits": ("Give up", "never, or after waiting 2h", ()),
    "parents": ("On failure", "of one before it: fail, or hold", ("fail", "hold")),
    "conflict": ("Key taken", "raise, queue, return, cancel", ("raise", "queue", "return", "cancel")),
    "full": ("Lane full", "queue, or reject", ("queue", "reject")),
}
"""Label, what an empty field means, and the words that can be typed."""


class RareFields(Vertical):
    """Shown when its box is ticked, or when a task says something of it already."""

    def __init__(self, shown: Draft, *, changing: bool = False) -> None:
        """Make the fields.

        Args:
            shown: what stands in them at first.
            changing: whether a task that waits is changed: what was decided when it was queued has no field.
        """
        super().__init__(id="rare-fields")
        self._values: dict[str, str] = {name: getattr(shown, name) for name in FIELDS}
        if changing:
            del self._values["conflict"], self._values["full"]

    def compose(self) -> ComposeResult:
        """The box, then the fields."""
        said = any(self._values.values())
        yield Tick(joined("more: when it begins, what else decides"), said, id="more", compact=True)
        with Vertical(id="rare") as rare:
            rare.display = said
            for name, value in self._values.items():
                label, placeholder, words = FIELDS[name]
                entry = Input(
                    safe_str(value), compact=True, placeholder=placeholder, select_on_focus=False,
                    suggester=SuggestFromList(words) if words else None,
                )  # fmt: skip
                yield FormField(name, label, entry)

    @on(Tick.Changed, "#more")
    def _more(self, event: Tick.Changed) -> None:
        event.stop()
        self.query_one("#rare").display = event.value
