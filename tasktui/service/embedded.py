"""The HTTP server of an owner; loading it takes tenths of a second and many megabytes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

_GRACE_S: Final = 1


class Embedded(uvicorn.Server):
    """uvicorn without signal handlers, and without its ten wake-ups a second."""

    def __init__(
        self,
        app: ASGIApp,
        stop: asyncio.Event,
        *,
        backlog: int,
        protocol: type[H11Protocol] = H11Protocol,
        most: int | None = None,
    ) -> None:
        """Take what to serve.

        Args:
            app: what answers.
            stop: ends it.
            backlog: connections that may wait.
            protocol: what speaks on a connection.
            most: connections at once; None: as many as come.
        """
        super().__init__(
            uvicorn.Config(
                app, http=protocol, ws="none", loop="none", lifespan="off", log_config=None, access_log=False,
                date_header=False, server_header=False, proxy_headers=False, backlog=backlog,
                limit_concurrency=most, timeout_graceful_shutdown=_GRACE_S,
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
