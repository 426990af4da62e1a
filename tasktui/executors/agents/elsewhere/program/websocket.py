"""The Agent Client Protocol over a WebSocket: each message is a frame of text."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    WebSocketException,
)

from tasktui.executors.agents.elsewhere.address import is_loopback
from tasktui.executors.agents.elsewhere.program.carrier import Ends, Json
from tasktui.executors.agents.elsewhere.program.trouble import MOST, TroubleError

TOO_BIG: Final = 1009
"""The code with which a WebSocket is closed over a message that is too long (RFC 6455, section 7.4.1)."""
CLOSE_S: Final = 1.0


class _Straight(connect):
    """A connection to where we were told to: what leads elsewhere is told to the person."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebSocket:
    """The `Carrier` over one WebSocket."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._connection: ClientConnection | None = None

    async def open(self) -> None:
        """Connect, and listen from then on."""
        ends, place = self._ends, self._ends.place
        try:
            self._connection = await _Straight(
                place.url,
                additional_headers=ends.headers,
                max_size=MOST,
                open_timeout=ends.answer_s,
                close_timeout=CLOSE_S,
                proxy=None if is_loopback(urlsplit(place.url)) else True,
            )
        except InvalidStatus as exc:
            raise place.refused(exc.response.status_code, exc.response.headers.get("location", "")) from exc
        except InvalidMessage as exc:
            raise place.no_agent(str(exc)) from exc
        except (ImportError, InvalidProxy) as exc:  # for a proxy of SOCKS a library would be missing
            raise place.proxy_unusable() from exc
        except (WebSocketException, OSError, UnicodeError) as exc:
            raise place.not_reached(exc) from exc
        ends.own(self._listen(self._connection))

    async def _listen(self, connection: ClientConnection) -> None:
        while True:
            try:
                frame = await connection.recv(decode=False)
            except ConnectionClosed as exc:
                self._ends.lost(self._closed(exc))
                return
            self._ends.hear(frame)

    def _closed(self, exc: ConnectionClosed) -> TroubleError:
        if exc.rcvd is not None:
            return self._ends.place.lost(f"closed with {exc.rcvd.code} {exc.rcvd.reason}".rstrip())
        if exc.sent is not None and exc.sent.code == TOO_BIG:
            return self._ends.place.too_long()
        return self._ends.place.lost(exc.sent.reason if exc.sent is not None else "")

    async def send(self, message: Json) -> None:
        """Bring a message there as a frame."""
        if self._connection is None:
            raise self._ends.place.lost()
        try:
            await self._connection.send(json.dumps(message, ensure_ascii=True, separators=(",", ":")))
        except ConnectionClosed as exc:
            raise self._closed(exc) from exc

    def heard(self, message: Json) -> None:
        """Take a message: to a WebSocket one is as another."""

    async def close(self) -> None:
        """Close the WebSocket."""
        if self._connection is not None:
            await self._connection.close()
