"""Who may come in: a link that works once and for a short while, and the session that it opens."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LINK_S: Final = 300.0
"""How long a link waits for its one use."""
_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Pass:
    """What one browser got for its link, until `tasktui web` ends."""

    room: str
    """The first part of every path of this session. A cookie goes to every port of a host, but only to paths
    below its own: no other server on this machine is sent the secret, for it cannot know the room."""
    secret: str
    """The value of the cookie."""


class Passes:
    """The link that waits, and the sessions that links were turned into."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._token = ""
        self._until_s = 0.0
        self._secrets: dict[str, str] = {}

    def new_token(self) -> str:
        """Return the token of a new link; the one before it dies, used or not."""
        self._token, self._until_s = secrets.token_urlsafe(_BYTES), self._clock() + LINK_S
        return self._token

    def redeem(self, token: str) -> Pass | None:
        """Turn a token into a session; None for one that is wrong, was used, or is too old."""
        if not self._token or not _same(token, self._token):
            return None
        self._token = ""
        if self._clock() > self._until_s:
            return None
        made = Pass(secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES))
        self._secrets[made.room] = made.secret
        return made

    def opens(self, room: str, secret: str) -> bool:
        """Whether this cookie belongs to this room."""
        kept = self._secrets.get(room)
        return kept is not None and _same(secret, kept)


def _same(given: str, kept: str) -> bool:
    """Compare in a time that tells nothing about where they differ."""
    return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), kept.encode())
