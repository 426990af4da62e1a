"""Whether a run is to stop, who asks, and how hard."""

from __future__ import annotations

import asyncio
from typing import Literal

Why = Literal["", "user", "wall", "idle", "shutdown"]


class Stop:
    """The `CancelScope` of one run; the first to ask is the one who counts."""

    def __init__(self) -> None:
        self._why: Why = ""
        self._asked = asyncio.Event()
        self._killed = asyncio.Event()

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        return self._asked.is_set()

    @property
    def forced(self) -> bool:
        """Whether it is to be killed at once."""
        return self._killed.is_set()

    @property
    def why(self) -> Why:
        """Who asks."""
        return self._why

    def ask(self, why: Why) -> bool:
        """Ask for a stop; return whether nobody had."""
        first = not self.requested
        if first:
            self._why = why
            self._asked.set()
        return first

    def force(self) -> None:
        """Have it killed; a stop must have been asked for."""
        self._killed.set()

    async def wait(self) -> None:
        """Return when a stop is asked for."""
        await self._asked.wait()

    async def wait_forced(self) -> None:
        """Return when it is to be killed."""
        await self._killed.wait()
