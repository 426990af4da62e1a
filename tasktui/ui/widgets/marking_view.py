"""A window of rows of which some can be marked, so that an action goes to all of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual.reactive import var

from tasktui.domain.rows import TaskRow
from tasktui.ui.messages import TaskSelected, UndoOffered
from tasktui.ui.widgets.queue_view import QueueView


class MarkingView(QueueView):
    """Marks the row under the cursor, or those that it passes."""

    marking: var[bool] = var(False, toggle_class="-marking")
    """Whether moving the cursor marks what it passes."""

    def action_mark(self) -> None:
        """Mark or unmark the task and go on to the next one."""
        if self.row is not None:
            self.marks.toggle(self.row)
            self.action_list_down()
            self.repaint()

    def action_mark_range(self) -> None:
        """Begin to mark what the cursor passes, or stop."""
        self.marking = not self.marking
        if self.marking and self.row is not None:
            self.marks.add([self.row])
        self.repaint()

    def clear_marks(self) -> bool:
        """Unmark all; return whether anything was marked."""
        self.marking = False
        cleared = self.marks.clear()
        if cleared:
            self.remarked(cleared)
        return bool(cleared)

    def remarked(self, before: tuple[TaskRow, ...]) -> None:
        """Show the marks, and let the person have the ones before again."""
        number = len(self.marks)
        words = f"{number:,} marked" if number else f"{len(before):,} unmarked"
        self.post_message(UndoOffered(words, partial(self._mark_again, before)))
        self.post_message(TaskSelected(self.row))
        self.repaint()

    def _mark_again(self, rows: Iterable[TaskRow]) -> None:
        self.marks.clear()
        self.marks.add(rows)
        self.post_message(TaskSelected(self.row))
        self.repaint()
