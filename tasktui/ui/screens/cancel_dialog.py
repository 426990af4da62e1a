"""Asks how to cancel: shows what will happen to which tasks; the safe button has the focus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from tasktui.domain.status import ACTIVE
from tasktui.ui.dialogs import Ladder
from tasktui.ui.host import host
from tasktui.ui.keymap import BY_ID
from tasktui.ui.ladder import kills, ladder
from tasktui.ui.screens.modal import Ending
from tasktui.ui.task_words import age, look
from tasktui.ui.text import ELLIPSIS, fit, joined

if TYPE_CHECKING:
    from textual.content import Content

    from tasktui.domain.rows import TaskRow

MOST_TITLES: Final = 5
"""Of a bulk cancel, shown one by one."""


class CancelDialog(Ending[Ladder]):
    """Keep, cancel, or kill; the key that opened it confirms it."""

    AUTO_FOCUS = "#keep"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(BY_ID["task.cancel"].keys, "answer('ask')", "Cancel", id="task.cancel", show=False),
        Binding(BY_ID["task.kill"].keys, "answer('force')", "Kill", id="task.kill", show=False),
        Binding("y", "confirm", "Yes", show=False),
        Binding("n", "never_mind", "No", show=False),
    ]

    def __init__(self, rows: Sequence[TaskRow], force: bool = False) -> None:
        super().__init__()
        self._rows = tuple(rows)
        self._force = force

    def heading(self) -> Content:
        """Say what and how many."""
        word = "Kill" if kills(self._rows, force=self._force) else "Cancel"
        count = len(self._rows)
        return joined(f"{word} {'this task' if count == 1 else f'{count} tasks'}?")

    def body(self) -> Iterator[Static]:
        """Which tasks, what happens to them, what stays."""
        for row in self._rows[:MOST_TITLES]:
            yield Static(self._line(row), classes="task")
        if len(self._rows) == 1:
            yield Static(joined(_facts(self._rows[0])), classes="aside")
        rest = len(self._rows) - MOST_TITLES
        if rest > 0:
            yield Static(joined(f"{ELLIPSIS} and {rest} more"), classes="aside")
        rungs = ladder(self._rows, force=self._force)
        width = max(len(rung.who) for rung in rungs)
        lines = [joined((fit(rung.who, width), "bold"), "  ", rung.what) for rung in rungs]
        yield Static(joined(*lines, separator="\n"), classes="apart")
        if self._any_runs:
            yield Static(joined("Output, timeline and artifacts so far are kept."), classes="aside")

    def buttons(self) -> Iterator[Button]:
        """The safe one first."""
        yield self._button("Keep", "n", "keep")
        if not self._force or not self._any_runs:
            yield self._button("Cancel", self.key("task.cancel"), "ask")
        if self._any_runs:
            yield self._button("Kill now", self.key("task.kill"), "force")

    @property
    def _any_runs(self) -> bool:
        return any(row.status in ACTIVE for row in self._rows)

    def _button(self, word: str, key: str, name: str) -> Button:
        return Button(joined(word, "  ", (key, "bold")), id=name, compact=True)

    def _line(self, row: TaskRow) -> Content:
        shown = look(row)
        state = f"  {shown.word} {age(row, host(self).now())}"
        return joined((f"{shown.glyph} ", "bold"), (row.title, "bold"), state)

    def action_confirm(self) -> None:
        """Do what the heading asks."""
        self.action_answer("force" if self._force else "ask")

    def action_answer(self, how: Ladder) -> None:
        """End with this."""
        self.dismiss(how)

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.action_never_mind()

    @on(Button.Pressed, "#ask")
    def _ask(self) -> None:
        self.action_answer("ask")

    @on(Button.Pressed, "#force")
    def _kill(self) -> None:
        self.action_answer("force")


def _facts(row: TaskRow) -> str:
    amounts = ((row.tool_calls, "tool call"), (row.artifacts, "artifact"), (row.interventions, "message"))
    counted = [f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in amounts if count]
    return "  " + " · ".join((row.kind.value, f"lane {row.lane}", *counted))
