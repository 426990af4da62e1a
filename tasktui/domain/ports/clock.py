"""Clocks and fresh names, injectable."""

from __future__ import annotations

from typing import Protocol

from tasktui.domain.rows import UnixMs


class Clock(Protocol):
    """Two clocks: one for people, one for durations."""

    def now(self) -> UnixMs:
        """Return the wall time; it may jump."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...


class Ids(Protocol):
    """Where fresh names come from."""

    def task(self) -> str:
        """Return `task_` and 16 hex digits."""
        ...

    def other(self, prefix: str) -> str:
        """Return the prefix and 8 hex digits."""
        ...

    def mark(self) -> str:
        """Return 32 hex digits that no other run has."""
        ...
