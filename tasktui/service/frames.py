"""The frames of one stream, over as many connections as it takes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

import httpx
from httpx_sse import ServerSentEvent, SSEError, aconnect_sse

from tasktui.domain.errors import ManagerClosedError, OwnerError
from tasktui.service.link import Link, Params, given
from tasktui.service.reading import read, told_error, understood
from tasktui.service.receiving import bound_frames, whole

_SILENCE_S: Final = 25.0
"""A stream that brings not even a keep-alive for this long is broken."""
_LOOK_S: Final = 1.0
"""How often it is looked whether anything can come: an owner that is stopped closes nothing."""
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0
_STEADY_S: Final = 1.0
"""A connection that lasted less counts as one that failed, and the next one is made ever more slowly."""


class Frames:
    """One stream of the API."""

    def __init__(
        self,
        link: Link,
        path: str,
        params: Callable[[], Params],
        *,
        headers: Mapping[str, str] | None = None,
        for_ever: bool = False,
    ) -> None:
        """Take what is asked for.

        Args:
            link: to the owner.
            path: of the API.
            params: asked for each connection, so that it goes on where the last one ended.
            headers: sent with each.
            for_ever: whether an owner is sought for ever.
        """
        self._link = link
        self._path = path
        self._params = params
        self._headers = dict(headers or {})
        self._seek_s = None if for_ever else link.reach.seek_s

    async def read(self) -> AsyncGenerator[ServerSentEvent | None, None]:
        """Yield frames, and None while the connection is lost, each time there is another reason.

        It ends when the link is closed.

        Raises:
            OwnerError: nobody answers.
            TasktuiError: what the owner answered, by its class.
        """
        loop, pause = asyncio.get_running_loop(), 0.0
        with suppress(ManagerClosedError):
            while True:
                began = loop.time()
                try:
                    async with aclosing(self._connected()) as events:
                        async for event in events:
                            yield event
                except (httpx.TransportError, SSEError):
                    self._link.ensure_open()
                async with aclosing(self._reconnecting()) as reasons:
                    async for _ in reasons:
                        yield None
                if loop.time() - began > _STEADY_S:
                    pause = 0.0
                await asyncio.sleep(pause)
                pause = min(max(_FIRST_PAUSE_S, 2 * pause), _LONGEST_PAUSE_S)

    async def _connected(self) -> AsyncGenerator[ServerSentEvent, None]:
        timeout = httpx.Timeout(self._link.reach.patience_s, read=_SILENCE_S)
        params = given(self._params())
        async with aconnect_sse(
            self._link.client(), "GET", self._path, params=params, headers=self._headers, timeout=timeout
        ) as source:
            if source.response.is_error:
                read(source.response.status_code, await whole(source.response))
            bound_frames(source.response)
            async with _broken_off(source.response, self._link.reach.watch()):
                async for event in source.aiter_sse():
                    if event.event == "error":
                        raise understood(told_error, event.data)
                    yield event

    async def _reconnecting(self) -> AsyncGenerator[str, None]:
        """Look for the owner; yield each reason why it is not there."""
        loop = asyncio.get_running_loop()
        deadline = None if self._seek_s is None else loop.time() + self._seek_s
        pause = _FIRST_PAUSE_S
        yield (told := self._link.reach.lost())
        while not await self._link.healthy():
            if deadline is not None and loop.time() > deadline:
                raise self._link.reach.nobody()
            with suppress(OwnerError):
                await self._link.reach.revive()
            if (why := self._link.reach.lost()) != told:
                yield (told := why)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)


@asynccontextmanager
async def _broken_off(response: httpx.Response, is_over: Callable[[], bool]) -> AsyncIterator[None]:
    """Break a connection off on which nothing will come, for its other end may never close it."""
    watching = asyncio.ensure_future(_break_off(response, is_over))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _break_off(response: httpx.Response, is_over: Callable[[], bool]) -> None:
    while not is_over():  # noqa: ASYNC110  # nothing tells of a signal to another process
        await asyncio.sleep(_LOOK_S)
    stream = response.extensions.get("network_stream")
    bound = stream.get_extra_info("socket") if stream is not None else None
    if bound is not None:
        with suppress(OSError):
            bound.shutdown(socket.SHUT_RDWR)
