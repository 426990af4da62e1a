"""Routes that follow: events of all, events of one task, changes for a screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from tasktui.domain.errors import NotFoundError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.wire import encode
from tasktui.domain.wire_answers import changes_object
from tasktui.domain.wire_events import event_line
from tasktui.service.bodies import After, Look, Name, Position, TheManager, told
from tasktui.service.sse import EventStream, frame
from tasktui.service.strict_json import StrictRoute

router = APIRouter(prefix="/v1", tags=["streams"], route_class=StrictRoute)

LastEventId = Annotated[Position | None, Header(alias="Last-Event-ID")]

Whose = Annotated[Name | None, Query()]


@router.get("/events")
async def events(
    request: Request,
    manager: TheManager,
    after: After = 0,
    last_event_id: LastEventId = None,
    client_id: Whose = None,
    agent_id: Whose = None,
) -> Response:
    """Follow everything, or what is a client's or an agent's, after a position of the whole log: a `gid`."""
    source = manager.subscribe(
        after=after if last_event_id is None else last_event_id, client_id=client_id, agent_id=agent_id
    )
    return EventStream(source, _whole, request.app.state.stop)


@router.get("/tasks/{task_id}/events")
async def task_events(
    task_id: str,
    request: Request,
    manager: TheManager,
    after: After = 0,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow one task after a position of its log; the ids are `seq`."""
    task = await manager.get(task_id)
    source = manager.subscribe(task.id, after=after if last_event_id is None else last_event_id)
    return EventStream(source, _Numbering().form, request.app.state.stop)


@router.get("/changes")
async def changes(
    request: Request,
    manager: TheManager,
    look: Annotated[Look, Query()],
    stream: Annotated[Name | None, Header(alias="X-Stream")] = None,
) -> Response:
    """Follow what a screen needs; `X-Stream` names the stream, for looking elsewhere later."""
    interest = Interest(look.task_id, look.min_interval_s)
    source = _followed(manager, interest, request.app.state.interests, stream)
    return EventStream(source, _change, request.app.state.stop)


@router.post("/changes/{stream}")
async def look_elsewhere(stream: str, body: Look, request: Request) -> Response:
    """Change what the screen of a stream looks at."""
    interest: Interest | None = request.app.state.interests.get(stream)
    if interest is None:
        raise NotFoundError(f"No such stream: {stream}", stream=stream)
    interest.task_id, interest.min_interval_s = body.task_id, body.min_interval_s
    return told({"ok": True})


class _Numbering:
    """Tells unstored events of one task after which stored one they came."""

    def __init__(self) -> None:
        self._last = 0

    def form(self, event: StoredEvent | NewEvent) -> bytes:
        if isinstance(event, StoredEvent):
            self._last = event.seq
            return frame(event.type, event_line(event), event.seq)
        return frame(event.type, event_line(event, after_seq=self._last))


def _whole(event: StoredEvent | NewEvent) -> bytes:
    return frame(event.type, event_line(event), event.gid if isinstance(event, StoredEvent) else None)


def _change(found: ChangeSet) -> bytes:
    return frame("changes", encode(changes_object(found)))


async def _followed(
    manager: Manager, interest: Interest, interests: dict[str, Interest], stream: str | None
) -> AsyncIterator[ChangeSet]:
    if stream is not None:
        interests[stream] = interest
    try:
        async for found in manager.changes(interest):
            yield found
    finally:
        if stream is not None and interests.get(stream) is interest:
            del interests[stream]
