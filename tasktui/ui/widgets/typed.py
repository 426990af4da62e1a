"""What a person typed to tasks: half a message to each, those on their way, and those that were sent."""

from __future__ import annotations

from typing import Final

_HISTORY: Final = 50
_DRAFTS: Final = 50
"""Tasks with half a message; the oldest is forgotten."""


class Typed:
    """Of all lines to type in: a task is talked to from more than one screen."""

    def __init__(self) -> None:
        self._drafts: dict[str, str] = {}
        self._on_the_way: set[tuple[str, str]] = set()
        self._history: list[str] = []
        self._back = 0

    def arrive(self) -> None:
        """Somebody comes to a line: a walk through what was sent is over."""
        self._back = 0

    def line(self, task_id: str) -> str:
        """Return what stands in the line of a task: where a walk has come to, else the draft."""
        return self._history[-self._back] if self._back else self._drafts.get(task_id, "")

    def keep(self, task_id: str, text: str) -> None:
        """Keep what stands in the line of a task; nothing where it is empty, or what a walk has put there."""
        if text == self.line(task_id):
            return
        self._back = 0
        self._drafts.pop(task_id, None)
        if text.strip():
            self._drafts[task_id] = text
            if len(self._drafts) > _DRAFTS:
                del self._drafts[next(iter(self._drafts))]

    def send(self, task_id: str, text: str) -> bool:
        """Take that a message is on its way; return whether the very same one was not already."""
        is_new = (task_id, text) not in self._on_the_way
        self._on_the_way.add((task_id, text))
        return is_new

    def answered(self, task_id: str, text: str, *, taken: bool) -> None:
        """Take, once, that a message reached its task and is no draft any more, or that it did not."""
        if (task_id, text) not in self._on_the_way:
            return
        self._on_the_way.discard((task_id, text))
        if not taken:
            return
        if self._back:
            self._back = 0 if self.line(task_id) == text else min(self._back + 1, _HISTORY)
        if self._drafts.get(task_id, "").rstrip("\n") == text:
            self._drafts.pop(task_id, None)
        self._history = [*self._history, text][-_HISTORY:]

    def walk(self, step: int) -> bool:
        """Go so many messages further back, at the end to the draft; return whether there was a way.

        Args:
            step: 1 for an older one, -1 for a newer one.
        """
        to = min(max(0, self._back + step), len(self._history))
        moved, self._back = to != self._back, to
        return moved
