"""System 000's package: its names."""

from __future__ import annotations

from tasktui.compat.soul.errors import SessionNotFoundError, TaskNotFoundError, TaskNotRunningError
from tasktui.compat.soul.manager import TaskManager
from tasktui.compat.soul.singleton import get_task_manager, init_task_manager, set_task_manager
from tasktui.compat.soul.tasks import Task, TaskStatus
from tasktui.domain.errors import TaskConflictError

__all__ = [
    "SessionNotFoundError",
    "Task",
    "TaskConflictError",
    "TaskManager",
    "TaskNotFoundError",
    "TaskNotRunningError",
    "TaskStatus",
    "get_task_manager",
    "init_task_manager",
    "set_task_manager",
]
