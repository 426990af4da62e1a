"""Facts about the life of a task."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import FiniteFloat

from tasktui.domain.events.base import Data, Durability
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Attention, Reason, Status


class TaskCreated(Data):
    """Somebody asked for a task."""

    TYPE = "task.created"
    title: str
    spec: TaskSpec
    retry_of: str | None = None
    schedule_id: str | None = None
    in_line: bool | None = None
    """Whether it waits for its exclusive key, which another task has."""


class TaskDispatched(Data):
    """Another machine was handed the task."""

    TYPE = "task.dispatched"
    agent_id: str | None = None
    external_id: str | None = None


class TaskStarted(Data):
    """A run began; the envelope's `run` is its number."""

    TYPE = "task.started"
    worker: str | None = None
    attempt: int = 1


class TaskLinked(Data):
    """The task is known elsewhere under these names."""

    TYPE = "task.linked"
    session_id: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None
    conversation_id: str | None = None
    external_id: str | None = None
    pid: int | None = None


class TaskStatus(Data):
    """One line about what the task is doing."""

    TYPE = "task.status"
    message: str


class TaskProgress(Data):
    """How far the task is; replaces the last one."""

    TYPE = "task.progress"
    DURABILITY: ClassVar[Durability] = "transient"
    current: FiniteFloat | None = None
    total: FiniteFloat | None = None
    percentage: int | None = None
    """0 to 100; of current and total when it is not given."""
    phase: str | None = None
    extra: dict[str, object] | None = None


class TaskAttention(Data):
    """The task began or ceased to need a person."""

    TYPE = "task.attention"
    attention: Attention
    request_id: str | None = None


class TaskCancelRequested(Data):
    """Somebody asked the task to stop."""

    TYPE = "task.cancel_requested"
    by: str
    reason: str | None = None
    force: bool = False


class TaskFinished(Data):
    """The task ended; exactly one for each last run."""

    TYPE = "task.finished"
    status: Status
    reason: Reason
    source: str = "executor"
    evidence: str = ""
    result_summary: str | None = None
    result_inline: str | None = None
    """The result itself below 1,200 bytes."""
    result_ref: str | None = None
    """Artifact id of a larger result."""
    error: str | None = None
    error_code: str | None = None
    exit_code: int | None = None
    duration_ms: int = 0
    usage: dict[str, object] | None = None


class TaskRecovered(Data):
    """A new owner took over a task that an old one had running."""

    TYPE = "task.recovered"
    from_status: Status
    policy: str
    recoveries: int = 0


class TaskRequeued(Data):
    """The task goes back to the queue for another run."""

    TYPE = "task.requeued"
    from_status: Status
    policy: str
    recoveries: int = 0
    not_before: UnixMs | None = None
    resume_session_id: str | None = None
    """The agent's session that the next run takes up again."""


class TaskHeld(Data):
    """The task is not to be started for now."""

    TYPE = "task.held"
    reason: str | None = None
    until: UnixMs | None = None


class TaskReleased(Data):
    """The task may be started again."""

    TYPE = "task.released"


class TaskPaused(Data):
    """The running work stands still until it is resumed."""

    TYPE = "task.paused"
    by: str | None = None


class TaskResumed(Data):
    """The paused work goes on."""

    TYPE = "task.resumed"
    by: str | None = None


class TaskEdited(Data):
    """A queued task was changed; None leaves a field as it was."""

    TYPE = "task.edited"
    title: str | None = None
    priority: int | None = None
    lane: str | None = None
    position: int | None = None
    """Its place among queued tasks of its lane and priority."""
    spec: TaskSpec | None = None


class TaskArchived(Data):
    """The task is hidden from the list, or shown again."""

    TYPE = "task.archived"
    archived: bool = True


class TaskRetried(Data):
    """A new task was made of this one."""

    TYPE = "task.retried"
    new_id: str


class TaskImported(Data):
    """The task was taken in from elsewhere; its facts before this one are told, not seen."""

    TYPE = "task.imported"
    origin: str | None = None
    """From where: the program, or the file."""


class TaskDelivered(Data):
    """The result reached the one who asked."""

    TYPE = "task.delivered"
    by: str | None = None


class TaskAcked(Data):
    """The one who asked needs the result no longer."""

    TYPE = "task.acked"
    by: str | None = None


class TaskDeleted(Data):
    """The task and what belongs to it were removed (logged under `@system`)."""

    TYPE = "task.deleted"
    ids: tuple[str, ...] = ()
    by: str | None = None


class TaskWarning(Data):
    """Something is wrong that does not end the task."""

    TYPE = "task.warning"
    message: str
    code: str | None = None


class TaskError(Data):
    """An error that does not end the task by itself."""

    TYPE = "task.error"
    message: str
    code: str | None = None


class Log(Data):
    """A diagnostic line."""

    TYPE = "log"
    DURABILITY: ClassVar[Durability] = "transient"
    level: Literal["debug", "info", "warning", "error"] = "info"
    message: str = ""
