"""The HTTP routes of system 002's FastAPI example, over any manager."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, Response

from tasktui.compat.cyberagent.backends import find
from tasktui.compat.cyberagent.manager import cancel, spec_of, start, stream
from tasktui.compat.routing import CompatRoute, event_stream, frame, told
from tasktui.domain.errors import NotFoundError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.spec import Work


class _Routes:
    def __init__(self, manager: Manager, work_of: Callable[[str], Work] | None) -> None:
        self._manager = manager
        self._work_of = work_of

    async def chat(self, message: str, conversation_id: str | None = None) -> Response:
        """Answer a message as server-sent events."""
        spec = spec_of(conversation_id, message)
        if self._work_of is not None:
            spec = spec.model_copy(update={"work": self._work_of(message)})
        task_id = await start(self._manager, spec)
        return event_stream(_frames(stream(self._manager, task_id)))

    async def status(self, task_id: str) -> Response:
        """Return where a task stands."""
        task = await find(self._manager, task_id)
        if task is None:
            raise NotFoundError(f"Task not found: {task_id}", id=task_id)
        return told(
            {
                "id": task.id,
                "status": task.status,
                "conversation_id": task.conversation_id,
                "created_at": task.created_at.isoformat(),
            }
        )

    async def cancel(self, task_id: str) -> Response:
        """Cancel a task; a route that system 002's example does not have."""
        return told({"cancelled": await cancel(self._manager, task_id)}, 202)


async def _frames(events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    async for event in events:
        yield frame(None, event)


def router(manager: Manager, work_of: Callable[[str], Work] | None = None) -> APIRouter:
    """Return `POST /chat`, and the state and the cancel of a task.

    Args:
        manager: what keeps the tasks.
        work_of: makes the work of a message; None where the manager has this system's executor.
    """
    made = APIRouter(tags=["cyberagent"], route_class=CompatRoute)
    routes = _Routes(manager, work_of)
    made.add_api_route("/chat", routes.chat, methods=["POST"])
    made.add_api_route("/tasks/{task_id}/status", routes.status, methods=["GET"])
    made.add_api_route("/tasks/{task_id}/cancel", routes.cancel, methods=["POST"])
    return made
