"""Asks before everything is stopped, and names what ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from tasktui.ui.keymap import BY_ID
from tasktui.ui.screens.modal import Ending
from tasktui.ui.task_words import look
from tasktui.ui.text import ELLIPSIS, joined

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget

    from tasktui.domain.rows import TaskRow

MOST_TITLES: Final = 8


class StopDialog(Ending[bool]):
    """Ends with True; the key that opened it confirms it."""

    AUTO_FOCUS = "#keep"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(BY_ID["owner.stop"].keys, "stop", "Stop everything", id="owner.stop", show=False),
        Binding(BY_ID["quit"].keys, "never_mind", "Keep them", id="quit", show=False),
    ]

    def __init__(self, rows: Sequence[TaskRow]) -> None:
        super().__init__()
        self._rows = tuple(rows)

    def heading(self) -> Content:
        """Say how much it is."""
        return joined("Stop everything and leave?")

    def hint(self) -> Content:
        """Say what confirms."""
        return joined(
            (self.key("owner.stop"), "bold"), " stops everything · ", (self.key("back"), "bold"), " keeps it"
        )

    def body(self) -> Iterator[Widget]:
        """What ends, and how."""
        if not self._rows:
            yield Static(joined("Nothing is queued or running."), classes="task")
        for row in self._rows[:MOST_TITLES]:
            shown = look(row)
            words = joined((f"{shown.glyph} ", "bold"), (row.title, "bold"), (f"  {shown.word}", "dim"))
            yield Static(words, classes="task")
        rest = len(self._rows) - MOST_TITLES
        if rest > 0:
            yield Static(joined(f"{ELLIPSIS} and {rest:,} more"), classes="aside")
        if self._rows:
            yield Static(
                joined("They are asked to stop, then killed. What they wrote stays."), classes="apart"
            )

    def buttons(self) -> Iterator[Button]:
        """The safe one first."""
        number = len(self._rows)
        tasks = "" if not number else " 1 task" if number == 1 else f" {number:,} tasks"
        yield Button(joined("Keep ", ("esc", "bold")), id="keep", compact=True)
        yield Button(joined(f"Stop{tasks} ", (self.key("owner.stop"), "bold")), id="stop", compact=True)

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.action_never_mind()

    @on(Button.Pressed, "#stop")
    def action_stop(self) -> None:
        """Stop."""
        self.dismiss(True)
