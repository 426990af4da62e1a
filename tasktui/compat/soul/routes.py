"""The HTTP routes of system 000 over any manager; each but `/health` asks for the token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from secrets import compare_digest
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Response
from fastapi import Request as HttpRequest
from pydantic import BaseModel

from tasktui import __version__
from tasktui.compat.routing import KEEP_ALIVE, CompatRoute, event_stream, frame, told
from tasktui.compat.soul import telling
from tasktui.compat.soul.calls import Calls
from tasktui.compat.soul.errors import TaskNotFoundError, UnauthorizedError
from tasktui.compat.soul.execution import Execution, Runner
from tasktui.compat.soul.finding import find, stats
from tasktui.compat.soul.tasks import Request, Task, key_of
from tasktui.compat.soul.uploads import LONGEST_BODY, keep, read_form
from tasktui.domain.attachments import LARGEST
from tasktui.domain.errors import InvalidError
from tasktui.domain.ports.manager import Manager

AT_ONCE: Final = 3
"""Requests of `/execute` that run together."""


class ExecuteBody(BaseModel):
    """A prompt to work on."""

    client_id: str
    request_id: str
    prompt: str
    resume_session_id: str | None = None
    attachment_paths: list[str] | None = None
    allowed_tools: list[str] | None = None
    disallowed_tools: list[str] | None = None
    use_mcp: bool = True

    def request(self) -> Request:
        """Return what is asked for."""
        given = self.model_dump()
        return Request(**given | {"attachment_paths": tuple(self.attachment_paths or ())})


class InterveneBody(BaseModel):
    """A message for a running task."""

    text: str
    user: str
    attachment_paths: list[str] | None = None


class _Routes:
    def __init__(self, manager: Manager, runner: Runner | None, at_once: int, *, outlives: bool) -> None:
        self._manager = manager
        self._runner = runner
        self._at_once = at_once
        self._calls = Calls(self._ready, outlives=outlives)
        self._runs: set[asyncio.Task[None]] = set()
        self._began = time.monotonic()

    async def _ready(self) -> Manager:
        return self._manager

    async def execute(self, body: ExecuteBody) -> Response:
        """Begin a task, let the runner work on it whoever listens, and tell of it."""
        task = await self._calls.create(body.request(), at_once=self._at_once)
        if self._runner is not None:
            run = Execution(self._calls, self._manager, task, self._runner, None).run()
            running = asyncio.get_running_loop().create_task(run)
            self._runs.add(running)
            running.add_done_callback(self._runs.discard)
        return event_stream(_frames(telling.told(self._manager, task.task_id)))

    async def of_client(self, client_id: str) -> Response:
        """Return a client's tasks."""
        tasks = await self._calls.get_tasks_by_client(client_id)
        return told({"tasks": [_object(one) for one in tasks]})

    async def get(self, client_id: str, request_id: str) -> Response:
        """Return a task."""
        task = await self._calls.get_task(client_id, request_id)
        if task is None:
            raise _missing(client_id, request_id)
        return told(_object(task))

    async def stream(
        self, client_id: str, request_id: str, last_event_id: Annotated[str | None, Header()] = None
    ) -> Response:
        """Tell somebody who comes back what was missed and what follows."""
        row = await find(self._manager, client_id, request_id)
        if row is None:
            raise _missing(client_id, request_id)
        last = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else None
        return event_stream(_frames(telling.rejoined(self._manager, row.id, last_event_id=last)))

    async def ack(self, client_id: str, request_id: str) -> Response:
        """Take the receipt of a result; 409 while the task runs."""
        if not await self._calls.ack_task(client_id, request_id):
            raise _missing(client_id, request_id)
        return told({"success": True})

    async def cancel(self, client_id: str, request_id: str) -> Response:
        """Cancel a task; a route that system 000 itself does not have."""
        row = await find(self._manager, client_id, request_id)
        if row is None:
            raise _missing(client_id, request_id)
        return told({"disposition": (await self._manager.cancel(row.id, by="client")).disposition}, 202)

    async def intervene(self, client_id: str, request_id: str, body: InterveneBody) -> Response:
        """Queue a message for a running task."""
        place = await self._calls.add_intervention(
            client_id, request_id, body.text, body.user, body.attachment_paths
        )
        return told({"queued": True, "queue_position": place}, 202)

    async def intervene_by_session(self, session_id: str, body: InterveneBody) -> Response:
        """Queue a message for the task of a session."""
        place = await self._calls.add_intervention_by_session(
            session_id, body.text, body.user, body.attachment_paths
        )
        return told({"queued": True, "queue_position": place}, 202)

    async def attach(self, request: HttpRequest, content_type: Annotated[str, Header()] = "") -> Response:
        """Keep a file for the task of a thread; its path goes into the request or message that follows."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST_BODY:
                raise InvalidError(f"An attachment has at most {LARGEST >> 20} MiB.")
        upload = read_form(content_type, bytes(body))
        path = await keep(self._manager, upload)
        kept = {"path": str(path), "filename": path.name, "size": len(upload.data)}
        return told(kept | {"content_type": upload.content_type}, 201)

    async def status(self) -> Response:
        """Return how much runs, and how much may."""
        figures = await stats(self._manager)
        return told({"active_sessions": figures["running"], "max_concurrent": self._at_once, **figures})

    async def shutdown(self) -> Response:
        """Cancel all that runs, and return when it has ended."""
        return told({"status": "shutting_down", "cancelled": await self._calls.cancel_running_tasks()})

    async def health(self) -> Response:
        """Return that the service is there."""
        uptime = int(time.monotonic() - self._began)
        return told({"status": "healthy", "version": __version__, "uptime_seconds": uptime})


def _missing(client_id: str, request_id: str) -> TaskNotFoundError:
    return TaskNotFoundError(f"Task not found: {key_of(client_id, request_id)}")


def _object(task: Task) -> dict[str, Any]:
    shown = task.to_dict()
    return {name: value for name, value in shown.items() if name not in {"prompt", "resume_session_id"}}


async def _frames(events: AsyncGenerator[telling.Event | None, None]) -> AsyncIterator[str]:
    async with aclosing(events):
        async for event in events:
            yield KEEP_ALIVE if event is None else frame(event["type"], event, event.get("_event_id"))


def _bearing(token: str) -> Any:
    if not token:
        raise InvalidError("An empty token lets everybody in: give one, or None where nobody else can ask.")

    async def bears(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(given.encode(), token.encode()):
            raise UnauthorizedError

    return Depends(bears)


def router(
    manager: Manager,
    runner: Runner | None,
    *,
    token: str | None,
    max_concurrent: int = AT_ONCE,
    outlives: bool = False,
) -> APIRouter:
    """Return the routes of 000.

    Args:
        manager: what keeps the tasks.
        runner: works on what `/execute` begins; None when its caller ends it.
        token: what a request must bear; None only where nobody else can ask, such as a unix socket.
        max_concurrent: how many requests of `/execute` run together; one more is refused.
        outlives: whether the runs go on when the manager's process ends, because it is another one.

    Raises:
        InvalidError: the token is empty.
    """
    made = APIRouter(tags=["soul"], route_class=CompatRoute)
    routes = _Routes(manager, runner, max_concurrent, outlives=outlives)
    guarded = [] if token is None else [_bearing(token)]
    task = "/tasks/{client_id}/{request_id}"
    for method, path, route in (
        ("POST", "/execute", routes.execute),
        ("GET", "/tasks/{client_id}", routes.of_client),
        ("GET", task, routes.get),
        ("GET", f"{task}/stream", routes.stream),
        ("POST", f"{task}/ack", routes.ack),
        ("POST", f"{task}/cancel", routes.cancel),
        ("POST", f"{task}/intervene", routes.intervene),
        ("POST", "/sessions/{session_id}/intervene", routes.intervene_by_session),
        ("POST", "/attachments", routes.attach),
        ("GET", "/status", routes.status),
        ("POST", "/shutdown", routes.shutdown),
    ):
        made.add_api_route(path, route, methods=[method], dependencies=guarded)
    made.add_api_route("/health", routes.health, methods=["GET"])
    return made
