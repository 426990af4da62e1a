"""A response that follows something: server-sent events, kept alive, ended when the service stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, Generic, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tasktui.domain.errors import TasktuiError
from tasktui.domain.wire import encode, error_object

T = TypeVar("T")

KEEP_ALIVE_S: Final = 15.0
_PING: Final = b": still here\n\n"
_WAITING_BYTES: Final = 262_144
"""Held for a slow reader before its source is read no further; the source bounds what it keeps itself."""


def frame(event: str, data: bytes, position: int | None = None) -> bytes:
    """Return one server-sent event; the data must be one line."""
    place = b"" if position is None else b"id: %d\n" % position
    return b"%sevent: %s\ndata: %s\n\n" % (place, event.encode(), data)


class EventStream(Response, Generic[T]):
    """Sends what a source yields until the source, the reader or the service ends."""

    media_type = "text/event-stream"

    def __init__(self, source: AsyncIterator[T], form: Callable[[T], bytes], stop: asyncio.Event) -> None:
        super().__init__(headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._source = source
        self._form = form
        self._stop = stop
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._over = False
        self._ready = asyncio.Event()
        self._room = asyncio.Event()

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with asyncio.TaskGroup() as group:
            side = [group.create_task(work) for work in (self._pump(), self._hear(receive), self._heed())]
            await self._send_all(send)
            for task in side:
                task.cancel()

    async def _send_all(self, send: Send) -> None:
        while not self._over or self._waiting:
            await send({"type": "http.response.body", "body": await self._gathered(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _gathered(self) -> bytes:
        try:
            async with asyncio.timeout(KEEP_ALIVE_S):
                await self._ready.wait()
        except TimeoutError:
            return _PING
        body = b"".join(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        self._room.set()
        if not self._over:
            self._ready.clear()
        return body

    async def _pump(self) -> None:
        try:
            async for item in self._source:
                await self._put(self._form(item))
        except TasktuiError as exc:
            await self._put(frame("error", encode(error_object(exc))))
        finally:
            self._end()
            close = getattr(self._source, "aclose", None)
            if close is not None:
                await close()

    async def _put(self, data: bytes) -> None:
        self._waiting.append(data)
        self._bytes += len(data)
        self._ready.set()
        while self._bytes > _WAITING_BYTES and not self._over:
            self._room.clear()
            await self._room.wait()

    async def _hear(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._waiting.clear()
        self._end()

    async def _heed(self) -> None:
        await self._stop.wait()
        self._end()

    def _end(self) -> None:
        self._over = True
        self._ready.set()
