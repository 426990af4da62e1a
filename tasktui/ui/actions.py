"""What the keys of the contexts `act` and `answer` do, each for all chosen tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import work

from tasktui.domain.status import Attention
from tasktui.ui.dialogs import CANCEL, MENU, NEW_TASK, PURGE, NewTask
from tasktui.ui.eligible import fitting, why_not
from tasktui.ui.faults import is_built
from tasktui.ui.messages import (
    AnswerRequested,
    ArchiveRequested,
    CancelRequested,
    PurgeRequested,
    Request,
    RetryRequested,
    SubmitRequested,
    TalkWanted,
)
from tasktui.ui.placing import Placing
from tasktui.ui.yank import CHOICES, copied

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow
    from tasktui.domain.spec import TaskSpec
    from tasktui.ui.dialogs import Dialog


class TaskActions(Placing, inherit_bindings=False):
    """Actions on tasks. They ask what has to be asked and post a request."""

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The tasks to which an action goes, as the screen has them chosen; none while it is being built."""
        if not is_built(self.screen):
            return ()
        chosen: tuple[TaskRow, ...] = getattr(self.screen, "targets", ())
        return chosen

    def chosen(self, action: str) -> tuple[TaskRow, ...]:
        """Return the chosen tasks that the action fits; say why there is none."""
        rows = fitting(action, self.targets)
        if self.targets and not rows:
            self.tell(why_not(action, self.targets), failed=True)
        return rows

    def request(self, action: str, make: Callable[[tuple[str, ...]], Request]) -> None:
        """Request something for the chosen tasks that it fits."""
        rows = self.chosen(action)
        if rows:
            self.post_message(make(tuple(row.id for row in rows)))

    @work(exclusive=True, group="dialog")
    async def action_task_cancel(self) -> None:
        """Ask how, then cancel."""
        await self._cancel("task.cancel", force=False)

    @work(exclusive=True, group="dialog")
    async def action_task_kill(self) -> None:
        """Ask whether, then kill."""
        await self._cancel("task.kill", force=True)

    async def _cancel(self, action: str, *, force: bool) -> None:
        rows = self.chosen(action)
        answer = await CANCEL.ask(self, rows, force) if rows else None
        if answer is not None:
            self.post_message(CancelRequested(tuple(row.id for row in rows), force=answer == "force"))

    def action_task_retry(self) -> None:
        """Run finished tasks again."""
        self.request("task.retry", RetryRequested)

    def action_task_archive(self) -> None:
        """Hide finished tasks."""
        self.request("task.archive", ArchiveRequested)

    @work(exclusive=True, group="dialog")
    async def action_task_purge(self) -> None:
        """Ask for the number of tasks, then delete them."""
        rows = self.chosen("task.purge")
        if rows and await PURGE.ask(self, rows):
            self.post_message(PurgeRequested(tuple(row.id for row in rows)))

    @work(exclusive=True, group="dialog")
    async def action_task_new(self) -> None:
        """Ask what to run, and run it."""
        if await self.placed(self.targets[0].host if self.targets else ""):
            wanted = await NEW_TASK.ask(self, None)
            self.submit_wanted(NEW_TASK, wanted, None, self._submission())

    @work(exclusive=True, group="dialog")
    async def action_task_again(self) -> None:
        """Run another one like this."""
        rows = self.targets[:1]
        if rows and await self.at_machine(rows[0].host):
            await self.ask_again(NEW_TASK, rows, self._submission())

    def _submission(self) -> Callable[[NewTask], Request]:
        """Return what makes the request: for the machine of this moment, whichever a later form is about."""
        machine = self.machine
        return lambda wanted: SubmitRequested(wanted.spec, wanted.env, machine)

    @work(exclusive=True, group="dialog")
    async def action_task_retry_edit(self) -> None:
        """Run a finished task again with changes."""
        rows = self.chosen("task.retry_edit")[:1]
        await self.ask_again(
            NEW_TASK, rows, lambda wanted: RetryRequested((rows[0].id,), wanted.spec, wanted.env)
        )

    async def ask_again(
        self, form: Dialog[NewTask], rows: Sequence[TaskRow], make: Callable[[NewTask], Request]
    ) -> None:
        """Let the person change what the first of the tasks was asked for, and request that."""
        for row in rows:
            stays = self.stays()
            if self.manager is None or not await self.at_machine(row.host):
                return
            with self.telling():
                like = (await self.manager.get(row.id)).spec
                if stays():
                    self.submit_wanted(form, await form.ask(self, like), like, make)

    @work(group="requests")
    async def submit_wanted(
        self,
        form: Dialog[NewTask],
        wanted: NewTask | None,
        like: TaskSpec | None,
        make: Callable[[NewTask], Request],
    ) -> None:
        """Request it; while it is refused, show the form again as it was filled in, and why."""
        while wanted is not None:
            error = await self.carried(make(wanted))
            if error is None:
                return
            wanted = await form.ask(self, like, wanted, error)

    @work(exclusive=True, group="dialog")
    async def action_task_yank(self) -> None:
        """Ask what to copy, and copy it."""
        rows = self.targets[:1]
        what = await MENU.ask(self, "Copy", CHOICES, "id") if rows else None
        if what is not None and self.manager is not None:
            with self.telling():
                self.post_message(await copied(what, rows[0], self.manager))

    def action_intervene(self) -> None:
        """Let the person write to the task."""
        for row in self.chosen("intervene")[:1]:
            self.screen.post_message(TalkWanted(row, "message"))

    def action_approve(self) -> None:
        """Allow once; a question is answered in words instead."""
        for row in self.chosen("approve")[:1]:
            if row.attention is Attention.INPUT:
                self.screen.post_message(TalkWanted(row, "answer"))
            else:
                self.post_message(AnswerRequested(row.id, row.attention_id, "allow"))

    def action_approve_always(self) -> None:
        """Allow for the rest of the task."""
        for row in self.chosen("approve.always")[:1]:
            self.post_message(AnswerRequested(row.id, row.attention_id, "allow", scope="task"))

    def action_deny(self) -> None:
        """Deny."""
        for row in self.chosen("deny")[:1]:
            self.post_message(AnswerRequested(row.id, row.attention_id, "deny"))

    def action_deny_reason(self) -> None:
        """Ask why, and deny."""
        for row in self.chosen("deny.reason")[:1]:
            self.screen.post_message(TalkWanted(row, "deny"))
