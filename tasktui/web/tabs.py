"""The dashboards behind the tabs of browsers: a process with a terminal for each, while its tab is open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from tasktui.web.terminal import Terminal

MOST: Final = 8
"""Tabs at the same time, unless set otherwise."""
HEARTBEAT_S: Final = 15.0
"""How often a browser has to show that it is there."""
_GOODBYE_S: Final = 2.0
"""How long a browser may take to agree to the end."""
_MOST_INPUT: Final = 1 << 20
"""Bytes of one message, such as a paste."""
_WAIT_S: Final = 2.0
"""How long a new tab waits until it is seen that another is just being closed, as by a reload."""
_COLUMNS: Final = "80"
_ROWS: Final = "24"


class Tabs:
    """Starts a dashboard for each WebSocket.

    Args:
        argv: the dashboard's command line.
        environ: its environment.
        most: how many there may be at a time.
    """

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], *, most: int = MOST) -> None:
        self._argv = argv
        self._environ = environ
        self._most = most
        self._places = asyncio.Semaphore(most)
        self._ending = 0
        """Dashboards whose tab is gone, and which have their place until they are."""
        self._sockets = set[web.WebSocketResponse]()

    async def open(self, request: web.Request) -> web.WebSocketResponse:
        """Be a dashboard for one tab, until either ends."""
        socket = web.WebSocketResponse(timeout=_GOODBYE_S, heartbeat=HEARTBEAT_S, max_msg_size=_MOST_INPUT)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await self._show_in_place(socket, request.query)
        finally:
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def close(self) -> None:
        """Close every tab's WebSocket; its dashboard is ended with it."""
        closing = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._sockets]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _show_in_place(self, socket: web.WebSocketResponse, query: Mapping[str, str]) -> None:
        if not await self._has_place():
            most = self._most
            await _say(
                socket,
                f"There are {most} dashboards in browsers, which is the limit (--tabs). Close one first.",
            )
            return
        try:
            await self._show(socket, _number(query, "width", _COLUMNS), _number(query, "height", _ROWS))
        finally:
            self._places.release()

    async def _has_place(self) -> bool:
        """Wait for a place that is being left, however long its dashboard takes to end; for no other."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_WAIT_S):
                    return await self._places.acquire()
            if not self._ending:
                return False

    async def _show(self, socket: web.WebSocketResponse, columns: int, rows: int) -> None:
        try:
            terminal = await Terminal.start(self._argv, self._environ, columns=columns, rows=rows)
        except OSError as error:
            await _say(socket, f"The dashboard does not start: {error.strerror}.")
            return
        try:
            async with asyncio.TaskGroup() as group:
                drawing = group.create_task(_draw(terminal, socket))
                await _take_input(socket, terminal)
                drawing.cancel()
        finally:
            self._ending += 1
            try:
                await terminal.close()
            finally:
                self._ending -= 1


async def _draw(terminal: Terminal, socket: web.WebSocketResponse) -> None:
    """Send what the dashboard writes, no faster than the browser takes it; its end closes the WebSocket."""
    with suppress(ConnectionError):
        while data := await terminal.read():
            await socket.send_bytes(data)
    await socket.close()


async def _take_input(socket: web.WebSocketResponse, terminal: Terminal) -> None:
    """Pass on what the page says until it is gone, or the dashboard reads no more."""
    with suppress(OSError):  # TimeoutError is one
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await _take(_read(message.data), socket, terminal)


async def _take(said: Any, socket: web.WebSocketResponse, terminal: Terminal) -> None:
    match said:
        case ["stdin", str(text)]:
            await terminal.write(text.encode(errors="replace"))
        case ["resize", {"width": int(columns), "height": int(rows)}]:
            terminal.resize(columns, rows)
        case ["ping", str(stamp)]:
            await socket.send_json(["pong", stamp])


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


async def _say(socket: web.WebSocketResponse, sentence: str) -> None:
    """Write a sentence where the dashboard would be."""
    with suppress(ConnectionError):
        await socket.send_bytes(f"\r\n  {sentence}\r\n".encode())


def _number(query: Mapping[str, str], name: str, usual: str) -> int:
    given = query.get(name, usual)
    return int(given if given.isdecimal() and len(given) <= len("1000") else usual)
