"""The coding agents that the form for a task offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgentOffer:
    """One agent by its name."""

    name: str
    title: str
    installed: bool
    install: str = ""
    """What to do when it is not."""
    lacks: str = ""
    """What it cannot do that others can, as what follows its title."""

    @property
    def note(self) -> str:
        """Return what is said beside its name."""
        if self.installed:
            return f"✓ {self.title} {self.lacks}".rstrip()
        how = f": {self.install}" if self.install else ""
        return f"{self.title} is not installed{how}"


def ordered(offers: Iterable[AgentOffer]) -> tuple[AgentOffer, ...]:
    """Return those that can be started first, each kind in its order."""
    return tuple(sorted(offers, key=lambda offer: not offer.installed))
