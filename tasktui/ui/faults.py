"""When a widget fails: how often the screen may start over, and what is said about it."""

from __future__ import annotations

from time import monotonic
from typing import Final

MOST: Final = 3
WITHIN_S: Final = 10.0


class Faults:
    """Counts failures; more than a few in a short time are not worth another start."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self.total = 0
        """All failures of this app."""

    def bearable(self) -> bool:
        """Count one more, and return whether to start over."""
        now = monotonic()
        self.total += 1
        self._times = [at for at in self._times if now - at < WITHIN_S] + [now]
        return len(self._times) <= MOST


def told(error: BaseException) -> str:
    """Return a sentence for a person about a failure of the screen."""
    cause = error.__cause__ or error
    what = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    return f"The screen failed ({what}) and was started again. Your tasks are not touched."
