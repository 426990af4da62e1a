"""What carries messages to an agent at an address and back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from tasktui.executors.agents.elsewhere.program.trouble import Place, TroubleError

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ends:
    """What a carrier is made with."""

    place: Place
    headers: dict[str, str]
    """That go with every request; the token is in them."""
    hear: Callable[[bytes], None]
    """Takes a message that came, as it came."""
    lost: Callable[[TroubleError], None]
    """Told once when nothing can come any more."""
    own: Callable[[Coroutine[Any, Any, None]], object]
    """Makes a task of what runs as long as the connection does."""
    answer_s: float
    """How long the other side may take to answer."""
    silence_s: float
    """After which one is lost that says that it is alive much more often."""


class Carrier(Protocol):
    """A connection with an agent."""

    async def open(self) -> None:
        """Connect.

        Raises:
            TroubleError: there is no connection.
        """
        ...

    async def send(self, message: Json) -> None:
        """Bring a message there.

        Raises:
            TroubleError: it was not taken.
        """
        ...

    def heard(self, message: Json) -> None:
        """Take note of a message that came, before it is passed on."""
        ...

    async def close(self) -> None:
        """Say that we go, and go."""
        ...
