"""Every request by its id, in the log and the figures: method, path and outcome, no query, header or body."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasktui.service.levels import API, HEADER, VERSION_HEADER
from tasktui.service.looking import only_looks

log = logging.getLogger(__name__)

REQUEST_ID: Final = "x-request-id"
_SANE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LONGEST_PATH: Final = 200
_REFUSED: Final = 400
_FAILED: Final = 500
_SUM_S: Final = 60.0
UNKNOWN: Final = "unknown"
"""In the state of a request that was refused unseen: it bore no token, or a page's headers."""


class InSum:
    """Says how often something came that anybody may cause, at most once a minute."""

    def __init__(
        self, to: logging.Logger, sentence: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take where to say it, and what, with a place for the number."""
        self._to = to
        self._sentence = sentence
        self._clock = clock
        self._count = 0
        self._not_before = -_SUM_S

    def add(self) -> None:
        """Count one more."""
        self._count += 1
        now = self._clock()
        if now >= self._not_before:
            self._to.warning(self._sentence, self._count)
            self._count, self._not_before = 0, now + _SUM_S


@dataclass(slots=True)
class Tally:
    """What was answered since the owner began."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By door and status."""
    under_way: int = 0
    seconds: float = 0.0
    """Spent on those that have been answered, streams included."""


class Recorded:
    """Gives each request its id and notes what became of it."""

    def __init__(
        self, app: ASGIApp, door: str, tally: Tally, *, version: str = "0", every: bool = False
    ) -> None:
        """Take what it stands before.

        Args:
            app: what answers.
            door: by which the requests come.
            tally: what is counted.
            version: of tasktui.
            every: log reading, too, and not only what acts, is refused or fails.
        """
        self._app = app
        self._door = door
        self._tally = tally
        self._version = version.encode()
        self._every = every
        self._unknown = InSum(log, f"{door}: %d requests without a token, or of a page, were refused")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        request = _Noted(scope)
        began = time.monotonic()
        self._tally.under_way += 1
        try:
            await self._app(scope, receive, request.noting(send, self._version))
        finally:
            took = time.monotonic() - began
            self._tally.under_way -= 1
            self._tally.answers[self._door, request.status] += 1
            self._tally.seconds += took
            self._log(request, took)

    def _log(self, request: _Noted, took: float) -> None:
        if UNKNOWN in request.state:
            self._unknown.add()
            return
        telling = self._every or not request.only_looks or request.status >= _REFUSED
        level = logging.ERROR if request.status >= _FAILED else logging.INFO if telling else logging.DEBUG
        log.log(
            level, "%s %s %s %d %.1fms %s",
            self._door, request.method, request.path, request.status, took * 1_000, request.id,
        )  # fmt: skip


class _Noted:
    """One request."""

    def __init__(self, scope: Scope) -> None:
        given = [value for name, value in scope["headers"] if name == REQUEST_ID.encode()]
        sane = len(given) == 1 and _SANE.fullmatch(given[0])
        self.id = given[0].decode() if sane else secrets.token_hex(8)
        self.method = scope["method"]
        self.only_looks = only_looks(self.method, scope["path"])
        # as it was sent, so that nothing in it can begin a line
        self.path = scope["raw_path"].decode("ascii", "replace")[:_LONGEST_PATH]
        self.status = 0
        """0 when the connection was lost before an answer."""
        self.state = scope.setdefault("state", {})
        self.state["request_id"] = self.id

    def noting(self, send: Send, version: bytes) -> Send:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                own = [
                    (REQUEST_ID.encode(), self.id.encode()),
                    (HEADER.encode(), b"%d" % API),
                    (VERSION_HEADER.encode(), version),
                ]
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        return noted
