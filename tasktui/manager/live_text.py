"""What running tasks are saying at this moment: messages that are not complete yet."""

from __future__ import annotations

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.registry import parsed
from tasktui.domain.events.work import MessageCompleted, MessageDelta
from tasktui.domain.records import StoredEvent

KEPT_CHARS = 65_536
"""The end of a long message that is kept."""


class LiveText:
    """The text so far of each streaming message, by task."""

    def __init__(self) -> None:
        self._messages: dict[str, dict[str, str]] = {}

    def of(self, task_id: str) -> tuple[tuple[str, str], ...]:
        """Return (message id, text so far) of a task, oldest first."""
        return tuple(self._messages.get(task_id, {}).items())

    def transient(self, event: NewEvent) -> None:
        """Take a piece."""
        if isinstance(event.data, MessageDelta):
            messages = self._messages.setdefault(event.task_id, {})
            text = messages.get(event.data.message_id, "") + event.data.delta
            messages[event.data.message_id] = text[-KEPT_CHARS:]

    def stored(self, event: StoredEvent) -> None:
        """Forget what is complete, and everything of a run that ended."""
        if event.task_id not in self._messages:
            return
        if event.type in {"task.finished", "task.requeued"}:
            del self._messages[event.task_id]
        elif event.type == MessageCompleted.TYPE:
            data = parsed(event)
            if isinstance(data, MessageCompleted):
                self._messages[event.task_id].pop(data.message_id, None)
