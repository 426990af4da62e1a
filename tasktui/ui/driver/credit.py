"""Decides when the next frame may be sent: the terminal's answers say how far behind it is."""

from __future__ import annotations

from typing import Final

REQUEST: Final = "\x1b[?2026$p"
"""Asks for a mode; the terminal answers when it has processed everything before (DECRQM)."""
REQUEST_EVERY_BYTES: Final = 512
"""Small frames share a request."""
IN_FLIGHT: Final = 2
PATIENCE_S: Final = 3.0
"""How long an answer may take before one more frame goes out."""
SILENT_AFTER: Final = 5
"""Unanswered requests in a row that show a terminal which no longer answers."""
SILENT_PACE_S: Final = 0.25


class Credit:
    """At most two unanswered requests. A terminal that never answered a request isn't asked."""

    def __init__(self) -> None:
        self._answers = False
        self._since_request = 0
        self._requested: list[int] = []
        self._waiting_since = 0.0
        self._missed = 0

    @property
    def unanswered_bytes(self) -> int:
        """Bytes that were sent and not yet known to be processed."""
        return sum(self._requested)

    def wait_s(self, now: float) -> float:
        """Return how long the next frame has to wait; 0 if it may go."""
        if len(self._requested) < IN_FLIGHT:
            return 0.0
        patience = PATIENCE_S if self._missed < SILENT_AFTER else SILENT_PACE_S
        return max(0.0, self._waiting_since + patience - now)

    def sent(self, size: int, now: float) -> bool:
        """Note a frame of `size` bytes; return whether to put a request behind it."""
        self._since_request += size
        if not self._answers or self._since_request < REQUEST_EVERY_BYTES:
            return False
        if len(self._requested) >= IN_FLIGHT:
            self._requested.pop(0)
            self._missed += 1
        self._requested.append(self._since_request)
        self._since_request = 0
        self._waiting_since = now
        return True

    def answered(self) -> None:
        """Note an answer of the terminal."""
        self._answers = True
        self._missed = 0
        if self._requested:
            self._requested.pop(0)

    def reset(self) -> None:
        """Forget what is outstanding, as after a suspension."""
        self._requested.clear()
        self._since_request = 0
