"""The task manager of system 003 in its own words: one worker, called from any thread without `await`."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

from tasktui.compat.reading import until_stored
from tasktui.compat.room import Room
from tasktui.compat.storyflow.executor import EXECUTOR, CallableExecutor
from tasktui.compat.storyflow.views import progress_fact, view
from tasktui.domain.errors import NotFoundError
from tasktui.domain.events.base import Data
from tasktui.domain.events.work import SegmentCompleted, SegmentFailed
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery
from tasktui.domain.requests import TaskDetail
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Group

LANE: Final = "storyflow"
PATIENCE_S: Final = 3_600.0
"""How long a callable that was asked to stop may go on to its next look at the flag."""


class TaskManager:
    """The one task manager of this process: every call of the class returns it."""

    _instance: ClassVar[TaskManager | None] = None
    _guard: ClassVar[threading.Lock] = threading.Lock()

    data_dir: ClassVar[Path | None] = None
    """The data directory; None for tasks that end with the process. To be set before the first use."""

    _executor: CallableExecutor
    _room: Room

    def __new__(cls) -> TaskManager:
        """Return the process's task manager, made at the first call."""
        if cls._instance is None:
            with cls._guard:
                if cls._instance is None:
                    made = super().__new__(cls)
                    made._executor = CallableExecutor()
                    made._room = Room(
                        cls.data_dir, {EXECUTOR: made._executor}, lanes={LANE: 1}, cancel_grace_s=PATIENCE_S
                    )
                    cls._instance = made
        return cls._instance

    @property
    def manager(self) -> Manager:
        """What runs the tasks."""
        return self._room.manager

    def submit_task(self, task_function: Callable[[], object], task_id: str | None = None) -> str:
        """Queue a callable; return its id at once.

        Raises:
            TaskConflictError: there is a task of this id.
            ManagerClosedError: this manager was shut down.
        """
        named = task_id or str(uuid.uuid4())
        name = getattr(task_function, "__qualname__", type(task_function).__qualname__)
        spec = TaskSpec(work=CustomWork(executor=EXECUTOR, payload={"function": name}), name=name, lane=LANE)
        return self._room.ask(lambda manager: self._submit(manager, spec, named, task_function))

    async def _submit(
        self, manager: Manager, spec: TaskSpec, task_id: str, function: Callable[[], object]
    ) -> str:
        mine = self._executor.give(task_id, function)
        try:
            return (await manager.submit(spec, task_id=task_id)).id
        except BaseException:
            if mine:
                self._executor.forget(task_id)
            raise

    def get_task_status(self, task_id: str) -> dict[str, Any] | None:
        """Return a task as a dict of the caller's own, or None."""
        detail = self._room.ask(lambda manager: _detail(manager, task_id))
        return None if detail is None else view(detail)

    def update_task_progress(self, task_id: str, current: float, total: float, **more: Any) -> None:
        """Replace a running task's progress; any other id is ignored.

        Args:
            task_id: the task.
            current: how much is done.
            total: of how much; the percentage of a total of 0 is 0.
            more: `percentage_override`, and what else the progress is to show.
        """
        fact = progress_fact(current, total, more)
        self._report(
            task_id, fact, lambda row: (row.progress_current, row.progress_phase) == (current, fact.phase)
        )

    def add_completed_segment(
        self, task_id: str, segment_id: object, result: dict[str, Any] | None = None
    ) -> None:
        """Add a finished segment to a running task; any other id is ignored."""
        known = {"audio_url": "", "duration": 0, **(result or {})}
        self._add(task_id, SegmentCompleted(segment_id=str(segment_id), result=known))

    def add_error(self, task_id: str, segment_id: object, error: object) -> None:
        """Add a failed segment to a running task, which goes on; any other id is ignored."""
        self._add(task_id, SegmentFailed(segment_id=str(segment_id), error=str(error)))

    def cancel_task(self, task_id: str) -> bool:
        """Cancel: one that waits never starts, one that runs finds the flag; return whether there was one."""
        return self._room.ask(lambda manager: self._cancel(manager, task_id))

    async def _cancel(self, manager: Manager, task_id: str) -> bool:
        detail = await _detail(manager, task_id)
        if detail is None or detail.task.row.finished_at is not None:
            return False
        result = await manager.cancel(task_id, by="user")
        if result.disposition == "canceled":
            self._executor.forget(task_id)
        return True

    def is_cancelled(self, task_id: str) -> bool:
        """Whether somebody asked the task to stop."""
        detail = self._room.ask(lambda manager: _detail(manager, task_id))
        return detail is not None and detail.task.row.cancel_requested_at is not None

    def shutdown(self, wait: bool = True) -> None:  # the system's own signature
        """End: wait for what waits and runs, or cancel it and leave behind what does not stop."""
        with TaskManager._guard:
            if TaskManager._instance is self:
                TaskManager._instance = None
        if not wait:
            self._room.ask(_cancel_all)
        self._room.close("wait" if wait else "cancel")

    def _add(self, task_id: str, fact: SegmentCompleted | SegmentFailed) -> None:
        before = self._room.ask(lambda manager: _detail(manager, task_id))
        if before is not None:
            seq = before.task.row.last_seq
            self._report(task_id, fact, lambda row: row.last_seq > seq)

    def _report(self, task_id: str, fact: Data, stored: Callable[[TaskRow], bool]) -> None:
        """Report a fact of a running task, and return when it can be read."""
        self._room.ask(lambda manager: self._reported(manager, task_id, fact, stored))

    async def _reported(
        self, manager: Manager, task_id: str, fact: Data, stored: Callable[[TaskRow], bool]
    ) -> None:
        if self._executor.report(task_id, fact):
            await until_stored(manager, task_id, stored)


async def _detail(manager: Manager, task_id: str) -> TaskDetail | None:
    """Return the task of exactly this id, or None."""
    try:
        detail = await manager.detail(task_id)
    except NotFoundError:
        return None
    return detail if detail.task.id == task_id else None


async def _cancel_all(manager: Manager) -> None:
    for group in (Group.QUEUED, Group.RUNNING):
        while True:
            page = await manager.page(TaskQuery(group=group), limit=500)
            for row in page.items:
                await manager.cancel(row.id, force=True, by="user", reason="the manager closes")
                await manager.wait(row.id)
            if not page.more:
                break


def get_task_manager() -> TaskManager:
    """Return the process's task manager."""
    return TaskManager()
