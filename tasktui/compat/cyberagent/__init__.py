"""System 002's package: its names."""

from __future__ import annotations

from tasktui.compat.cyberagent.backends import InMemoryTaskBackend, SQLTaskBackend, Task, TaskBackend
from tasktui.compat.cyberagent.manager import TaskManager

__all__ = ["InMemoryTaskBackend", "SQLTaskBackend", "Task", "TaskBackend", "TaskManager"]
