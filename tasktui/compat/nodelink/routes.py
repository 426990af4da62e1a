"""The HTTP routes of system 001 over any manager; they ask for no token: mount them where that is safe."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from tasktui.compat.nodelink import calls
from tasktui.compat.nodelink.responses import responses
from tasktui.compat.nodelink.tasks import DockerRun, Request, ShellExecute, Task
from tasktui.compat.routing import CompatRoute, event_stream, frame, told
from tasktui.domain.ports.manager import Manager


class _Asked(BaseModel):
    agent_id: str
    timeout: Annotated[float, Field(gt=0)] | None = None
    """Seconds."""


class ShellBody(_Asked):
    """A line for a shell on an agent."""

    cmd: str


class DockerBody(_Asked):
    """A container on an agent."""

    img: str
    cmd: tuple[str, ...] = ()


class _Routes:
    def __init__(self, manager: Manager, agents: Collection[str]) -> None:
        self._manager = manager
        self._agents = agents

    async def shell(self, body: ShellBody) -> Response:
        """Run a line in a shell."""
        return await self._send(body, ShellExecute(body.cmd))

    async def docker(self, body: DockerBody) -> Response:
        """Run a container."""
        return await self._send(body, DockerRun(body.img, body.cmd))

    async def _send(self, body: _Asked, request: Request) -> Response:
        made = await calls.send_task(self._manager, self._agents, body.agent_id, request, body.timeout)
        return told(_object(made), 201)

    async def listing(self, agent_id: str = "") -> Response:
        """Return the tasks of an agent, or all."""
        found = await calls.list_tasks(self._manager, self._agents, agent_id)
        return told({"tasks": [_object(one) for one in found]})

    async def of_agent(self, agent_id: str) -> Response:
        """Return the tasks of an agent."""
        return await self.listing(agent_id)

    async def get(self, task_id: str) -> Response:
        """Return a task."""
        return told(_object(await calls.get_task(self._manager, task_id)))

    async def cancel(self, task_id: str) -> Response:
        """Cancel a task."""
        return told(_object(await calls.cancel_task(self._manager, task_id)))

    async def stream(self, ref: Annotated[str, Query()], client_id: str = "") -> Response:  # noqa: ARG002  # the system's own parameter
        """Follow a task's room: everything from the beginning, to any number of clients."""
        await calls.get_task(self._manager, ref)
        return event_stream(_frames(self._manager, ref))


async def _frames(manager: Manager, task_id: str) -> AsyncIterator[str]:
    async for response in responses(manager, task_id):
        yield frame("response", response.to_json())


def _object(task: Task) -> dict[str, Any]:
    return {
        "id": task.id, "agent_id": task.agent_id, "status": task.status, "command": task.command,
        "timeout": task.timeout_s, "created_at": task.created_at.isoformat(),
        "updated_at": task.updated_at.isoformat(), "exit_code": task.exit_code, "error": task.error,
    }  # fmt: skip


def router(manager: Manager, agents: Collection[str] = ("local",)) -> APIRouter:
    """Return the routes of tasks, agents and rooms."""
    made = APIRouter(tags=["nodelink"], route_class=CompatRoute)
    routes = _Routes(manager, agents)
    made.add_api_route("/tasks/shell", routes.shell, methods=["POST"], status_code=201)
    made.add_api_route("/tasks/docker", routes.docker, methods=["POST"], status_code=201)
    made.add_api_route("/tasks", routes.listing, methods=["GET"])
    made.add_api_route("/tasks/{task_id}", routes.get, methods=["GET"])
    made.add_api_route("/tasks/{task_id}", routes.cancel, methods=["DELETE"])
    made.add_api_route("/agents/{agent_id}/tasks", routes.of_agent, methods=["GET"])
    made.add_api_route("/stream", routes.stream, methods=["GET"])
    return made
