"""What Codex warns of, and what it says that this version does not know."""

from __future__ import annotations

from typing import Final

from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.work import RuntimeEvent
from tasktui.executors.agents.bounds import NAME, cut
from tasktui.executors.agents.dialogue import Step

MAX_STRANGE: Final = 100
"""Names that are remembered, and warned of."""


def warning(text: str) -> TaskWarning:
    """Return a warning in Codex's words."""
    return TaskWarning(message=text or "Codex gave a warning without words.", code="agent_warning")


class Strange:
    """What is unknown, by name."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def told(self, what: str) -> list[Step]:
        """Count something unknown, and warn of it once."""
        what = cut(what, NAME)
        told: list[Step] = [RuntimeEvent(event=what)]
        if what not in self._seen and len(self._seen) < MAX_STRANGE:
            self._seen.add(what)
            told.append(warning(f"Codex said something unknown: {what}"))
        return told
