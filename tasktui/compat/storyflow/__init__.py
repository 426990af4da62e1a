"""System 003's package: its names."""

from __future__ import annotations

from tasktui.compat.storyflow.manager import TaskManager, get_task_manager
from tasktui.compat.storyflow.views import (
    TASK_CANCELLED,
    TASK_CANCELLING,
    TASK_COMPLETED,
    TASK_FAILED,
    TASK_PENDING,
    TASK_PROCESSING,
)

__all__ = [
    "TASK_CANCELLED",
    "TASK_CANCELLING",
    "TASK_COMPLETED",
    "TASK_FAILED",
    "TASK_PENDING",
    "TASK_PROCESSING",
    "TaskManager",
    "get_task_manager",
]
