"""What can go wrong in system 000, by its names and codes."""

from __future__ import annotations

from tasktui.domain.errors import NotFoundError, NotRunningError, RefusedError


class TaskNotFoundError(NotFoundError):
    """There is no task for this client and request."""

    code = "TASK_NOT_FOUND"


class SessionNotFoundError(TaskNotFoundError):
    """There is no task for this session."""

    code = "SESSION_NOT_FOUND"


class TaskNotRunningError(NotRunningError):
    """The task has ended."""


class UnauthorizedError(RefusedError):
    """The request does not bear the token."""

    code = "UNAUTHORIZED"
    http_status = 401
