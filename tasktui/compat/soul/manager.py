"""The task manager of system 000 in its own words: requests of clients whose results wait for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from tasktui.bootstrap.house import CloseMode
from tasktui.compat.room import Room
from tasktui.compat.soul import finding
from tasktui.compat.soul.calls import HOUR_S, Calls
from tasktui.compat.soul.execution import Execution, Resources, Runner
from tasktui.compat.soul.listening import Listener, Queue
from tasktui.compat.soul.tasks import Task, key_of, task_of
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status

_ORPHANED: Final = Outcome(
    Status.FAILED, Reason.AGENT_LOST, "nobody works on it", "caller",
    error="Running for too long without anybody who works on it.",
)  # fmt: skip


class TaskManager(Calls):
    """Keeps the requests of clients, what their runs tell, and the results until they are acked."""

    def __init__(
        self,
        storage_path: Path | None = None,
        event_store: object | None = None,  # noqa: ARG002  # the system's own parameter; the log keeps every event
        *,
        session_timeout_s: float | None = None,
        attach: bool = False,
    ) -> None:
        """Take where tasks are kept; the manager opens at the first call.

        Args:
            storage_path: the data directory, for 000's `tasks.json` the one beside it without the suffix;
                None for tasks that end with this manager.
            event_store: not needed.
            session_timeout_s: after which a task is ended.
            attach: use the manager of the process that owns the directory, where there is one.
        """
        if storage_path is not None and storage_path.suffix == ".json":
            storage_path = storage_path.with_suffix("")
        self._room = Room(storage_path, {}, attach=attach)
        super().__init__(self._opened, session_timeout_s=session_timeout_s)
        self._listeners: dict[str, list[Listener]] = {}
        self._executions: dict[str, asyncio.Task[None]] = {}

    async def _opened(self) -> Manager:
        manager = await self._room.ready()
        self._outlives = not self._room.owns
        return manager

    @property
    def manager(self) -> Manager:
        """What keeps the tasks."""
        return self._room.manager

    async def load(self) -> int:
        """Open; return how many tasks there are."""
        return (await finding.stats(await self._ready()))["total"]

    async def save(self) -> None:
        """Return when everything is stored, which it is: each call returns after its commit."""
        await self._ready()

    async def shutdown(self, timeout: float = 5.0, mode: CloseMode = "cancel") -> int:  # noqa: ASYNC109  # the system's own name
        """Cancel what runs here, tell listeners no more, and close; return how many were canceled."""
        canceled = 0
        if self._room.is_open and self._room.owns:
            canceled = await self.cancel_running_tasks(timeout)
        elif self._room.is_open:
            canceled = await self._cancel(list(self._executions), timeout)
        await self._let_go()
        await asyncio.to_thread(self._room.close, mode)
        return canceled

    async def cleanup_old_tasks(self, max_age_hours: float = 24) -> int:
        """Delete what was acked and ended longer ago than this; a result that nobody acked stays.

        What has run for longer without a runner of this manager is ended in error, for nobody works on it.

        Returns:
            how many tasks were deleted or ended.
        """
        manager = await self._ready()
        before = round((time.time() - max_age_hours * HOUR_S) * 1_000)
        orphans = [
            row.id
            for row in await finding.running(manager)
            if row.created_at < before and row.id not in self._executions
        ]
        for task_id in orphans:
            await self.finish(task_id, _ORPHANED)
        return len(orphans) + await super().cleanup_old_tasks(max_age_hours)

    async def _cancel(self, task_ids: Sequence[str], patience_s: float) -> int:
        executions = {self._executions[one] for one in task_ids if one in self._executions}
        number = await super()._cancel(task_ids, patience_s)
        if executions:  # their tasks have ended; this is about what the runners do at last
            await asyncio.wait(executions, timeout=patience_s)
        return number

    async def _let_go(self) -> None:
        listeners = [one for some in self._listeners.values() for one in some]
        self._listeners.clear()
        for listener in listeners:
            await listener.stop()
        executions = set(self._executions.values())
        for execution in executions:
            execution.cancel()
        if executions:
            await asyncio.wait(executions)

    # --- sessions and figures, without `await`

    def register_session(self, session_id: str, client_id: str, request_id: str) -> None:
        """Note under which session a task runs."""

        async def link(manager: Manager) -> None:
            row = await finding.find(manager, client_id, request_id)
            await finding.link_session(manager, row, session_id)

        self._room.ask(link)

    def get_task_by_session(self, session_id: str) -> Task | None:
        """Return the task of a session, also after its end, or None."""

        async def look(manager: Manager) -> Task | None:
            row = await finding.find_by_session(manager, session_id)
            return None if row is None else await task_of(manager, row)

        return self._room.ask(look)

    def get_running_tasks(self) -> list[Task]:
        """Return the tasks that run, the oldest first."""

        async def look(manager: Manager) -> list[Task]:
            return [await task_of(manager, row) for row in await finding.running(manager)]

        return self._room.ask(look)

    def get_stats(self) -> dict[str, int]:
        """Return how many tasks there are, and how many stand where: total, running, completed, error."""
        return self._room.ask(finding.stats)

    # --- listeners

    async def add_listener(self, client_id: str, request_id: str, queue: Queue) -> bool:
        """Have a queue told of all that a task has told and tells; False when there is no such task."""
        manager = await self._ready()
        row = await finding.find(manager, client_id, request_id)
        if row is None:
            return False
        listener = Listener(manager, row.id, queue, row.last_seq)
        self._listeners.setdefault(key_of(client_id, request_id), []).append(listener)
        listener.follow()
        return True

    async def remove_listener(self, client_id: str, request_id: str, queue: Queue) -> None:
        """Tell a queue nothing more."""
        key = key_of(client_id, request_id)
        listeners = self._listeners.pop(key, [])
        if kept := [one for one in listeners if one.queue is not queue]:
            self._listeners[key] = kept
        for listener in listeners:
            if listener.queue is queue:
                await listener.stop()

    async def broadcast(self, client_id: str, request_id: str, event: Mapping[str, Any]) -> int:
        """Take what a run tells, for every listener; return how many of them are here."""
        row = await self._row(client_id, request_id)
        if row is None:
            return 0
        await self.take(row.id, event)
        return len(self._listeners.get(key_of(client_id, request_id), ()))

    async def send_reconnect_status(
        self, client_id: str, request_id: str, queue: Queue, last_event_id: int | None = None
    ) -> None:
        """Tell a listener that came back where the task stands, what it missed, and go on with what follows.

        A queue that does not listen yet does so from now on. To be called before anything is taken from it.
        """
        row = await self._row(client_id, request_id)
        if row is None:
            return
        listeners = self._listeners.setdefault(key_of(client_id, request_id), [])
        found = next((one for one in listeners if one.queue is queue), None)
        if found is None:
            found = Listener(self.manager, row.id, queue, row.last_seq)
            listeners.append(found)
        await found.rejoin(last_event_id)

    async def _row(self, client_id: str, request_id: str) -> TaskRow | None:
        return await finding.find(await self._ready(), client_id, request_id)

    # --- runs

    async def start_execution(
        self,
        client_id: str,
        request_id: str,
        claude_runner: Runner,
        resource_manager: Resources | None = None,
    ) -> bool:
        """Let a runner do a task's work, whoever listens; False when there is none to do."""
        row = await self._row(client_id, request_id)
        if row is None:
            return False
        task = await task_of(self.manager, row)
        if task.completed_at is not None or row.id in self._executions:
            return False
        run = Execution(self, self.manager, task, claude_runner, resource_manager).run()
        execution = asyncio.get_running_loop().create_task(run)
        self._executions[row.id] = execution
        execution.add_done_callback(partial(self._left, row.id))
        return True

    def is_execution_running(self, client_id: str, request_id: str) -> bool:
        """Whether a runner of this manager is at work on a task."""
        row = self._room.ask(lambda manager: finding.find(manager, client_id, request_id))
        return row is not None and row.id in self._executions

    def _left(self, task_id: str, _: asyncio.Task[None]) -> None:
        self._executions.pop(task_id, None)
        self._reporting.pop(task_id, None)
