"""Requests and facts that concern more than one widget; requests bubble up to the app.

Nothing is generated that nobody uses: Textual has its own `repr`, and each method costs the first frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow
    from tasktui.domain.spec import TaskSpec


@dataclass(eq=False, repr=False)
class TaskSelected(Message):
    """The cursor of the list came to rest on a task, or on none."""

    row: TaskRow | None

    def can_replace(self, message: Message) -> bool:
        """Only the newest choice counts."""
        return isinstance(message, TaskSelected)


@dataclass(eq=False, repr=False)
class TaskOpened(Message):
    """A person wants to see this task large."""

    task_id: str


class Request(Message):
    """Something that a person wants from the manager; the app carries it out and answers by `RequestDone`."""


@dataclass(eq=False, repr=False)
class SubmitRequested(Request):
    """Start this."""

    spec: TaskSpec
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables on top of the person's own."""


@dataclass(eq=False, repr=False)
class RetryRequested(Request):
    """Run finished tasks again, with changes when `spec` is given (then it is one task)."""

    task_ids: tuple[str, ...]
    spec: TaskSpec | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables on top of the person's own."""


@dataclass(eq=False, repr=False)
class EditRequested(Request):
    """Let this queued task do something else, or otherwise."""

    task_id: str
    spec: TaskSpec


@dataclass(eq=False, repr=False)
class CancelRequested(Request):
    """Stop these tasks; `force` kills. The person has confirmed it."""

    task_ids: tuple[str, ...]
    force: bool = False


@dataclass(eq=False, repr=False)
class HoldRequested(Request):
    """Keep these queued tasks from starting, or let them start."""

    task_ids: tuple[str, ...]
    held: bool = True


@dataclass(eq=False, repr=False)
class PauseRequested(Request):
    """Let this running work stand still, or go on."""

    task_ids: tuple[str, ...]
    paused: bool = True


@dataclass(eq=False, repr=False)
class ReorderRequested(Request):
    """Move these queued tasks past their neighbours in the lane."""

    task_ids: tuple[str, ...]
    where: Literal["earlier", "later"]


@dataclass(eq=False, repr=False)
class LaneRequested(Request):
    """Pause a lane, let it go on, or let another number of its tasks run at once."""

    lane: str
    limit: int | None = None
    paused: bool | None = None


@dataclass(eq=False, repr=False)
class ScheduleStopRequested(Request):
    """Let this recur no more. The person has confirmed it."""

    schedule_id: str


@dataclass(eq=False, repr=False)
class PriorityRequested(Request):
    """Move these queued tasks in their lanes by some steps."""

    task_ids: tuple[str, ...]
    change: int


@dataclass(eq=False, repr=False)
class ArchiveRequested(Request):
    """Hide these finished tasks from the list, or show them again."""

    task_ids: tuple[str, ...]
    archived: bool = True


@dataclass(eq=False, repr=False)
class PurgeRequested(Request):
    """Delete these finished tasks with their files. The person has typed how many."""

    task_ids: tuple[str, ...]


@dataclass(eq=False, repr=False)
class InterveneRequested(Request):
    """Send this message to a running task."""

    task_id: str
    text: str
    mode: Literal["steer", "queue", "interrupt"] = "steer"
    client_token: str | None = None


@dataclass(repr=False)
class AnswerRequested(Request):
    """Answer a question or decide an approval of this task; `request_id` None: the one that waits."""

    task_id: str
    request_id: str | None = None
    decision: Literal["allow", "deny", "answer"] = "answer"
    text: str = ""
    scope: Literal["once", "task", "always"] = "once"


@dataclass(eq=False, repr=False)
class CopyRequested(Message):
    """Put this text on the clipboard of the person's terminal (OSC 52) and say so."""

    text: str
    what: str
    """What it is, for the toast: `the id`, `12 lines of output`."""


@dataclass(eq=False, repr=False)
class UndoOffered(Message):
    """What a person just did can be undone; the app says so, and calls this on the undo key."""

    text: str
    """What was done."""
    undo: Callable[[], object]


@dataclass(eq=False, repr=False)
class RequestDone(Message):
    """The manager did what was asked, or refused; for the widget that waits to clear its text."""

    request: Request
    error: str | None = None
    """Why not, in words for a person."""


@dataclass(eq=False, repr=False)
class TalkWanted(Message):
    """The person wants to write to this task, answer its question or deny it with a reason.

    For the screen that shows the task.
    """

    task_id: str
    way: Literal["message", "answer", "deny"]
