"""The HTTP server of an owner; loading it takes tenths of a second and many megabytes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

import uvicorn
from fastapi import FastAPI

_GRACE_S: Final = 1


class Embedded(uvicorn.Server):
    """uvicorn without signal handlers, and without its ten wake-ups a second."""

    def __init__(self, app: FastAPI, stop: asyncio.Event, *, backlog: int) -> None:
        super().__init__(
            uvicorn.Config(
                app, http="h11", ws="none", loop="none", lifespan="off", log_config=None, access_log=False,
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
