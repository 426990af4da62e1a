"""Which turns are still to come: a turn that ends is the last only when nothing is left for another."""

from __future__ import annotations

from typing import Final

from tasktui.domain.facts import Facts

_NOT_WAITED_FOR: Final = ("bash", "shell", "monitor")
"""Kinds of work in the background that may never end: a server that was started stays no reason to wait."""


class Turns:
    """What was said to the agent and has no answer yet, and what it does in the background.

    An agent that repeats what it takes in has answered a message by the result after that; of one that does
    not, each result answers the oldest. Agents that it called and left in the background wake it when they
    have ended: it is told, and has another turn.
    """

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._repeats = False
        self._woken = False
        self._queued = False
        self.resting = False
        """Whether a turn has ended and no other has begun."""
        self.background: list[str] = []
        """What those do in the background for whom it is waited."""

    @property
    def more(self) -> bool:
        """Whether another turn is to come."""
        return bool(self._waiting or self.background or self._woken or self._queued)

    def said(self, text: str) -> None:
        """Note a message that was said."""
        self._waiting.append(text)

    def repeated(self, text: str) -> None:
        """Note that the agent took a message in, or several joined to one."""
        self._repeats = True
        if text in self._waiting:
            self._waiting.remove(text)
            return
        left = [waiting for waiting in self._waiting if waiting not in text]
        self._waiting = left if len(left) < len(self._waiting) else self._waiting[1:]

    def told(self, line: Facts) -> None:
        """Take one of the agent's `system` events."""
        match line.text("subtype"):
            case "init":
                self.resting = False
            case "background_tasks_changed":
                self.background = [
                    task.text("description") or task.text("task_type")
                    for task in line.records("tasks")
                    if not any(word in task.text("task_type") for word in _NOT_WAITED_FOR)
                ]
            case "task_notification":
                self._woken = self.resting

    def over(self, result: Facts) -> None:
        """Note the end of a turn."""
        if not self._repeats:
            del self._waiting[:1]
        self._queued = (result.number("queued_turn_count") or 0) > 0
        self._woken = False
        self.resting = True
