"""Last values of transient facts that wait to be stored: of each only the newest."""

from __future__ import annotations

from collections.abc import Iterable

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskFinished


class LastValues:
    """What the writer stores beside the log."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, str], NewEvent] = {}

    def __bool__(self) -> bool:
        """Whether any waits."""
        return bool(self._waiting)

    def keep(self, event: NewEvent, key: str) -> None:
        """Take a value in the place of the one that waits."""
        self._waiting[event.task_id, event.type, key] = event

    def take(self) -> tuple[NewEvent, ...]:
        """Return all that wait; they wait no more."""
        live = tuple(self._waiting.values())
        self._waiting.clear()
        return live

    def take_before(self, facts: Iterable[NewEvent]) -> tuple[NewEvent, ...]:
        """Return those of tasks that end by these facts, as `take` does: a row that has ended takes none."""
        if not self._waiting:
            return ()
        ending = {fact.task_id for fact in facts if isinstance(fact.data, TaskFinished)}
        return tuple(self._waiting.pop(key) for key in list(self._waiting) if key[0] in ending)

    def clear(self) -> None:
        """Forget them."""
        self._waiting.clear()
