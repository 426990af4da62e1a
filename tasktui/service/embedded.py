"""The HTTP server of an owner; loading it takes tenths of a second and many megabytes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from tasktui.domain.errors import InvalidError
from tasktui.domain.wire import encode, error_object
from tasktui.service.recording import REQUEST_ID

_GRACE_S: Final = 1


class Protocol(H11Protocol):
    """HTTP whose refusals are as all others."""

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or has a head without end, and hang up."""
        error = InvalidError(f"{msg} A head may have 16 KiB.")
        body = encode(error_object(error))
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"{REQUEST_ID}: {secrets.token_hex(8)}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


class Embedded(uvicorn.Server):
    """uvicorn without signal handlers, and without its ten wake-ups a second."""

    def __init__(
        self,
        app: ASGIApp,
        stop: asyncio.Event,
        *,
        backlog: int,
        protocol: type[Protocol] = Protocol,
    ) -> None:
        """Take what to serve.

        Args:
            app: what answers.
            stop: ends it.
            backlog: connections that may wait.
            protocol: what speaks on a connection.
        """
        super().__init__(
            uvicorn.Config(
                app, http=protocol, ws="none", loop="none", lifespan="off", log_config=None, access_log=False,
                date_header=False, server_header=False, proxy_headers=False, backlog=backlog,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )  # fmt: skip
        self._stop = stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signals alone."""
        yield

    async def main_loop(self) -> None:
        """Serve until the stop event."""
        await self._stop.wait()
