"""The frames of one stream, over as many connections as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Final

import httpx
from httpx_sse import ServerSentEvent, SSEError, aconnect_sse

from tasktui.domain.errors import ManagerClosedError, OwnerError
from tasktui.domain.wire import decode, error_from_object
from tasktui.service.asking import PATIENCE_S
from tasktui.service.link import Link, Params, given, read

RECONNECT_S: Final = 10.0
"""For how long a stream looks for an owner before it gives up."""
_SILENCE_S: Final = 25.0
"""A stream that brings not even a keep-alive for this long is broken."""
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0


class Frames:
    """One stream of the API."""

    def __init__(
        self,
        link: Link,
        path: str,
        params: Callable[[], Params],
        *,
        headers: Mapping[str, str] | None = None,
        give_up_s: float | None = RECONNECT_S,
    ) -> None:
        """Take what is asked for.

        Args:
            link: to the owner.
            path: of the API.
            params: asked for each connection, so that it goes on where the last one ended.
            headers: sent with each.
            give_up_s: how long to look for an owner; None: for ever.
        """
        self._link = link
        self._path = path
        self._params = params
        self._headers = dict(headers or {})
        self._give_up_s = give_up_s

    async def read(self) -> AsyncGenerator[ServerSentEvent | None, None]:
        """Yield frames, and None each time the connection is lost and sought again, until the link is closed.

        Raises:
            OwnerError: nobody answers.
            TasktuiError: what the owner answered, by its class.
        """
        with suppress(ManagerClosedError):
            while True:
                try:
                    async with aclosing(self._connected()) as events:
                        async for event in events:
                            yield event
                except (httpx.TransportError, SSEError):
                    self._link.ensure_open()
                yield None
                await self._reconnect()

    async def _connected(self) -> AsyncGenerator[ServerSentEvent, None]:
        timeout = httpx.Timeout(PATIENCE_S, read=_SILENCE_S)
        params = given(self._params())
        async with aconnect_sse(
            self._link.client(), "GET", self._path, params=params, headers=self._headers, timeout=timeout
        ) as source:
            if source.response.is_error:
                read(source.response.status_code, await source.response.aread())
            async for event in source.aiter_sse():
                if event.event == "error":
                    raise error_from_object(decode(event.data))
                yield event

    async def _reconnect(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = None if self._give_up_s is None else loop.time() + self._give_up_s
        pause = _FIRST_PAUSE_S
        while not await self._link.healthy():
            if deadline is not None and loop.time() > deadline:
                raise self._link.nobody()
            with suppress(OwnerError):
                await self._link.revive()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
