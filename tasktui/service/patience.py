"""The protocol of the port: its connections are bounded, and a request has to be there whole in time."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from tasktui.service.embedded import Protocol
from tasktui.service.recording import UNKNOWN, InSum

log = logging.getLogger(__name__)

MOST_BY_PORT: Final = 256
"""Connections at once: whoever may knock, the owner keeps descriptors for its work and its own sockets."""
HEAD_S: Final = 5.0
"""For the head of a request, while nobody on this connection has borne a token."""
WHOLE_S: Final = 30.0
"""From a head, or the end of an answer to one who bears a token, until the next request is there whole."""


class Impatient(Protocol):
    """Closes connections that are too many, and those over which a request comes too slowly, or none."""

    most = MOST_BY_PORT
    head_s = HEAD_S
    whole_s = WHOLE_S
    _too_many = InSum(log, f"port: %d connections were closed at once, for {MOST_BY_PORT} were open")
    _deadline: asyncio.TimerHandle | None = None
    _known = False
    """Whether the last request bore a token."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the library
        """Begin to wait, where there is room."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._too_many.add()
            transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what comes; once the request is whole, its answer may take its time."""
        before = self.cycle
        super().data_received(data)
        if self._is_whole():
            self._wait_no_more()
        elif self.cycle is not before:
            self._wait_no_more()
            self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        self._wait_no_more()
        self._known = UNKNOWN not in self.scope["state"]
        super().on_response_complete()
        if not self._is_whole():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _is_asked(self) -> bool:
        """Whether there is a head: whose bearer is unknown is answered without the rest."""
        return bool(self.cycle) and not self.cycle.response_complete

    def _is_whole(self) -> bool:
        return self._is_asked() and not self.cycle.more_body

    def _wait(self) -> None:
        if self._deadline is None:
            patience_s = self.whole_s if self._known or self._is_asked() else self.head_s
            self._deadline = self.loop.call_later(patience_s, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
