"""The one task manager of a process, as system 000 has it."""

from __future__ import annotations

from pathlib import Path

from tasktui.compat.soul.manager import TaskManager


class _Place:
    manager: TaskManager | None = None


def get_task_manager() -> TaskManager:
    """Return the process's task manager.

    Raises:
        RuntimeError: there is none yet.
    """
    if _Place.manager is None:
        raise RuntimeError("TaskManager not initialized. Call init_task_manager first.")
    return _Place.manager


def init_task_manager(storage_path: Path | None = None, event_store: object | None = None) -> TaskManager:
    """Make the process's task manager, in place of the one there was; the arguments are the class's own."""
    _Place.manager = TaskManager(storage_path, event_store)
    return _Place.manager


def set_task_manager(manager: TaskManager | None) -> None:
    """Make this the process's task manager; None for none."""
    _Place.manager = manager
