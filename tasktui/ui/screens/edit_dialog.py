"""Asks what a task that waits is to do instead, and how; ends with the changed `TaskSpec`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Button

from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tasktui.ui.text import cut, joined
from tasktui.ui.widgets.form_field import Tick

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget

    from tasktui.ui.task_form import Draft


class EditDialog(NewTaskDialog):
    """The form of a task that waits; what makes it the one it is stands in no field."""

    SAME: ClassVar[bool] = True
    REFUSED: ClassVar[str] = "Not changed"

    def heading(self) -> Content:
        """Say that it changes."""
        return joined(f"Change: {cut(self._again.title, 48) if self._again else ''}")

    def hint(self) -> Content:
        """Say what ends it."""
        return joined(("^j", "bold"), " changes it · ", (self.key("back"), "bold"), " never mind")

    def _ways(self, shown: Draft) -> Iterator[Tick]:
        return (tick for tick in super()._ways(shown) if tick.id == "shell" and not shown.python)

    def _waiting(self, shown: Draft) -> Iterator[Widget]:
        """Its key, its recurrence and its environment stay."""
        yield self._pair(
            self._field("retries", "Retries", shown.retries), self._field("after", "After", shown.after)
        )

    def buttons(self) -> Iterator[Button]:
        """The one that does it comes first, after the last field."""
        yield Button(joined("Change  ", ("^j", "bold")), id="submit", compact=True)
        yield Button(joined("Never mind"), id="never-mind", compact=True)
