"""When the last request came: an owner that nobody needs may end. Standard library alone."""

from __future__ import annotations

import time


class Activity:
    """Whether anybody needs the service: an owner without work may end when nobody does."""

    def __init__(self) -> None:
        self.open = 0
        """Requests under way, streams included."""
        self._last = time.monotonic()

    def idle_s(self) -> float:
        """Return for how long nobody has asked anything; 0 while a request or stream is open."""
        return 0.0 if self.open else time.monotonic() - self._last

    def begin(self) -> None:
        """Note a request."""
        self.open += 1

    def end(self) -> None:
        """Note its end."""
        self.open -= 1
        self._last = time.monotonic()
