"""httpx over channels: each connection of its pool is a channel of a pipe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import httpcore
import httpx

from tasktui.domain.errors import OwnerError
from tasktui.service.channel import Channel, RefusedChannelError


class ChannelTransport(httpx.AsyncHTTPTransport):
    """Carries requests over the channels that are opened for it."""

    def __init__(self, begin: Callable[[], Channel], limits: httpx.Limits) -> None:
        """Take what opens a channel; it may raise `OwnerError`."""
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Backend(begin),
        )


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, begin: Callable[[], Channel]) -> None:
        self._begin = begin

    async def connect_tcp(  # httpcore's own signature
        self,
        host: str,  # noqa: ARG002  # there is one place that the pipe leads to
        port: int,  # noqa: ARG002  # as above
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  # a channel is open at once
        local_address: str | None = None,  # noqa: ARG002  # as above
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  # as above
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _Stream(self._begin())
        except OwnerError as exc:
            raise httpcore.ConnectError(exc.message) from exc

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # httpcore's own signature
        try:
            async with asyncio.timeout(timeout):
                return await self._channel.read(max_bytes)
        except TimeoutError as exc:
            raise httpcore.ReadTimeout from exc
        except OwnerError as exc:
            _raise(exc, httpcore.ReadError)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # httpcore's own signature
        try:
            async with asyncio.timeout(timeout):
                await self._channel.write(buffer)
        except TimeoutError as exc:
            raise httpcore.WriteTimeout from exc
        except OwnerError as exc:
            _raise(exc, httpcore.WriteError)

    async def aclose(self) -> None:
        self._channel.close()

    def get_extra_info(self, info: str) -> Any:
        return self._channel.readable if info == "is_readable" else None


def _raise(exc: OwnerError, otherwise: type[Exception]) -> NoReturn:
    if isinstance(exc, RefusedChannelError):
        # nothing arrived: the same as if there had been no connection
        raise httpcore.ConnectError(exc.message) from exc
    raise otherwise(exc.message) from exc
