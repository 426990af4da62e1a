"""The task record of system 002 and its backends: the shipped ones are views, a custom one is a copy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from tasktui.compat.reading import all_rows
from tasktui.compat.room import Room
from tasktui.compat.times import instant
from tasktui.domain.errors import NotFoundError, RefusedError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.requests import Task as NativeTask
from tasktui.domain.status import TERMINAL, Status

LANE: Final = "cyberagent"
STATUS: Final = {
    Status.COMPLETED: "completed",
    Status.FAILED: "error",
    Status.TIMED_OUT: "error",
    Status.INTERRUPTED: "error",
    Status.LOST: "error",
    Status.CANCELED: "cancelled",
}
"""The ends of 002; everything before is running."""


@dataclass(slots=True)
class Task:
    """One task of a conversation."""

    id: str
    conversation_id: str | None
    status: str
    """running, completed, error or cancelled."""
    created_at: datetime
    updated_at: datetime
    error: str | None = None
    metadata: dict[str, Any] | None = None


def status_of(status: Status) -> str:
    """Return a status in 002's words."""
    return STATUS.get(status, "running")


def task_of(task: NativeTask) -> Task:
    """Return a task as 002 shows it."""
    row = task.row
    return Task(
        id=row.id,
        conversation_id=row.conversation_id,
        status=status_of(row.status),
        created_at=instant(row.created_at),
        updated_at=instant(row.updated_at),
        error=row.error if status_of(row.status) == "error" else None,
        metadata=dict(task.spec.metadata) or None,
    )


async def find(manager: Manager, task_id: str) -> Task | None:
    """Return the task of exactly this id, or None."""
    try:
        task = await manager.get(task_id)
    except NotFoundError:
        return None
    return task_of(task) if task.id == task_id else None


async def listed(
    manager: Manager, *, conversation_id: str | None = None, running: bool = False
) -> list[Task]:
    """Return tasks of this system, the oldest first."""
    terms = [Term("lane", "is", (LANE,))]
    if conversation_id is not None:
        terms.append(Term("conversation", "is", (conversation_id,)))
    if running:
        terms.append(Term("status", "is", tuple(sorted(TERMINAL)), negated=True))
    query = TaskQuery(terms=tuple(terms), reverse=True)
    return [task_of(await manager.get(row.id)) for row in await all_rows(manager, query)]


class TaskBackend(ABC):
    """Where 002 keeps tasks; one of your own is told of every task and never asked."""

    @abstractmethod
    def create_task(
        self,
        task_id: str,
        conversation_id: str | None,
        status: str = "running",
        metadata: dict[str, Any] | None = None,
    ) -> Task:
        """Note a new task."""

    @abstractmethod
    def update_task_status(self, task_id: str, status: str, error: str | None = None) -> None:
        """Note where a task stands now."""

    @abstractmethod
    def get_task(self, task_id: str) -> Task | None:
        """Return a task."""

    @abstractmethod
    def list_tasks_by_conversation(self, conversation_id: str) -> list[Task]:
        """Return the tasks of a conversation."""

    @abstractmethod
    def get_running_tasks(self) -> list[Task]:
        """Return the tasks that run."""


class ManagedTaskBackend(TaskBackend):
    """A view on the manager's own store: it is read here and written by the manager alone."""

    home: Path | None = None
    """The data directory; None for one that ends with the manager."""
    _room: Room | None = None

    def bind(self, room: Room) -> None:
        """Read from this manager."""
        self._room = room

    @property
    def _manager(self) -> Room:
        if self._room is None:
            raise RefusedError("This backend belongs to no TaskManager yet: give it to one.")
        return self._room

    def create_task(
        self,
        task_id: str,
        conversation_id: str | None,  # noqa: ARG002  # the backend's signature
        status: str = "running",  # noqa: ARG002  # the backend's signature
        metadata: dict[str, Any] | None = None,  # noqa: ARG002  # the backend's signature
    ) -> NoReturn:
        """Refuse: tasks come from `start_task`."""
        raise RefusedError(f"The manager writes its own store: {task_id} comes from start_task.")

    def update_task_status(
        self,
        task_id: str,
        status: str,
        error: str | None = None,  # noqa: ARG002  # the backend's signature
    ) -> NoReturn:
        """Refuse: a task's state follows from what happens."""
        raise RefusedError(f"The manager writes its own store: {task_id} cannot be made {status}.")

    def get_task(self, task_id: str) -> Task | None:
        """Return a task, or None."""
        return self._manager.ask(lambda manager: find(manager, task_id))

    def list_tasks_by_conversation(self, conversation_id: str) -> list[Task]:
        """Return the tasks of a conversation, the oldest first."""
        return self._manager.ask(lambda manager: listed(manager, conversation_id=conversation_id))

    def get_running_tasks(self) -> list[Task]:
        """Return the tasks that have not ended, the oldest first."""
        return self._manager.ask(lambda manager: listed(manager, running=True))


class InMemoryTaskBackend(ManagedTaskBackend):
    """Keeps tasks as long as the manager lives."""


class SQLTaskBackend(ManagedTaskBackend):
    """Keeps tasks in the database of a data directory."""

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home)
