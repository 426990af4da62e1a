"""How long a stream may be quiet: learnt from how often its server says that it is alive."""

from __future__ import annotations

from typing import Final

APART_S: Final = 0.25
"""Comments that are nearer to each other are one: a greeting, and no promise of more."""
GAPS: Final = 3
"""How many of the longest silences so far make one that means a loss."""


class Pulse:
    """Of one stream."""

    def __init__(self, least_s: float) -> None:
        """Take how long any stream may be quiet."""
        self.allowed_s = least_s
        self._comments = 0
        self._first_at: float | None = None
        self._last_at: float | None = None
        self.is_known = False
        """Whether the server says again and again that it is alive."""

    def felt(self, now: float, comments: int) -> None:
        """Take that something came.

        Args:
            now: on a monotonic clock, in seconds.
            comments: how many of them there were until now.
        """
        if self._last_at is not None:
            self.allowed_s = max(self.allowed_s, GAPS * (now - self._last_at))
        self._last_at = now
        if comments > self._comments:
            self._first_at = now if self._first_at is None else self._first_at
            self.is_known |= now - self._first_at >= APART_S
        self._comments = comments
