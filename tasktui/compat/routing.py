"""Routes of the replaced systems: typed errors become one JSON body, wherever the router is mounted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

from tasktui.domain.errors import TasktuiError
from tasktui.domain.wire import encode, error_object

KEEP_ALIVE: Final = ": still here\n\n"


class CompatRoute(APIRoute):
    """A route that answers a `TasktuiError` with its status and `{error: {code, message, details}}`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request."""
        handle = super().get_route_handler()

        async def translating(request: Request) -> Response:
            try:
                return await handle(request)
            except TasktuiError as exc:
                return Response(encode(error_object(exc)), exc.http_status, media_type="application/json")

        return translating


def told(value: Any, status: int = 200) -> Response:
    """Return an answer in JSON."""
    return Response(encode(value), status, media_type="application/json")


def event_stream(frames: AsyncIterator[str]) -> StreamingResponse:
    """Return a stream of server-sent events."""
    return StreamingResponse(frames, media_type="text/event-stream", headers={"cache-control": "no-store"})


def frame(event: str | None, data: object, position: int | None = None) -> str:
    """Return one server-sent event; its data is one line of JSON."""
    head = "" if position is None else f"id: {position}\n"
    named = "" if event is None else f"event: {event}\n"
    return f"{head}{named}data: {encode(data).decode()}\n\n"
