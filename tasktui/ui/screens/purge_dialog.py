"""Asks before tasks are deleted for good: the person types how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from textual import on
from textual.widgets import Button, Input, Label, Static

from tasktui.ui.screens.modal import Modal
from tasktui.ui.task_words import look
from tasktui.ui.text import ELLIPSIS, joined

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget

    from tasktui.domain.rows import TaskRow

MOST_TITLES: Final = 4


class PurgeDialog(Modal[bool]):
    """Ends with True once the right number was typed."""

    AUTO_FOCUS = "Input"

    def __init__(self, rows: Sequence[TaskRow]) -> None:
        super().__init__()
        self._rows = tuple(rows)

    def heading(self) -> Content:
        """Say what and how many."""
        return joined(f"Delete {self._tasks} for good?")

    def body(self) -> Iterator[Widget]:
        """Which tasks, what goes with them, the number."""
        for row in self._rows[:MOST_TITLES]:
            yield Static(joined((f"{look(row).glyph} ", "bold"), (row.title, "bold")), classes="task")
        rest = len(self._rows) - MOST_TITLES
        if rest > 0:
            yield Static(joined(f"{ELLIPSIS} and {rest} more"), classes="aside")
        yield Static(joined(_what_goes(self._rows)), classes="apart")
        yield Label(joined("Type ", (f"{len(self._rows)}", "bold"), " to delete:"))
        number = Input(compact=True, restrict=r"\d*", max_length=9)
        number.cursor_blink = False
        yield number
        yield Label(joined(f"That is not {len(self._rows)}; nothing was deleted."), classes="wrong")

    def buttons(self) -> Iterator[Button]:
        """The safe one first; the other does nothing before the number stands there."""
        yield Button(joined("Keep ", ("esc", "bold")), id="keep", compact=True)
        yield Button(joined(f"Delete {self._tasks}"), id="delete", compact=True)

    @property
    def _tasks(self) -> str:
        return "1 task" if len(self._rows) == 1 else f"{len(self._rows)} tasks"

    @property
    def _right(self) -> bool:
        return self.query_one(Input).value.strip() == str(len(self._rows))

    @on(Input.Changed)
    def _typed(self) -> None:
        self.remove_class("-wrong")

    @on(Input.Submitted)
    @on(Button.Pressed, "#delete")
    def _delete(self) -> None:
        if self._right:
            self.dismiss(True)
        else:
            self.add_class("-wrong")

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.action_never_mind()


def _what_goes(rows: Sequence[TaskRow]) -> str:
    """How many of each outcome, and what goes with them."""
    ends = Counter(look(row).word for row in rows)
    counts = ", ".join(f"{number} {word}" for word, number in ends.items())
    files = sum(row.artifacts for row in rows)
    what = f"Timeline, output and {_files(files)}" if files else "Timeline and output"
    return f"{counts}. {what} are deleted, too. It cannot be undone."


def _files(number: int) -> str:
    return "1 artifact" if number == 1 else f"{number:,} artifacts"
