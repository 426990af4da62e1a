"""The newest events of one task, on their way to a screen: bounded in number and in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from tasktui.domain.records import StoredEvent

MOST: Final = 500
"""Events of one change set."""
MOST_BYTES: Final = 4_194_304
"""Of their data: with all else that a change set has it fits a frame."""
_TOOL: Final = "tool"


class Tail:
    """Gathers events; the oldest are left out where there are too many."""

    def __init__(self, events: Iterable[StoredEvent] = ()) -> None:
        self._events: deque[StoredEvent] = deque()
        self._bytes = 0
        self._left: set[str] = set()
        self.extend(events)

    def extend(self, events: Iterable[StoredEvent]) -> None:
        """Take events in, newer than those before."""
        for event in events:
            self._events.append(event)
            self._bytes += len(event.data)
        while len(self._events) > MOST or self._bytes > MOST_BYTES:
            left = self._events.popleft()
            self._bytes -= len(left.data)
            self._left.add(_family(left))

    @property
    def events(self) -> tuple[StoredEvent, ...]:
        """Those that are kept, oldest first."""
        return tuple(self._events)

    @property
    def lacks(self) -> bool:
        """Whether a screen has to read what was left out.

        Calls of tools come in floods, and any one that is kept has it read them again.
        """
        return bool(self._left - {_TOOL}) or (
            _TOOL in self._left and all(_family(event) != _TOOL for event in self._events)
        )

    def clear(self) -> None:
        """Forget all."""
        self._events.clear()
        self._left.clear()
        self._bytes = 0


def _family(event: StoredEvent) -> str:
    return event.type.partition(".")[0]
