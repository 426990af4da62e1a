"""How much one request may bring, and when the last one came."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasktui.domain.errors import InvalidError
from tasktui.domain.wire import error_object
from tasktui.service.bodies import told

LONGEST_BODY: Final = 8_388_608
_HEALTH: Final = "/v1/health"


class Activity:
    """Whether anybody needs the service: an owner without work may end when nobody does."""

    def __init__(self) -> None:
        self.open = 0
        """Requests under way, streams included."""
        self._last = time.monotonic()

    def idle_s(self) -> float:
        """Return for how long nobody has asked anything; 0 while a request or stream is open."""
        return 0.0 if self.open else time.monotonic() - self._last

    def begin(self) -> None:
        """Note a request."""
        self.open += 1

    def end(self) -> None:
        """Note its end."""
        self.open -= 1
        self._last = time.monotonic()


class _TooLongError(Exception):
    """The body is longer than a request may bring."""


class Bounds:
    """Refuses bodies that are too long, before they are read into memory, and keeps the activity."""

    def __init__(self, app: ASGIApp, activity: Activity) -> None:
        self._app = app
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == _HEALTH:
            await self._app(scope, receive, send)
            return
        self._activity.begin()
        try:
            await self._app(scope, _counted(receive), send)
        except _TooLongError:
            refusal = InvalidError(f"a request may bring {LONGEST_BODY} bytes")
            await told(error_object(refusal), 413)(scope, receive, send)
        finally:
            self._activity.end()


def _counted(receive: Receive) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LONGEST_BODY:
            raise _TooLongError
        return message

    return counted
