"""The HTTP routes of system 004: `/v1/tasks`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from tasktui.compat.deepseek.manager import LISTED, TaskManager, TaskManagerConfig, custom_work
from tasktui.compat.deepseek.records import NewTaskRequest, TaskRecord
from tasktui.compat.routing import CompatRoute, told
from tasktui.domain.ports.manager import Manager
from tasktui.domain.spec import Work

Limit = Annotated[int, Query(ge=1, le=1_000)]


class _Routes:
    def __init__(self, tasks: TaskManager) -> None:
        self._tasks = tasks

    async def listing(self, limit: Limit = LISTED) -> Response:
        """Return the newest tasks and how many stand where."""
        tasks = [
            one.model_dump(mode="json", exclude_none=True) for one in await self._tasks.list_tasks(limit)
        ]
        return told({"tasks": tasks, "counts": (await self._tasks.counts()).model_dump()})

    async def create(self, body: NewTaskRequest) -> Response:
        """Queue a task."""
        return told(_object(await self._tasks.add_task(body)), 201)

    async def get(self, task_id: str) -> Response:
        """Return a task."""
        return told(_object(await self._tasks.get_task(task_id)))

    async def cancel(self, task_id: str) -> Response:
        """Cancel a task."""
        return told(_object(await self._tasks.cancel_task(task_id)))


def _object(record: TaskRecord) -> Any:
    return record.model_dump(mode="json", exclude_none=True)


def router(
    manager: Manager, config: TaskManagerConfig, *, work_of: Callable[[dict[str, object]], Work] = custom_work
) -> APIRouter:
    """Return the routes over any manager; the arguments are those of `TaskManager`."""
    made = APIRouter(prefix="/v1/tasks", tags=["deepseek"], route_class=CompatRoute)
    routes = _Routes(TaskManager(manager, config, work_of=work_of))
    made.add_api_route("", routes.listing, methods=["GET"])
    made.add_api_route("", routes.create, methods=["POST"], status_code=201)
    made.add_api_route("/{task_id}", routes.get, methods=["GET"])
    made.add_api_route("/{task_id}/cancel", routes.cancel, methods=["POST"])
    return made
