"""Listens on this machine alone, until a signal."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

from aiohttp import web

from tasktui.domain.errors import RefusedError, UnavailableError
from tasktui.web.guard import HERE

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_END_S: Final = 15.0
"""How long the dashboards may take to end; each has given up before."""
MOST: Final = 128
"""Connections at once, of browsers and of whoever else on this machine knocks; a tab keeps one open."""
HEAD_S: Final = 5.0
"""For the head of a request, from the beginning of a connection or the end of an answer."""
_BACKLOG: Final = 16
"""So many are taken at a time, before it is seen that they are too many."""


def listen(address: str, port: int) -> socket.socket:
    """Return a socket that takes connections of this machine only.

    Args:
        address: 127.0.0.1, ::1 or localhost.
        port: 0 for one that is free.

    Raises:
        RefusedError: the address is another one.
        UnavailableError: the port is taken, or needs rights that we don't have.
    """
    if address not in HERE:
        raise RefusedError(
            f"The dashboard in a browser listens on this machine alone, not on {address}: on a network others"
            f" could read it. From another machine: ssh -L {port or 'PORT'}:127.0.0.1:{port or 'PORT'} HOST",
            address=address,
        )
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    where = "127.0.0.1" if address == "localhost" else address
    try:
        return socket.create_server((where, port), family=family)
    except OSError as exc:
        raise UnavailableError(
            f"Nothing can listen on port {port}: {exc.strerror}. Leave --port out for a free one.", port=port
        ) from exc


async def serve(app: web.Application, listening: socket.socket, *, again: Callable[[], None]) -> None:
    """Answer until a signal, then end every dashboard.

    Args:
        app: what answers.
        listening: where.
        again: called whenever the person presses Enter here.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        loop.add_signal_handler(number, stop.set)
    # its patience with idle connections is that with new ones, too
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_END_S, keepalive_timeout=HEAD_S)
    await runner.setup()
    door = await loop.create_server(_Doorkeeper(runner), sock=listening, backlog=_BACKLOG)
    try:
        if sys.stdin.isatty():
            loop.add_reader(sys.stdin.fileno(), _on_enter, loop, again)
        await stop.wait()
    finally:
        door.close()
        await runner.cleanup()


class _Doorkeeper:
    """Gives each connection who answers it; one that is too many gets who hangs up at once."""

    def __init__(self, runner: web.AppRunner) -> None:
        self._runner = runner

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        server = self._runner.server
        return server() if server is not None and len(server.connections) < MOST else _HangUp()


class _HangUp(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        transport.close()


def _on_enter(loop: asyncio.AbstractEventLoop, again: Callable[[], None]) -> None:
    if _is_for_us(sys.stdin.fileno()):
        again()
    else:
        loop.remove_reader(sys.stdin.fileno())


def _is_for_us(tty: int) -> bool:
    """Whether a line was typed for us: what is typed while we are in the background is the shell's."""
    try:
        return os.tcgetpgrp(tty) == os.getpgrp() and bool(os.read(tty, 4096))
    except OSError:  # no terminal of ours any more
        return False
