"""One reading at a time: what changes meanwhile has it read once more after that, and not instead of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Turn:
    """Readings of one thing, one after the other."""

    of: Hashable
    wanted: bool = True


class Rereading:
    """Something that is read again when it changes.

    Were each reading begun anew by the next change, a link slower than the changes would never show anything.
    """

    def __init__(self) -> None:
        self._turn: Turn | None = None

    @property
    def busy(self) -> bool:
        """Whether it is being read."""
        return self._turn is not None

    def ask(self, of: Hashable = None) -> Turn | None:
        """Return what begins now; None where this is being read, and is once more after that."""
        if self._turn is not None and self._turn.of == of:
            self._turn.wanted = True
            return None
        return self.anew(of)

    def anew(self, of: Hashable = None) -> Turn:
        """Return what begins now, in the place of what is being read."""
        self._turn = Turn(of)
        return self._turn

    async def until_read(self, turn: Turn, read: Callable[[], Awaitable[None]]) -> None:
        """Read, until nobody asked for it meanwhile."""
        try:
            while turn.wanted and self._turn is turn:
                turn.wanted = False
                await read()
        finally:
            if self._turn is turn:
                self._turn = None
