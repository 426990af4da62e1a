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
from tasktui.executors.agents.elsewhere.program.pulse import Pulse
from tasktui.executors.agents.elsewhere.program.sse import Events, TooLongError
from tasktui.executors.agents.elsewhere.program.trouble import ANSWER, MOST, TroubleError

CONNECTION: Final = "acp-connection-id"
SESSION: Final = "acp-session-id"
CONNECT_S: Final = 15.0
CLOSE_S: Final = 1.0
IDLE_S: Final = 2.0
"""How long a connection is kept for the next request; servers close idle ones after five seconds or later."""
PLAIN: Final = {"accept-encoding": "identity"}
"""Asks for answers whose size on the wire is their size."""
TRIES: Final = 3
"""How often a message is posted to a server that is busy."""
BUSY: Final = frozenset({429, 503})
WAIT_S: Final = 1.0
MOST_WAIT_S: Final = 5.0
"""How long a busy server is waited for, whatever time it names."""
FIRST: Final = "initialize"
AGAIN_S: Final = (0.2, 0.5, 1.0, 2.0)
"""How long is waited before the stream of a session that is there is asked for again."""
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
        method = str(message.get("method", ANSWER))
        headers, session = self._ids, ""
        if method in BEGINS:  # noted before it is asked: the answer may be here before the post is done
            headers, session = {CONNECTION: self._ids.get(CONNECTION, "")}, self._will_begin(message)
        try:
            text, headers = json.dumps(message).encode(), {"content-type": "application/json", **headers}
            got, body = await self._post(text, headers, tries=1 if method == FIRST else TRIES)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as exc:
            raise self._failed(exc) from exc
        if method == FIRST:
            self._begin(got, body)
        elif got.status_code not in {httpx.codes.OK, httpx.codes.ACCEPTED, httpx.codes.NO_CONTENT}:
            raise self._ends.place.request_refused(got.status_code, method)
        elif body.strip():
            self._ends.hear(body)
        if session:  # some tell a session's history there before they answer
            self._hear_session(session)

    async def _post(self, text: bytes, headers: dict[str, str], tries: int) -> tuple[httpx.Response, bytes]:
        """Post a message, again where the server is only busy: then it took nothing of it."""
        while True:
            url, tries = self._ends.place.url, tries - 1
            async with self._client.stream("POST", url, content=text, headers=headers) as got:
                body = await self._body(got)
            if got.status_code not in BUSY or not tries:
                return got, body
            await asyncio.sleep(_wait_s(got.headers.get("retry-after", "")))

    async def _body(self, got: httpx.Response) -> bytes:
        body = bytearray()
        if got.is_success:
            self._see_that_it_is_plain(got)
        async for piece in got.aiter_raw():
            body += piece
            if len(body) > MOST:
                raise self._ends.place.too_long()
        return bytes(body) if got.is_success else b""

    def _failed(self, exc: Exception) -> TroubleError:
        if isinstance(exc, httpx.ReadTimeout):
            return self._ends.place.silent(self._ends.answer_s)
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
        if not _sendable(got.headers[CONNECTION]):
            raise place.no_agent("the name of its connection is none that a header can have")
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
            self._ends.own(self._listen({**self._ids, SESSION: session}, session))

    async def _listen(self, headers: dict[str, str], session: str | None = None) -> None:
        """Hear a stream to its end, which is the end of the connection."""
        try:
            if not await self._stream(headers, session):
                self._open.discard(session or "")
                return
        except TroubleError as trouble:
            self._ends.lost(trouble)
        except TooLongError:
            self._ends.lost(self._ends.place.too_long())
        except (httpx.HTTPError, OSError) as exc:
            self._ends.lost(self._ends.place.lost(exc))
        else:
            self._ends.lost(self._ends.place.lost("the stream of its messages ended"))

    async def _stream(self, headers: dict[str, str], session: str | None) -> bool:
        """Hear a stream; return false where it is one of a session that the server does not know yet.

        Raises:
            TroubleError: there is no stream to hear.
        """
        for wait_s in (*AGAIN_S, None):
            got = await self._asked_for(headers)
            try:
                if got.status_code == httpx.codes.OK:
                    await self._hear(got)
                    return True
            finally:
                await got.aclose()
            trouble = self._ends.place.request_refused(got.status_code, "the stream of its messages")
            if session is None or (trouble.is_end and got.status_code != httpx.codes.NOT_FOUND):
                raise trouble
            if self._ids.get(SESSION) != session:
                return False
            if wait_s is not None:
                await asyncio.sleep(wait_s)
        raise self._ends.place.lost(f"the stream of its session is refused: HTTP {got.status_code}")

    async def _asked_for(self, headers: dict[str, str]) -> httpx.Response:
        """Return a stream whose headers are there; from then on it may be quiet."""
        timeout = httpx.Timeout(min(CONNECT_S, self._ends.answer_s), read=None)
        wanted = {"accept": "text/event-stream", **headers}
        request = self._client.build_request("GET", self._ends.place.url, headers=wanted, timeout=timeout)
        try:
            async with asyncio.timeout(self._ends.answer_s):
                return await self._client.send(request, stream=True)
        except TimeoutError as exc:
            why = f"it did not open the stream of its messages in {self._ends.answer_s:g} s"
            raise self._ends.place.lost(why) from exc

    async def _hear(self, got: httpx.Response) -> None:
        self._see_that_it_is_plain(got)
        events, now, pulse = Events(MOST), asyncio.get_running_loop().time, Pulse(self._ends.silence_s)
        try:
            async with asyncio.timeout(None) as patience:
                async for piece in got.aiter_raw():
                    for event in events.feed(piece):
                        self._ends.hear(event)
                    pulse.felt(now(), events.comments)
                    if pulse.is_known:
                        patience.reschedule(now() + pulse.allowed_s)
        except TimeoutError as exc:
            raise self._ends.place.lost(f"nothing came for {pulse.allowed_s:.0f} s") from exc

    def _see_that_it_is_plain(self, got: httpx.Response) -> None:
        """Refuse what is packed: a few bytes of it may be more than there is room for."""
        coding = got.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise self._ends.place.encoded(coding)

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


def _wait_s(named: str) -> float:
    """Return how long to wait for a server that names a number of seconds, or a date, or nothing."""
    return min(float(named), MOST_WAIT_S) if named.isascii() and named.isdigit() else WAIT_S


def _sendable(session: object) -> str:
    """Return the id of a session as a header can have it; an empty one when none can."""
    fits = isinstance(session, str) and session.isascii() and session.isprintable()
    return str(session) if fits else ""


def _client(ends: Ends) -> httpx.AsyncClient:
    url = urlsplit(ends.place.url)
    direct = is_loopback(url) or proxy_bypass(url.hostname or "")
    proxy = None if direct else getproxies().get(url.scheme)
    if proxy and urlsplit(proxy).scheme not in {"http", "https"}:
        raise ends.place.proxy_unusable()
    transport = httpx.AsyncHTTPTransport(
        verify=ssl.create_default_context(),
        http2=True,
        socket_options=_ALIVE,
        limits=httpx.Limits(keepalive_expiry=IDLE_S),
        proxy=proxy,
    )
    timeout = httpx.Timeout(ends.answer_s, connect=min(CONNECT_S, ends.answer_s))
    return httpx.AsyncClient(transport=transport, headers={**PLAIN, **ends.headers}, timeout=timeout)
