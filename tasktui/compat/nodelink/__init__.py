"""System 001's package: its names."""

from __future__ import annotations

from tasktui.compat.nodelink.manager import TaskManager
from tasktui.compat.nodelink.tasks import (
    DockerLogs,
    DockerRun,
    DockerStart,
    DockerStop,
    LogMessage,
    ShellExecute,
    Task,
    TaskResponse,
)

__all__ = [
    "DockerLogs",
    "DockerRun",
    "DockerStart",
    "DockerStop",
    "LogMessage",
    "ShellExecute",
    "Task",
    "TaskManager",
    "TaskResponse",
]
