"""The calls of system 000 over any manager; a task is found by its client and request."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from tasktui.compat.reading import all_rows
from tasktui.compat.soul.admission import admitted
from tasktui.compat.soul.errors import SessionNotFoundError, TaskNotFoundError, TaskNotRunningError
from tasktui.compat.soul.finding import KEPT, OURS, find, find_by_session, running, waiting
from tasktui.compat.soul.reporting import Reporting, attachments_of, outcome_of
from tasktui.compat.soul.tasks import Request, Task, key_of, task_of
from tasktui.domain.errors import NotRunningError, StateError
from tasktui.domain.events.lifecycle import TaskLinked
from tasktui.domain.events.people import InterventionDelivered
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.requests import Message
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status

BY: Final = "soul"
HOUR_S: Final = 3_600

log = logging.getLogger(__name__)


class Calls:
    """The methods of 000's task manager that ask and change nothing but the manager."""

    def __init__(
        self,
        ready: Callable[[], Awaitable[Manager]],
        *,
        session_timeout_s: float | None = None,
        outlives: bool = False,
    ) -> None:
        """Take how to get the manager.

        Args:
            ready: returns the manager.
            session_timeout_s: after which a task that was created here is ended.
            outlives: whether the work goes on when the manager's process ends.
        """
        self._ready = ready
        self._timeout_s = session_timeout_s
        self._outlives = outlives
        self._reporting: dict[str, Reporting] = {}

    async def create_task(  # noqa: PLR0913, PLR0917  # the system's own signature
        self,
        client_id: str,
        request_id: str,
        prompt: str,
        resume_session_id: str | None = None,
        allowed_tools: Sequence[str] | None = None,
        disallowed_tools: Sequence[str] | None = None,
        use_mcp: bool = True,
        attachment_paths: Sequence[str] | None = None,
    ) -> Task:
        """Begin a task, which runs from now on; its caller does the work.

        Raises:
            TaskConflictError: a task of this client and request runs.
        """
        paths = tuple(attachment_paths or ())
        asked = Request(
            client_id, request_id, prompt, resume_session_id, allowed_tools, disallowed_tools, use_mcp, paths
        )
        return await self.create(asked)

    async def create(self, request: Request, *, at_once: int | None = None) -> Task:
        """Begin a task.

        Args:
            request: what is asked for.
            at_once: how many that were created with this limit may run together.

        Raises:
            TaskConflictError: a task of this client and request runs.
            CapacityError: as many run as may.
        """
        manager = await self._ready()
        spec = request.spec(timeout_s=self._timeout_s, outlives=self._outlives)
        return await task_of(manager, (await admitted(manager, request, spec, at_once)).row)

    async def get_task(self, client_id: str, request_id: str) -> Task | None:
        """Return a task, or None; one that was acked is there no longer."""
        manager = await self._ready()
        row = await find(manager, client_id, request_id)
        return None if row is None else await task_of(manager, row)

    async def get_tasks_by_client(self, client_id: str) -> list[Task]:
        """Return a client's tasks that it has not acked, the oldest first."""
        manager = await self._ready()
        query = TaskQuery(terms=(Term("client", "is", (client_id,)), OURS, KEPT), reverse=True)
        return [await task_of(manager, row) for row in await all_rows(manager, query)]

    # --- the end

    async def complete_task(
        self, client_id: str, request_id: str, result: str, claude_session_id: str | None = None
    ) -> Task | None:
        """Complete a task; the first end holds. None when there is no such task."""
        outcome = Outcome(Status.COMPLETED, Reason.COMPLETED, "its caller said so", "caller", result=result)
        return await self._end(client_id, request_id, outcome, claude_session_id)

    async def error_task(self, client_id: str, request_id: str, error: str) -> Task | None:
        """End a task in error; the first end holds. None when there is no such task."""
        outcome = Outcome(Status.FAILED, Reason.ERROR, "its caller said so", "caller", error=error)
        return await self._end(client_id, request_id, outcome)

    async def _end(
        self, client_id: str, request_id: str, outcome: Outcome, session_id: str | None = None
    ) -> Task | None:
        manager = await self._ready()
        row = await find(manager, client_id, request_id)
        if row is None:
            log.warning("no task to end: %s", key_of(client_id, request_id))
            return None
        await self.finish(row.id, outcome, session_id)
        return await task_of(manager, row)

    async def finish(self, task_id: str, outcome: Outcome, session_id: str | None = None) -> None:
        """End a run; nothing happens to one that has ended."""
        manager = await self._ready()
        reporting = self._reporting.pop(task_id, Reporting())
        if session_id in {None, reporting.session_id, (await manager.get(task_id)).row.session_id}:
            link: tuple[TaskLinked, ...] = ()
        else:
            link = (TaskLinked(session_id=session_id),)
        try:
            for fact in (*reporting.rest(), *link):
                await manager.report(task_id, fact)
            await manager.finish(task_id, outcome)
        except NotRunningError as exc:
            log.warning("an end came too late: %s", exc.message)

    async def take(self, task_id: str, event: Mapping[str, Any]) -> bool:
        """Take what a runner tells, but nothing after its end; return whether this was the end."""
        manager = await self._ready()
        outcome = outcome_of(event)
        reporting = self._reporting.setdefault(task_id, Reporting())
        try:
            for fact in (*reporting.facts(event), *attachments_of(event)):
                await manager.report(task_id, fact)
        except NotRunningError:
            self._reporting.pop(task_id, None)
            return outcome is not None
        if outcome is not None:
            await self.finish(task_id, outcome, event.get("claude_session_id"))
        return outcome is not None

    # --- delivery

    async def mark_delivered(self, client_id: str, request_id: str) -> bool:
        """Note that a result arrived; False when there is no task, or no result yet."""
        manager = await self._ready()
        row = await find(manager, client_id, request_id)
        if row is None or row.finished_at is None:
            return False
        await manager.mark_delivered(row.id, by=client_id)
        return True

    async def ack_task(self, client_id: str, request_id: str) -> bool:
        """Take the receipt of a result, which is then there no longer for 000; False without a task.

        Raises:
            StateError: the task runs, and its result is yet to come.
        """
        manager = await self._ready()
        row = await find(manager, client_id, request_id)
        if row is None:
            return False
        await manager.ack(row.id, by=client_id)
        return True

    # --- messages from people

    async def add_intervention(
        self,
        client_id: str,
        request_id: str,
        text: str,
        user: str,
        attachment_paths: Sequence[str] | None = None,
    ) -> int:
        """Queue a message for a running task; return its place in the queue.

        Raises:
            TaskNotFoundError: there is no such task.
            TaskNotRunningError: it has ended.
        """
        manager = await self._ready()
        row = await find(manager, client_id, request_id)
        if row is None:
            raise TaskNotFoundError(f"Task not found: {key_of(client_id, request_id)}")
        return await _queue(manager, row, Message(text, user, "queue", tuple(attachment_paths or ())))

    async def add_intervention_by_session(
        self, session_id: str, text: str, user: str, attachment_paths: Sequence[str] | None = None
    ) -> int:
        """As `add_intervention`, for the task of a session."""
        manager = await self._ready()
        row = await find_by_session(manager, session_id)
        if row is None:
            raise SessionNotFoundError(f"No task found for session: {session_id}")
        return await _queue(manager, row, Message(text, user, "queue", tuple(attachment_paths or ())))

    async def get_intervention(self, client_id: str, request_id: str) -> dict[str, Any] | None:
        """Take the oldest message that waits, without waiting; of several callers one gets it."""
        manager = await self._ready()
        row = await find(manager, client_id, request_id)
        if row is None or row.finished_at is not None:
            return None
        for one in await waiting(manager, row.id):
            try:
                await manager.report(row.id, InterventionDelivered(intervention_id=one.intervention_id))
            except NotRunningError:
                return None
            except StateError:
                continue
            paths = json.loads(one.attachments) if one.attachments else []
            return {"text": one.text, "user": one.user, "attachment_paths": paths}
        return None

    # --- many at once

    async def cancel_running_tasks(self, timeout: float = 5.0) -> int:  # noqa: ASYNC109  # the system's own name
        """Cancel what runs and wait for it; what has not stopped by then is ended by force.

        Returns:
            how many tasks there were to cancel; all of them have ended.
        """
        return await self._cancel([row.id for row in await running(await self._ready())], timeout)

    async def _cancel(self, task_ids: Sequence[str], patience_s: float) -> int:
        manager = await self._ready()
        asked = [
            (await manager.cancel(task_id, by=BY, reason="all running tasks are canceled")).disposition
            for task_id in task_ids
        ]
        deadline = asyncio.get_running_loop().time() + patience_s
        for task_id in task_ids:
            left_s = deadline - asyncio.get_running_loop().time()
            try:
                await manager.wait(task_id, timeout_s=max(left_s, 0.0))
            except TimeoutError:
                await manager.cancel(task_id, force=True, by=BY)
                await manager.wait(task_id)
        return len(asked) - asked.count("already_finished")

    async def cleanup_old_tasks(self, max_age_hours: float = 24) -> int:
        """Delete what was acked and ended longer ago than this; a result that nobody acked stays.

        Returns:
            how many tasks were deleted.
        """
        manager = await self._ready()
        before = round((time.time() - max_age_hours * HOUR_S) * 1_000)
        acked = await all_rows(manager, TaskQuery(terms=(OURS, Term("acked", "is", (1,)))))
        return await manager.purge([row.id for row in acked if (row.finished_at or before) < before])


async def _queue(manager: Manager, row: TaskRow, message: Message) -> int:
    try:
        sent = await manager.intervene(row.id, message)
    except NotRunningError as exc:
        key = key_of(row.client_id or "", row.request_id or "")
        raise TaskNotRunningError(f"Task is not running: {key}") from exc
    ids = [one.intervention_id for one in await waiting(manager, row.id)]
    return ids.index(sent.intervention_id) + 1 if sent.intervention_id in ids else 1
