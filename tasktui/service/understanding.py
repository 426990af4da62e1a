"""Lets clients of other versions read, and refuses what they would have meant otherwise."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from tasktui.domain.wire import error_object
from tasktui.service.bodies import told
from tasktui.service.levels import HEADER, OLDEST, level_of, too_old
from tasktui.service.looking import only_looks


class Understanding:
    """Turns acts away that come from a client of too old a level; who names none is taken at its word."""

    def __init__(self, app: ASGIApp, version: str) -> None:
        self._app = app
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        level = _level(scope)
        if level is None or level >= OLDEST or only_looks(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        error = too_old(level, self._version)
        await told(error_object(error), error.http_status)(scope, receive, send)


def _level(scope: Scope) -> int | None:
    if scope["type"] != "http":
        return None
    named = [value for name, value in scope["headers"] if name == HEADER.encode()]
    return level_of(named[0].decode("latin-1")) if len(named) == 1 else None
