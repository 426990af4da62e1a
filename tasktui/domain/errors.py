"""What can go wrong, in words for a person.

TasktuiError
├── InvalidError             the request itself is wrong (usage, 2; 400)
│   ├── FilterError          a filter term, with its column
│   └── ConfigError          a setting, with file and key
├── NotFoundError            no such task, artifact or request (3; 404)
├── AmbiguousTaskError       a prefix that fits several tasks (4; 400)
├── StateError               not possible in this state (5; 409)
│   ├── TaskConflictError    a unique key is taken
│   ├── NotRunningError      a message to a task that does not run
│   ├── UnsupportedError     the executor cannot do that
│   └── IllegalTransitionError  the transition table forbids it
├── CapacityError            full; `retry_after_s` says when to come back (5; 503)
├── UnavailableError         an executor, agent or file cannot be used now (5; 503)
├── OwnerError               no owner, or it does not answer (6)
│   ├── FencedError          another owner took over
│   ├── UnreachableError     the task's machine cannot be reached
│   └── ManagerClosedError   submitted after close
├── RefusedError             read-only, not allowed (7; 403)
└── StoreError               the database cannot be read or written (1; 503)
    ├── SchemaTooNewError    made by a newer version
    └── DiskFullError        no room left
"""

from __future__ import annotations

from typing import ClassVar


class TasktuiError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "ERROR"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, message: str = "", **details: object) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.details = details
        super().__init__(self.message)


class InvalidError(TasktuiError):
    """The request is not valid."""

    code = "INVALID"
    exit_code = 2
    http_status = 400


class FilterError(InvalidError):
    """A filter term is wrong."""

    code = "BAD_FILTER"

    def __init__(self, message: str, *, column: int) -> None:
        super().__init__(message, column=column)
        self.column = column
        """Where the term stands, from 1."""


class ConfigError(InvalidError):
    """A setting is wrong."""

    code = "BAD_CONFIG"


class NotFoundError(TasktuiError):
    """There is no such thing."""

    code = "NOT_FOUND"
    exit_code = 3
    http_status = 404


class AmbiguousTaskError(TasktuiError):
    """The prefix fits several tasks."""

    code = "AMBIGUOUS"
    exit_code = 4
    http_status = 400

    def __init__(self, prefix: str, candidates: tuple[str, ...], *, matches: int) -> None:
        super().__init__(f"Ambiguous task prefix '{prefix}': matches {matches} tasks", candidates=candidates)
        self.candidates = candidates
        """At most ten ids that the prefix fits."""


class StateError(TasktuiError):
    """This is not possible in the state that the task is in."""

    code = "BAD_STATE"
    exit_code = 5
    http_status = 409


class TaskConflictError(StateError):
    """A task with this key is under way."""

    code = "TASK_CONFLICT"


class NotRunningError(StateError):
    """The task does not run."""

    code = "TASK_NOT_RUNNING"


class UnsupportedError(StateError):
    """This kind of task cannot do that."""

    code = "UNSUPPORTED"


class IllegalTransitionError(StateError):
    """The task's state does not allow this event."""

    code = "ILLEGAL_TRANSITION"


class CapacityError(TasktuiError):
    """There is no room for another task now."""

    code = "RATE_LIMIT_EXCEEDED"
    exit_code = 5
    http_status = 503

    def __init__(self, message: str = "", *, retry_after_s: float) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.retry_after_s = retry_after_s


class UnavailableError(TasktuiError):
    """What is needed for this cannot be used now."""

    code = "UNAVAILABLE"
    exit_code = 5
    http_status = 503


class OwnerError(TasktuiError):
    """No owner answers for this data directory."""

    code = "NO_OWNER"
    exit_code = 6
    http_status = 503


class FencedError(OwnerError):
    """Another owner took over this data directory."""

    code = "FENCED"


class UnreachableError(OwnerError):
    """The machine cannot be reached; nothing was sent there."""

    code = "UNREACHABLE"


class ManagerClosedError(OwnerError):
    """The manager is closed."""

    code = "CLOSED"


class RefusedError(TasktuiError):
    """This is not allowed here."""

    code = "REFUSED"
    exit_code = 7
    http_status = 403


class StoreError(TasktuiError):
    """The database cannot be read or written."""

    code = "STORE"
    http_status = 503


class SchemaTooNewError(StoreError):
    """The database was made by a newer tasktui; it can be read, not written."""

    code = "SCHEMA_TOO_NEW"


class DiskFullError(StoreError):
    """No room is left on the disk of the data directory."""

    code = "DISK_FULL"


def by_code(code: str) -> type[TasktuiError]:
    """Return the error class that brought this code, `TasktuiError` when there is none."""
    todo: list[type[TasktuiError]] = [TasktuiError]
    while todo:
        found = todo.pop()
        if vars(found).get("code") == code:  # a subclass elsewhere may only have inherited it
            return found
        todo += found.__subclasses__()
    return TasktuiError
