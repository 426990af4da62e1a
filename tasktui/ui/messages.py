"""Requests and facts that concern more than one widget; requests bubble up to the app.

Written out, for a dataclass takes longer to make than to read: each one costs the first frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from tasktui.domain.requests import Place
    from tasktui.domain.rows import TaskRow
    from tasktui.domain.spec import TaskSpec


class TaskSelected(Message):
    """The cursor of the list came to rest on a task, or on none."""

    def __init__(self, row: TaskRow | None) -> None:
        super().__init__()
        self.row = row

    def can_replace(self, message: Message) -> bool:
        """Only the newest choice counts."""
        return isinstance(message, TaskSelected)


class TaskOpened(Message):
    """A person wants to see this task large."""

    def __init__(self, task_id: str) -> None:
        super().__init__()
        self.task_id = task_id


class Request(Message):
    """Something that a person wants from the manager; the app carries it out and answers by `RequestDone`."""


class SubmitRequested(Request):
    """Start this."""

    def __init__(self, spec: TaskSpec, env: Mapping[str, str] | None = None, machine: str = "") -> None:
        super().__init__()
        self.spec = spec
        self.env: Mapping[str, str] = env or {}
        """Variables on top of the person's own."""
        self.machine = machine
        """Where it is to run, where there are several."""


class RetryRequested(Request):
    """Run finished tasks again, with changes when `spec` is given (then it is one task)."""

    def __init__(
        self, task_ids: tuple[str, ...], spec: TaskSpec | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self.task_ids = task_ids
        self.spec = spec
        self.env: Mapping[str, str] = env or {}
        """Variables on top of the person's own."""


class EditRequested(Request):
    """Let this queued task do something else, or otherwise."""

    def __init__(self, task_id: str, spec: TaskSpec) -> None:
        super().__init__()
        self.task_id = task_id
        self.spec = spec


class CancelRequested(Request):
    """Stop these tasks; `force` kills. The person has confirmed it."""

    def __init__(self, task_ids: tuple[str, ...], force: bool = False) -> None:
        super().__init__()
        self.task_ids = task_ids
        self.force = force


class HoldRequested(Request):
    """Keep these queued tasks from starting, or let them start."""

    def __init__(self, task_ids: tuple[str, ...], held: bool = True) -> None:
        super().__init__()
        self.task_ids = task_ids
        self.held = held


class PauseRequested(Request):
    """Let this running work stand still, or go on."""

    def __init__(self, task_ids: tuple[str, ...], paused: bool = True) -> None:
        super().__init__()
        self.task_ids = task_ids
        self.paused = paused


class ReorderRequested(Request):
    """Move these queued tasks past their neighbours in the lane, or to its front or end."""

    def __init__(self, task_ids: tuple[str, ...], where: Place) -> None:
        super().__init__()
        self.task_ids = task_ids
        self.where = where


class LaneRequested(Request):
    """Pause a lane, let it go on, or let another number of its tasks run at once."""

    def __init__(self, lane: str, limit: int | None = None, paused: bool | None = None) -> None:
        super().__init__()
        self.lane = lane
        self.limit = limit
        self.paused = paused


class ScheduleStopRequested(Request):
    """Let this recur no more. The person has confirmed it."""

    def __init__(self, schedule_id: str) -> None:
        super().__init__()
        self.schedule_id = schedule_id


class PriorityRequested(Request):
    """Move these queued tasks in their lanes by some steps."""

    def __init__(self, task_ids: tuple[str, ...], change: int) -> None:
        super().__init__()
        self.task_ids = task_ids
        self.change = change


class ArchiveRequested(Request):
    """Hide these finished tasks from the list, or show them again."""

    def __init__(self, task_ids: tuple[str, ...], archived: bool = True) -> None:
        super().__init__()
        self.task_ids = task_ids
        self.archived = archived


class PurgeRequested(Request):
    """Delete these finished tasks with their files. The person has typed how many."""

    def __init__(self, task_ids: tuple[str, ...]) -> None:
        super().__init__()
        self.task_ids = task_ids


class InterveneRequested(Request):
    """Send this message to a running task."""

    def __init__(
        self,
        task_id: str,
        text: str,
        mode: Literal["steer", "queue", "interrupt"] = "steer",
        client_token: str | None = None,
    ) -> None:
        super().__init__()
        self.task_id = task_id
        self.text = text
        self.mode = mode
        self.client_token = client_token


class AnswerRequested(Request):
    """Answer a question or decide an approval of this task; `request_id` None: the one that waits."""

    def __init__(
        self,
        task_id: str,
        request_id: str | None = None,
        decision: Literal["allow", "deny", "answer"] = "answer",
        text: str = "",
        scope: Literal["once", "task", "always"] = "once",
    ) -> None:
        super().__init__()
        self.task_id = task_id
        self.request_id = request_id
        self.decision = decision
        self.text = text
        self.scope = scope


class CopyRequested(Message):
    """Put this text on the clipboard of the person's terminal (OSC 52) and say so."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what
        """What it is, for the toast: `the id`, `12 lines of output`."""


class UndoOffered(Message):
    """What a person just did can be undone; the app says so, and calls this on the undo key."""

    def __init__(self, text: str, undo: Callable[[], object]) -> None:
        super().__init__()
        self.text = text
        """What was done."""
        self.undo = undo


class RequestDone(Message):
    """The manager did what was asked, or refused; for the widget that waits to clear its text."""

    def __init__(self, request: Request, error: str | None = None, made: str = "") -> None:
        super().__init__()
        self.request = request
        self.error = error
        """Why not, in words for a person."""
        self.made = made
        """The id of the task that came of it."""


class TalkWanted(Message):
    """The person wants to write to this task, answer its question or deny it with a reason.

    For the screen that shows the task.
    """

    def __init__(self, row: TaskRow, way: Literal["message", "answer", "deny"]) -> None:
        super().__init__()
        self.row = row
        self.way = way
