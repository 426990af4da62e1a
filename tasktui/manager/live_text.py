"""What running tasks are saying at this moment: messages and tool calls that are not complete yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.registry import parsed
from tasktui.domain.events.work import MessageCompleted, MessageDelta, ToolCompleted, ToolProgress
from tasktui.domain.records import StoredEvent

KEPT_CHARS: Final = 65_536
"""The end of a long message that is kept."""
TOOL_CHARS: Final = 4_096
"""The end of what a running tool call wrote that is kept: it is told again whenever it grows."""
MOST_CALLS: Final = 32
"""Tool calls of a task whose text is kept; some agents go on about calls that they had ended."""
MOST_MESSAGES: Final = 16
"""Messages of a task whose text is kept. With all else it fits a frame, however much of it JSON escapes."""
LONGEST_NAME: Final = 256
"""Characters of an id; what a task calls by a longer one is told when it is complete."""

_ENDS: Final = frozenset({"task.finished", "task.requeued"})


class LiveText:
    """The text so far of each streaming message and each running tool call, by task."""

    def __init__(self) -> None:
        self._messages: dict[str, dict[str, str]] = {}
        self._calls: dict[str, dict[str, str]] = {}

    def of(self, task_id: str) -> tuple[tuple[str, str], ...]:
        """Return (message id, text so far) of a task, oldest first."""
        return tuple(self._messages.get(task_id, {}).items())

    def written(self, task_id: str) -> tuple[tuple[str, str], ...]:
        """Return (call id, the end of what it wrote) of tool calls, the one that wrote last at the end."""
        return tuple(self._calls.get(task_id, {}).items())

    def transient(self, event: NewEvent) -> None:
        """Take a piece."""
        match event.data:
            case MessageDelta(message_id=name, delta=piece) if len(name) <= LONGEST_NAME:
                messages = self._messages.setdefault(event.task_id, {})
                messages[name] = (messages.get(name, "") + piece)[-KEPT_CHARS:]
                _bound(messages, MOST_MESSAGES)
            case ToolProgress(call_id=name, text=piece) if len(name) <= LONGEST_NAME:
                calls = self._calls.setdefault(event.task_id, {})
                # the one that grew last stands last
                calls[name] = (calls.pop(name, "") + piece)[-TOOL_CHARS:]
                _bound(calls, MOST_CALLS)

    def stored(self, event: StoredEvent) -> None:
        """Forget what is complete, and everything of a run that ended."""
        if event.task_id not in self._messages and event.task_id not in self._calls:
            return
        if event.type in _ENDS:
            self._messages.pop(event.task_id, None)
            self._calls.pop(event.task_id, None)
        elif event.type in {MessageCompleted.TYPE, ToolCompleted.TYPE}:
            match parsed(event):
                case MessageCompleted(message_id=name):
                    _drop(self._messages, event.task_id, name)
                case ToolCompleted(call_id=name):
                    _drop(self._calls, event.task_id, name)


def _bound(texts: dict[str, str], most: int) -> None:
    if len(texts) > most:
        del texts[next(iter(texts))]


def _drop(texts: Mapping[str, dict[str, str]], task_id: str, name: str) -> None:
    texts.get(task_id, {}).pop(name, None)
