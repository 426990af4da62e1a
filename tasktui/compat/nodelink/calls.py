"""The calls of system 001 over any manager."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Final

from tasktui.compat.nodelink.tasks import TIMEOUT_S, Request, Task, spec_of, task_of
from tasktui.compat.reading import all_rows
from tasktui.domain.errors import NotFoundError, StateError, UnavailableError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.status import TERMINAL, Status

_FINISHED: Final = tuple(sorted(TERMINAL))


class AgentUnavailableError(UnavailableError):
    """No agent of this name is connected."""

    code = "AGENT_UNAVAILABLE"


class NotCancellableError(StateError):
    """The task has ended already."""

    code = "NOT_CANCELLABLE"
    http_status = 400


async def send_task(
    manager: Manager, agents: Collection[str], agent_id: str, request: Request, timeout_s: float | None
) -> Task:
    """Queue a request for an agent.

    Raises:
        AgentUnavailableError: there is no such agent; no task is made.
        InvalidError: it cannot be run.
    """
    if agent_id not in agents:
        raise AgentUnavailableError(f"Agent not connected: {agent_id}", agent_id=agent_id)
    return task_of(await manager.submit(spec_of(agent_id, request, timeout_s or TIMEOUT_S)))


async def get_task(manager: Manager, task_id: str) -> Task:
    """Return the task of exactly this id.

    Raises:
        NotFoundError: there is none.
    """
    task = await manager.get(task_id)
    if task.id != task_id:
        raise NotFoundError(f"Task not found: {task_id}", id=task_id)
    return task_of(task)


async def list_tasks(manager: Manager, agents: Collection[str], agent_id: str = "") -> list[Task]:
    """Return the tasks of an agent, or of all of them, the newest first."""
    named = (agent_id,) if agent_id else tuple(agents)
    rows = await all_rows(manager, TaskQuery(terms=(Term("agent", "is", named),)))
    return [task_of(await manager.get(row.id)) for row in rows]


async def cancel_task(manager: Manager, task_id: str) -> Task:
    """Ask a task to stop; it is cancelled when its processes have ended.

    Raises:
        NotFoundError: there is none.
        NotCancellableError: it has ended already.
    """
    before = await get_task(manager, task_id)
    result = await manager.cancel(task_id, by="user")
    stopped_now = result.row.status is Status.CANCELED and before.status != "cancelled"
    if result.disposition == "already_finished" and not stopped_now:
        raise NotCancellableError(f"Task has ended already: {task_id} is {before.status}", id=task_id)
    return await get_task(manager, task_id)


async def cleanup(manager: Manager, agents: Collection[str], max_age_s: float) -> int:
    """Delete tasks of the agents that ended longer ago than this; return how many."""
    ended = (Term("status", "is", _FINISHED), Term("agent", "is", tuple(agents)))
    before = round((time.time() - max_age_s) * 1000)
    rows = await all_rows(manager, TaskQuery(terms=ended))
    return await manager.purge([row.id for row in rows if (row.finished_at or 0) <= before])
