"""Decides when the next frame may be sent: the terminal's answers say how far behind it is."""

from __future__ import annotations

from typing import Final

REQUEST: Final = "\x1b[?2026$p"
"""Asks for a mode; the terminal answers when it has processed everything before (DECRQM)."""
REQUEST_EVERY_BYTES: Final = 512
"""Small frames share a request."""
IN_FLIGHT: Final = 2
SLOW_S: Final = 0.25
"""An answer that took longer shows a slow line; then only one request may be unanswered."""
IN_FLIGHT_BYTES: Final = 6144
"""More unanswered bytes than this hold the next frame by themselves: what is on its way will be stale."""
PATIENCE_S: Final = 3.0
"""How long an answer may take before one more frame goes out, once the bytes on their way have had theirs."""
SLOWEST_BYTES_PER_S: Final = 2000
SILENT_AFTER: Final = 5
"""Unanswered requests in a row that show a terminal which no longer answers."""
SILENT_PACE_S: Final = 0.25


class Credit:
    """At most two unanswered requests, one on a slow line. A terminal that never answered isn't asked."""

    def __init__(self) -> None:
        self._answers = False
        self._since_request = 0
        self._requested: list[tuple[int, float]] = []
        self._in_flight = IN_FLIGHT
        self._waiting_since = 0.0
        self._missed = 0

    @property
    def unanswered_bytes(self) -> int:
        """Bytes that were sent and not yet known to be processed."""
        return sum(size for size, _ in self._requested)

    def wait_s(self, now: float) -> float:
        """Return how long the next frame has to wait; 0 if it may go."""
        if len(self._requested) < self._in_flight and self.unanswered_bytes < IN_FLIGHT_BYTES:
            return 0.0
        if self._missed >= SILENT_AFTER:
            return max(0.0, self._waiting_since + SILENT_PACE_S - now)
        patience = PATIENCE_S + self.unanswered_bytes / SLOWEST_BYTES_PER_S
        return max(0.0, self._waiting_since + patience - now)

    def sent(self, size: int, now: float) -> bool:
        """Note a frame of `size` bytes; return whether to put a request behind it."""
        self._since_request += size
        if not self._answers or self._since_request < REQUEST_EVERY_BYTES:
            return False
        if self.wait_s(self._waiting_since):
            self._requested.clear()
            self._missed += 1
        self._requested.append((self._since_request, now))
        self._since_request = 0
        self._waiting_since = now
        return True

    def answered(self, now: float) -> None:
        """Note an answer of the terminal."""
        self._answers = True
        self._missed = 0
        if self._requested:
            _, asked = self._requested.pop(0)
            self._in_flight = 1 if now - asked > SLOW_S else IN_FLIGHT

    def reset(self) -> None:
        """Forget what is outstanding, as after a suspension."""
        self._requested.clear()
        self._since_request = 0
