"""The words for where a task stands: statuses, attention, reasons, kinds and the list's groups."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Status(StrEnum):
    """The stored state of a task; the last six are terminal and absorbing."""

    QUEUED = "queued"
    """Waiting for its lane, its time, its parents or a person's release."""
    DISPATCHED = "dispatched"
    """Handed to another machine that has not shown a sign of work yet."""
    RUNNING = "running"
    """A run is under way."""
    COMPLETED = "completed"
    """Ended as asked."""
    FAILED = "failed"
    """Ended with an error; `terminal_reason` says which kind."""
    CANCELED = "canceled"
    """Ended because somebody asked; what it had produced is kept."""
    TIMED_OUT = "timed_out"
    """Ended by a wall, idle or queue deadline."""
    INTERRUPTED = "interrupted"
    """Stopped by our own shutdown or recovery policy."""
    LOST = "lost"
    """Ended while nobody could see how."""


TERMINAL: Final = frozenset(
    {Status.COMPLETED, Status.FAILED, Status.CANCELED, Status.TIMED_OUT, Status.INTERRUPTED, Status.LOST}
)
"""Statuses that no event leaves."""
ACTIVE: Final = frozenset({Status.DISPATCHED, Status.RUNNING})
"""Statuses in which work may be going on."""

ALIASES: Final[dict[str, Status]] = {
    "cancelled": Status.CANCELED,
    "error": Status.FAILED,
    "in_progress": Status.RUNNING,
    "processing": Status.RUNNING,
    "pending": Status.QUEUED,
    "created": Status.QUEUED,
    "sent": Status.DISPATCHED,
    "timeout": Status.TIMED_OUT,
}
"""Spellings of the replaced task managers that input may use."""


class Attention(StrEnum):
    """Whether a person is needed, and for what."""

    NONE = "none"
    """Nobody is waited for."""
    APPROVAL = "approval"
    """A permission question blocks the task."""
    INPUT = "input"
    """A question waits for an answer."""


class Kind(StrEnum):
    """What runs the task."""

    AGENT = "agent"
    """A coding agent."""
    SHELL = "shell"
    """A program or a shell line."""
    PYTHON = "python"
    """A Python function."""
    REMOTE = "remote"
    """A service reached over the network."""
    CUSTOM = "custom"
    """An executor that the embedding program brought, or the caller itself."""


class Reason(StrEnum):
    """Why a task ended (`terminal_reason`)."""

    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    ERROR = "error"
    EXIT_NONZERO = "exit_nonzero"
    SPAWN_FAILED = "spawn_failed"
    EXECUTOR_CRASH = "executor_crash"
    BAD_RESULT = "bad_result"
    CANCELED = "canceled"
    CANCELED_BEFORE_START = "canceled_before_start"
    CANCELED_AFTER_COMPLETION = "canceled_after_completion"
    CANCEL_FORCED = "cancel_forced"
    SHUTDOWN = "shutdown"
    WALL_TIMEOUT = "wall_timeout"
    IDLE_TIMEOUT = "idle_timeout"
    QUEUE_TIMEOUT = "queue_timeout"
    DEPENDENCY_FAILED = "dependency_failed"
    PROCESS_RESTART = "process_restart"
    RECOVERY_EXHAUSTED = "recovery_exhausted"
    AGENT_LOST = "agent_lost"
    AGENT_UNAVAILABLE = "agent_unavailable"
    RESOURCE_UNAVAILABLE = "resource_unavailable"
    BUDGET_EXCEEDED = "budget_exceeded"
    SHIM_LOST = "shim_lost"


_USUAL: Final = {
    Status.COMPLETED: Reason.COMPLETED,
    Status.CANCELED: Reason.CANCELED,
    Status.TIMED_OUT: Reason.WALL_TIMEOUT,
    Status.INTERRUPTED: Reason.SHUTDOWN,
    Status.LOST: Reason.AGENT_LOST,
}


def usual_reason(status: Status) -> Reason:
    """Return why a task most likely ended that ended so."""
    return _USUAL.get(status, Reason.ERROR)


class ToolStatus(StrEnum):
    """Where one tool call stands."""

    RUNNING = "running"
    """Started, not ended."""
    SUCCESS = "success"
    """Ended well."""
    FAILED = "failed"
    """Ended with an error, or open when its task failed."""
    CANCELED = "canceled"
    """Open when its task was canceled."""


class Group(IntEnum):
    """The sections of the task list, in the order they stand."""

    NEEDS_YOU = 0
    """Attention is not none."""
    RUNNING = 1
    """Dispatched or running."""
    QUEUED = 2
    """Queued, held ones included."""
    FINISHED = 3
    """Terminal."""


def group_of(status: str, attention: str) -> Group:
    """Return the section of the list in which a task of this state stands."""
    if status in TERMINAL:
        return Group.FINISHED
    if attention != Attention.NONE:
        return Group.NEEDS_YOU
    return Group.QUEUED if status == Status.QUEUED else Group.RUNNING


def parse_status(word: str) -> Status:
    """Return the status for a word or one of its aliases.

    Raises:
        ValueError: the word names no status.
    """
    lowered = word.lower()
    return ALIASES.get(lowered) or Status(lowered)
