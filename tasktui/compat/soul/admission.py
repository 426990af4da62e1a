"""Admission of a request: its key must be free, and one of the places where there is a limit."""

from __future__ import annotations

from typing import Final

from tasktui.compat.soul.finding import find
from tasktui.compat.soul.tasks import LANE, Request
from tasktui.compat.soul.uploads import kept_with
from tasktui.domain.errors import CapacityError, TaskConflictError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import Task
from tasktui.domain.spec import TaskSpec

RETRY_AFTER_S: Final = 5.0
"""What a client is told to wait when too many requests are under way."""


async def admitted(manager: Manager, request: Request, spec: TaskSpec, at_once: int | None) -> Task:
    """Submit a request.

    Args:
        manager: what keeps the task.
        request: what is asked for.
        spec: its task.
        at_once: how many that were admitted with this limit may run together.

    Raises:
        TaskConflictError: a task of this client and request runs.
        CapacityError: as many run as may.
    """
    if at_once is None:
        made = await _submitted(manager, request, spec)
    else:
        made = await _in_a_slot(manager, request, spec, at_once)
    if made is None:
        raise TaskConflictError(f"Task already running: {request.key}", key=request.key)
    return made


async def _submitted(manager: Manager, request: Request, spec: TaskSpec) -> Task | None:
    """Submit; None when a task of this client and request is under way; TaskConflictError without a slot."""
    try:
        return await manager.submit(spec, task_id=await kept_with(manager, request))
    except TaskConflictError:
        if spec.exclusive_key is None or await _is_running(manager, request):
            return None
        raise


async def _is_running(manager: Manager, request: Request) -> bool:
    row = await find(manager, request.client_id, request.request_id)
    return row is not None and row.finished_at is None


async def _in_a_slot(manager: Manager, request: Request, spec: TaskSpec, slots: int) -> Task | None:
    """Submit where one of so many keys is free: the store admits it in the transaction of its first fact."""
    for number in range(slots):
        try:
            return await _submitted(
                manager, request, spec.model_copy(update={"exclusive_key": f"{LANE}:{number}"})
            )
        except TaskConflictError:
            continue
    raise CapacityError(f"As many requests run as may: {slots}", retry_after_s=RETRY_AFTER_S)
