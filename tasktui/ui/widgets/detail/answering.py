"""How the question that a task waits with is answered from its pane: by keys, by number, in the dialog."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Vertical
from textual.reactive import reactive
from textual.worker import WorkerCancelled

from tasktui.domain.errors import TasktuiError
from tasktui.domain.status import Attention
from tasktui.ui.deciding import Deciding, Decision, Scope
from tasktui.ui.host import host, key_of
from tasktui.ui.messages import AnswerRequested
from tasktui.ui.text import safe_str
from tasktui.ui.widgets.detail.asking import options_of
from tasktui.ui.widgets.detail.request_bar import RequestBar
from tasktui.ui.widgets.detail.tabs import NAMES

if TYPE_CHECKING:
    from tasktui.domain.records import RequestRow
    from tasktui.domain.rows import TaskRow


class Answering(Deciding, Vertical):
    """A pane of one task that has a `RequestBar`."""

    row: reactive[TaskRow | None] = reactive["TaskRow | None"](None)
    """The task as it stands."""
    _task_id: str | None = None
    _unread = False
    """Whether what waits could not be read."""

    @work(group="ask", exclusive=True)
    async def learn_question(self, row: TaskRow | None) -> None:
        """Show the question that waits, the oldest first."""
        manager, bar = host(self).manager, self.query_one(RequestBar)
        if row is None or bar.asked is None or bar.asked.task_id != row.id:
            bar.asked = None
        if manager is None or row is None or waits_for(row) is None:
            bar.asked = None
            return
        try:
            detail = await manager.detail(row.id)
        except TasktuiError:
            bar.asked = None  # better none than one that may have been settled
            self._unread = True
            return
        waiting = [asked for asked in detail.requests if asked.state == "waiting"]
        if row.id == self._task_id:
            bar.others = max(0, len(waiting) - 1)
            bar.asked = waiting[0] if waiting else None

    def learn_what_is_unread(self) -> None:
        """Read what waits where it could not be read."""
        unread, self._unread = self._unread, False
        if unread:
            self.learn_question(self.row)

    @property
    def _shown(self) -> RequestRow | None:
        """The question that the person sees; never that of another task, whose number may be the same."""
        asked = self.query_one(RequestBar).asked
        return asked if asked is not None and self.row is not None and asked.task_id == self.row.id else None

    @work(group="dialog", exclusive=True)
    async def ask(self, *, denying: bool = False) -> None:
        """Show all that is known about the question that waits, unless the person has gone elsewhere."""
        from tasktui.ui.screens.answer_dialog import AnswerDialog

        wanted, learned, at = self.row, self._shown is not None, self.screen.focused
        while not learned and self._is_about(wanted):
            # the task changed meanwhile, and what asks for its sake took the place of this
            with suppress(WorkerCancelled):
                await self.learn_question(self.row).wait()
                learned = True
        if at is not None and self.screen.focused not in (at, None):  # somebody types to it meanwhile
            return
        if self.row is not None and self._is_about(wanted) and (asked := self._shown) is not None:
            await self.app.push_screen(AnswerDialog(self.row, asked, denying=denying))

    def _is_about(self, row: TaskRow | None) -> bool:
        """Whether this is seen, and shows the same task as then."""
        return row is not None and self.row is not None and self.row.id == row.id and self.screen.is_active

    def take_option(self, number: int) -> None:
        """Answer the question that is shown with the option of this number, from 1."""
        asked = self._shown
        options = options_of(asked) if asked is not None and asked.kind != "approval" else []
        if self.row is not None and asked is not None and 1 <= number <= len(options):
            answer = options[number - 1]
            self.post_message(AnswerRequested(self.row.id, asked.request_id, "answer", answer))
        elif options:
            self.notify(f"No question waits here that has an answer {number}.", severity="warning")
        else:
            # not at once: a question that comes in this moment would be answered by who wanted a tab
            there = f"{key_of(self, 'task.open')} then {key_of(self, f'tab.{number}')}"
            self.notify(safe_str(f"No question waits here. {there} shows {NAMES[number - 1]}."), markup=False)

    def decide(self, decision: Decision, scope: Scope) -> None:
        """Decide the approval that is shown; open the dialog of a question."""
        asked = self._shown
        if asked is None or self.row is None:
            self.notify("No question waits here.", severity="warning")
        elif asked.kind == "approval":
            self.post_message(AnswerRequested(self.row.id, asked.request_id, decision, scope=scope))
        else:
            self.ask()


def question_of(row: TaskRow | None) -> tuple[str, str] | None:
    """Return which question of which task waits: two tasks may number theirs alike."""
    waits = waits_for(row)
    return (row.id, waits) if row is not None and waits is not None else None


def waits_for(row: TaskRow | None) -> str | None:
    """Return what a task waits for somebody with."""
    if row is None or row.attention is Attention.NONE:
        return None
    return row.attention_id or row.attention.value
