"""What may be asked where nothing may be changed: this list. All else is refused, new routes too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from tasktui.domain.errors import RefusedError
from tasktui.domain.wire import error_object
from tasktui.service.bodies import told

_TASK: Final = "/v1/tasks/{}"
LOOKING: Final[dict[str, tuple[str, ...]]] = {
    "GET": (
        "/metrics",
        "/v1/openapi.json", "/v1/health", "/v1/ready",
        "/v1/counts", "/v1/stats", "/v1/busy", "/v1/lanes", "/v1/schedules", "/v1/search",
        "/v1/events", "/v1/changes",
        "/v1/tasks", _TASK,
        *(f"{_TASK}/{part}" for part in (
            "detail", "timeline", "tools", "artifacts", "artifacts/{}/content", "output", "wait", "events",
        )),
    ),
    # a listing asked for in a body, and what the asker's own stream looks at
    "POST": ("/v1/tasks/page", "/v1/tasks/count", "/v1/changes/{}"),
}  # fmt: skip


def _pattern(paths: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join("[^/]+".join(map(re.escape, path.split("{}"))) for path in paths))


_PATTERNS: Final = {method: _pattern(paths) for method, paths in LOOKING.items()}


def only_looks(method: str, path: str) -> bool:
    """Whether a request changes nothing; those of paths that are not listed count as if they did."""
    pattern = _PATTERNS.get(method)
    return pattern is not None and pattern.fullmatch(path) is not None


class Looking:
    """Lets those requests through that change nothing."""

    def __init__(self, app: ASGIApp, also: Sequence[str] = ()) -> None:
        """Take what answers, and the paths that may be got besides the list."""
        self._app = app
        self._also = _pattern(tuple(also)) if also else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        allowed = scope["type"] == "http" and self._only_looks(scope["method"], scope["path"])
        await (self._app if allowed else _refused)(scope, receive, send)

    def _only_looks(self, method: str, path: str) -> bool:
        other = method == "GET" and self._also is not None and self._also.fullmatch(path) is not None
        return other or only_looks(method, path)


async def _refused(scope: Scope, receive: Receive, send: Send) -> None:
    error = RefusedError("Whoever comes by this door may only look: nothing was changed.")
    await told(error_object(error), error.http_status)(scope, receive, send)
