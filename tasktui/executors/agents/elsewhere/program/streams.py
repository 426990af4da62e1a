"""The Agent Client Protocol over HTTP: what we say is posted, what we hear comes on long streams of events.

One stream is of the connection, one of the session (the request for discussion "Streamable HTTP & WebSocket
Transport" of the protocol). A stream cannot be taken up where it ended, so that its end is the connection's.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import h2.connection  # noqa: F401  # without it httpx fails only once a server wants HTTP/2
import httpx

from tasktui.executors.agents.elsewhere.address import is_loopback
from tasktui.executors.agents.elsewhere.program.carrier import Ends, Json
from tasktui.executors.agents.elsewhere.program.sse import Events, TooLongError
from tasktui.executors.agents.elsewhere.program.trouble import MOST, TroubleError

CONNECTION: Final = "acp-connection-id"
SESSION: Final = "acp-session-id"
CONNECT_S: Final = 15.0
CLOSE_S: Final = 1.0
IDLE_S: Final = 2.0
"""How long a connection is kept for the next request; servers close idle ones after five seconds or later."""
BEGINS: Final = frozenset({"session/new", "session/load", "session/resume", "session/fork"})
"""What makes a session known, and is said before it is."""
_ALIVE: Final = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 4))
        if hasattr(socket, name)
    ),
]
"""A stream may be quiet for hours while a person decides: the kernel looks whether the machine is there."""


class Streams:
    """The `Carrier` over HTTP."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._client = _client(ends)
        self._ids: dict[str, str] = {}
        """The headers by which we are known there."""
        self._asked: dict[str, str] = {}
        """Sessions that our requests name which make one known, by the id of the request."""
        self._open: set[str] = set()
        """Sessions whose stream is heard."""

    async def open(self) -> None:
        """Wait for the first message: it makes the connection."""

    async def send(self, message: Json) -> None:
        """Post a message; what answers the first one comes with it, all else by the streams."""
        method = str(message.get("method", "an answer"))
        headers, session, url = self._ids, "", self._ends.place.url
        if method in BEGINS:  # noted before it is asked: the answer may be here before the post is done
            headers, session = {CONNECTION: self._ids.get(CONNECTION, "")}, self._will_begin(message)
        try:
            text, headers = json.dumps(message).encode(), {"content-type": "application/json", **headers}
            async with self._client.stream("POST", url, content=text, headers=headers) as got:
                body = await self._body(got)
        except (httpx.HTTPError, OSError) as exc:
            raise self._failed(exc) from exc
        if method == "initialize":
            self._begin(got, body)
        elif got.status_code not in {httpx.codes.OK, httpx.codes.ACCEPTED, httpx.codes.NO_CONTENT}:
            raise self._ends.place.request_refused(got.status_code, method)
        elif body.strip():
            self._ends.hear(body)
        if session:  # some tell a session's history there before they answer
            self._hear_session(session)

    async def _body(self, got: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in got.aiter_bytes():
            body += piece
            if len(body) > MOST:
                raise self._ends.place.too_long()
        return bytes(body) if got.is_success else b""

    def _failed(self, exc: Exception) -> TroubleError:
        if self._ids:
            return self._ends.place.lost(exc)
        if isinstance(exc, httpx.RemoteProtocolError):
            return self._ends.place.no_agent(str(exc))
        return self._ends.place.not_reached(exc)

    def _begin(self, got: httpx.Response, body: bytes) -> None:
        place = self._ends.place
        if got.status_code != httpx.codes.OK:
            raise place.refused(got.status_code, got.headers.get("location", ""))
        if CONNECTION not in got.headers or not body.lstrip().startswith(b"{"):
            raise place.no_agent("its answer is not the protocol's")
        self._ids[CONNECTION] = got.headers[CONNECTION]
        self._ends.hear(body)
        self._ends.own(self._listen(dict(self._ids)))

    # --- sessions

    def _will_begin(self, message: Json) -> str:
        """Note a request that makes a session known; return the session that it names, if it does."""
        params = message.get("params")
        session = _sendable(params.get("sessionId")) if isinstance(params, dict) else ""
        self._asked[str(message.get("id"))] = session
        return session

    def heard(self, message: Json) -> None:
        """Take a message: an answer may tell of the session, or that there is the one that we asked for."""
        if "method" in message:
            return
        named = self._asked.pop(str(message.get("id")), None)
        result = message.get("result")
        if named is None or not isinstance(result, dict):
            return
        session = _sendable(result.get("sessionId")) or named
        if session:
            self._ids[SESSION] = session
            self._hear_session(session)

    def _hear_session(self, session: str) -> None:
        if session not in self._open:
            self._open.add(session)
            known = self._ids.get(SESSION) == session
            self._ends.own(self._listen({**self._ids, SESSION: session}, session, known=known))

    async def _listen(
        self, headers: dict[str, str], session: str | None = None, *, known: bool = True
    ) -> None:
        """Hear a stream to its end, which is the end of the connection."""
        wanted = {"accept": "text/event-stream", "accept-encoding": "identity", **headers}
        timeout = httpx.Timeout(CONNECT_S, read=None)
        url = self._ends.place.url
        try:
            async with self._client.stream("GET", url, headers=wanted, timeout=timeout) as got:
                if got.status_code != httpx.codes.OK:
                    self._no_stream(got.status_code, session, known=known)
                    return
                await self._hear(got)
        except TooLongError:
            self._ends.lost(self._ends.place.too_long())
        except TimeoutError:
            self._ends.lost(self._ends.place.lost(f"nothing came for {self._ends.silence_s:g} s"))
        except (httpx.HTTPError, OSError) as exc:
            self._ends.lost(self._ends.place.lost(exc))
        else:
            self._ends.lost(self._ends.place.lost("the stream of its messages ended"))

    def _no_stream(self, status: int, session: str | None, *, known: bool) -> None:
        """Take that a stream is refused: a session's may be unknown yet, or come with the connection's.

        Args:
            status: of HTTP.
            session: whose stream it is; None for that of the connection.
            known: whether the server had told of the session before its stream was asked for.
        """
        trouble = self._ends.place.request_refused(status, "the stream of its messages")
        if session is None or (trouble.is_end and status != httpx.codes.NOT_FOUND):
            self._ends.lost(trouble)
            return
        self._open.discard(session)
        if not known and self._ids.get(SESSION) == session:
            self._hear_session(session)

    async def _hear(self, got: httpx.Response) -> None:
        events, now = Events(MOST), asyncio.get_running_loop().time
        async with asyncio.timeout(None) as patience:
            async for piece in got.aiter_bytes():
                for event in events.feed(piece):
                    self._ends.hear(event)
                if events.says_alive:
                    patience.reschedule(now() + self._ends.silence_s)

    async def close(self) -> None:
        """Tell the server that the connection is not needed any more."""
        try:
            if self._ids:
                async with asyncio.timeout(CLOSE_S):
                    await self._client.delete(self._ends.place.url, headers=self._ids)
        except (httpx.HTTPError, OSError):
            return
        finally:
            await self._client.aclose()


def _sendable(session: object) -> str:
    """Return the id of a session as a header can have it; an empty one when none can."""
    fits = isinstance(session, str) and session.isascii() and session.isprintable()
    return str(session) if fits else ""


def _client(ends: Ends) -> httpx.AsyncClient:
    url = urlsplit(ends.place.url)
    direct = is_loopback(url) or proxy_bypass(url.hostname or "")
    transport = httpx.AsyncHTTPTransport(
        verify=ssl.create_default_context(),
        http2=True,
        socket_options=_ALIVE,
        limits=httpx.Limits(keepalive_expiry=IDLE_S),
        proxy=None if direct else getproxies().get(url.scheme),
    )
    timeout = httpx.Timeout(ends.answer_s, connect=min(CONNECT_S, ends.answer_s))
    return httpx.AsyncClient(transport=transport, headers=ends.headers, timeout=timeout)
