"""The protocol of the port: a request has to be there whole in time, or its connection is closed."""

from __future__ import annotations

import asyncio
from typing import Final

from tasktui.service.embedded import Protocol

WHOLE_S: Final = 30.0
"""From the beginning of a connection, or the end of an answer, until the next request is there whole."""


class Impatient(Protocol):
    """Closes connections over which a request comes too slowly, or none."""

    whole_s = WHOLE_S
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the library
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what comes; once the request is whole, its answer may take its time."""
        super().data_received(data)
        if self._is_whole():
            self._wait_no_more()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        self._wait_no_more()
        super().on_response_complete()
        if not self._is_whole():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _is_whole(self) -> bool:
        return bool(self.cycle) and not self.cycle.more_body and not self.cycle.response_complete

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.whole_s, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
