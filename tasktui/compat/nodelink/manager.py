"""The task manager of system 001 in its own words: called from any thread, without `await`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tasktui.bootstrap.house import CloseMode
from tasktui.compat.nodelink import calls
from tasktui.compat.nodelink.tasks import Request, Task, task_of
from tasktui.compat.room import Room
from tasktui.domain.errors import TasktuiError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent

TOLD: Final = {
    "task.created": "created",
    "task.dispatched": "sent",
    "task.started": "in_progress",
    "task.finished": None,
}
"""The facts that are told to listeners, and the state that each one makes; the end is the task's own."""
Listener = Callable[[Task], object]

log = logging.getLogger(__name__)


class TaskManager:
    """Sends requests to agents, here named runners of this machine, and keeps what became of them."""

    def __init__(self, agents: Sequence[str] = ("local",), *, data_dir: Path | None = None) -> None:
        """Take the agents' names; the manager opens at the first call.

        Args:
            agents: who there is.
            data_dir: the data directory; None for tasks that end with the manager.
        """
        self.agents = tuple(agents)
        self._room = Room(data_dir, {})

    @property
    def manager(self) -> Manager:
        """What runs the tasks."""
        return self._room.manager

    def SendTask(self, agent_id: str, request: Request, timeout: float | None = None) -> Task:  # noqa: N802  # the system's own name
        """Queue a request for an agent; return its task at once.

        Args:
            agent_id: which agent.
            request: what to do.
            timeout: seconds after which it is stopped; 300 when None.

        Raises:
            AgentUnavailableError: there is no such agent.
            InvalidError: it cannot be run.
        """
        return self._room.ask(
            lambda manager: calls.send_task(manager, self.agents, agent_id, request, timeout)
        )

    def GetTask(self, task_id: str) -> Task:  # noqa: N802  # the system's own name
        """Return a task; NotFoundError when there is none."""
        return self._room.ask(lambda manager: calls.get_task(manager, task_id))

    def ListTasks(self, agent_id: str = "") -> list[Task]:  # noqa: N802  # the system's own name
        """Return the tasks of an agent, or of all of them, the newest first."""
        return self._room.ask(lambda manager: calls.list_tasks(manager, self.agents, agent_id))

    def CancelTask(self, task_id: str) -> Task:  # noqa: N802  # the system's own name
        """Ask a task to stop; NotCancellableError when it has ended already."""
        return self._room.ask(lambda manager: calls.cancel_task(manager, task_id))

    def CleanupCompletedTasks(self, max_age: float = 0.0) -> int:  # noqa: N802  # the system's own name
        """Delete tasks that ended more than `max_age` seconds ago; return how many."""
        return self._room.ask(lambda manager: calls.cleanup(manager, self.agents, max_age))

    def AddListener(self, listener: Listener) -> None:  # noqa: N802  # the system's own name
        """Have a callback told of each change of a task's state from now on, in order, on a thread."""
        after = self._room.ask(_head)
        self._room.post(lambda manager: self._follow(manager, after, listener))

    def Shutdown(self, mode: CloseMode = "cancel") -> None:  # noqa: N802  # the system's own name
        """End: what runs is canceled, or waited for."""
        self._room.close(mode)

    async def _follow(self, manager: Manager, after: int, listener: Listener) -> None:
        async for event in manager.subscribe(after=after):
            if isinstance(event, StoredEvent) and event.type in TOLD:
                try:
                    native = await manager.get(event.task_id)
                except TasktuiError as exc:
                    log.warning("a listener was not told of %s: %s", event.task_id, exc)
                    continue
                if native.row.agent_id in self.agents:
                    now = task_of(native)
                    then = replace(now, status=TOLD[event.type] or now.status)
                    await asyncio.to_thread(_tell, listener, then)


async def _head(manager: Manager) -> int:
    return (await manager.stats()).events


def _tell(listener: Listener, task: Task) -> None:
    try:
        listener(task)
    except Exception:  # the boundary to the program's own callback: no task depends on it
        log.exception("a listener failed")
