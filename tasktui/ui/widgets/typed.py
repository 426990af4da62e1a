"""What a person typed to tasks: half a message to each of them, and the messages that were sent."""

from __future__ import annotations

from typing import Final

_HISTORY: Final = 50
_DRAFTS: Final = 50
"""Tasks with half a message; the oldest is forgotten."""


class Typed:
    """Of one line to type in, which goes from task to task."""

    def __init__(self) -> None:
        self._drafts: dict[str, str] = {}
        self._history: list[str] = []
        self._back = 0
        self._begun = ""
        """What stood in the line when somebody began to walk back."""

    def keep(self, task_id: str, text: str) -> None:
        """Keep what stands in the line of a task; nothing where it is empty."""
        self._drafts.pop(task_id, None)
        self._back = 0
        if text.strip():
            self._drafts[task_id] = text
            if len(self._drafts) > _DRAFTS:
                del self._drafts[next(iter(self._drafts))]

    def draft(self, task_id: str) -> str:
        """Return what stood in the line of a task."""
        return self._drafts.get(task_id, "")

    def sent(self, text: str, *, to: str) -> None:
        """Take that a task has this message, which is no draft any more."""
        if self.draft(to).rstrip("\n") == text:
            self._drafts.pop(to, None)
        self._history = [*self._history, text][-_HISTORY:]
        self._back = 0

    def walked(self, step: int, now: str) -> str | None:
        """Return the text so many messages further back, at the end the one that was begun.

        Args:
            step: 1 for an older one, -1 for a newer one.
            now: what stands in the line.
        """
        to = min(max(0, self._back + step), len(self._history))
        if to == self._back:
            return None
        if not self._back:
            self._begun = now
        self._back = to
        return self._history[-to] if to else self._begun
