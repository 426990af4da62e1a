"""The doors of an owner: by which a request comes decides what it may ask."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from tasktui.service.embedded import Embedded, Protocol
from tasktui.service.guarding import Guarded
from tasktui.service.looking import Looking
from tasktui.service.patience import Impatient
from tasktui.service.recording import Recorded
from tasktui.service.tokens import Tokens
from tasktui.service.understanding import Understanding

_BACKLOG_BY_PORT: Final = 64
"""So many are taken at a time, before it is seen that they are too many."""


def servers(
    app: FastAPI, home: Path, bound: Mapping[str, socket.socket], *, stop: asyncio.Event, backlog: int
) -> dict[str, Embedded]:
    """Return what serves at each door.

    Args:
        app: what answers behind all of them.
        home: the data directory, where the tokens are.
        bound: `owner` for everything, `watch` for looking, `port` for those that bear a token.
        stop: ends them.
        backlog: connections that may wait.
    """
    acting = Understanding(app, app.version)
    looking = Looking(app, app.state.looking)
    ways: dict[str, ASGIApp] = {"owner": acting, "watch": looking}
    if "port" in bound:
        ways["port"] = Guarded(acting, looking, Tokens(home), bound["port"].getsockname()[1])
    return {door: _server(door, ways[door], app, stop, backlog) for door in bound}


def _server(door: str, way: ASGIApp, app: FastAPI, stop: asyncio.Event, backlog: int) -> Embedded:
    by_port = door == "port"
    return Embedded(
        Recorded(way, door, app.state.tally, version=app.version, every=by_port),
        stop,
        backlog=_BACKLOG_BY_PORT if by_port else backlog,
        protocol=Impatient if by_port else Protocol,
    )
