"""How much one request may bring."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasktui.service.activity import Activity

LONGEST_BODY: Final = 8_388_608
LONGEST: Final = {"/v1/restore": 67_108_864, "/v1/attachments": 12_582_912}
"""Where a body may be longer: a task's whole log, and a file, cannot be cut."""
_HEALTH: Final = "/v1/health"


class Bounds:
    """Refuses bodies that are too long, before they are read into memory, and keeps the activity."""

    def __init__(self, app: ASGIApp, activity: Activity) -> None:
        self._app = app
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == _HEALTH:
            await self._app(scope, receive, send)
            return
        self._activity.begin()
        try:
            await self._app(scope, _counted(receive, LONGEST.get(scope["path"], LONGEST_BODY)), send)
        finally:
            self._activity.end()


def _counted(receive: Receive, longest: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > longest:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return counted
