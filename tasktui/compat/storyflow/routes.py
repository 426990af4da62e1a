"""The HTTP routes of system 003 over any manager: a task's status, and its cancel."""

from __future__ import annotations

from fastapi import APIRouter, Response

from tasktui.compat.routing import CompatRoute, told
from tasktui.compat.storyflow.views import TASK_CANCELLING, view
from tasktui.domain.errors import StateError
from tasktui.domain.ports.manager import Manager


class _Routes:
    def __init__(self, manager: Manager) -> None:
        self._manager = manager

    async def status(self, task_id: str) -> Response:
        """Return a task's status."""
        return told(view(await self._manager.detail(task_id)))

    async def cancel(self, task_id: str) -> Response:
        """Ask a task to stop; 409 when it has ended."""
        result = await self._manager.cancel(task_id, by="user")
        if result.disposition == "already_finished":
            raise StateError(f"The task has ended already: {task_id} is {result.row.status}", id=task_id)
        return told({"status": TASK_CANCELLING})


def router(manager: Manager) -> APIRouter:
    """Return `GET /api/tasks/{id}/status/` and `POST /api/tasks/{id}/cancel-render/`."""
    made = APIRouter(prefix="/api/tasks", tags=["storyflow"], route_class=CompatRoute)
    routes = _Routes(manager)
    made.add_api_route("/{task_id}/status/", routes.status, methods=["GET"])
    made.add_api_route("/{task_id}/cancel-render/", routes.cancel, methods=["POST"])
    return made
