"""The task manager of system 004 in its own words: every method reads from and writes to a `Manager`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from pydantic import ValidationError

from tasktui.bootstrap.house import CloseMode
from tasktui.compat.deepseek import views
from tasktui.compat.deepseek.executor import EXECUTOR, DeepSeekExecutor, TaskExecutor
from tasktui.compat.deepseek.history import LANE, history, record_of
from tasktui.compat.deepseek.importing import Imported, import_records
from tasktui.compat.deepseek.records import NewTaskRequest, TaskCounts, TaskRecord, TaskSummary
from tasktui.compat.opening import Place
from tasktui.compat.reading import all_rows
from tasktui.domain.errors import InvalidError, RefusedError, TaskConflictError
from tasktui.domain.ports.executor import Executor
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import EVERYTHING, TaskQuery, Term
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Metadata
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import CustomWork, Permissions, TaskSpec, Work
from tasktui.domain.status import TERMINAL

WORKERS: Final = range(1, 9)
"""How many workers there may be."""
LISTED: Final = 50
_PAGE: Final = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskManagerConfig:
    """Defaults and ceilings: a request can only narrow the three permissions."""

    data_dir: Path
    worker_count: int = 2
    """At least 1, at most 8."""
    default_model: str = ""
    default_workspace: Path = field(default_factory=Path.cwd)
    default_mode: str = "agent"
    allow_shell: bool = True
    trust_mode: bool = False
    default_auto_approve: bool = False
    wall_time_s: float | None = None
    """Seconds after which a task is stopped."""
    idle_progress_s: float | None = None
    """Seconds without a message or a tool call after which a task is stopped."""
    cancel_grace_s: float = 5.0

    @property
    def workers(self) -> int:
        """The worker count within its bounds."""
        return min(max(self.worker_count, WORKERS.start), WORKERS.stop - 1)


def custom_work(payload: dict[str, object]) -> Work:
    """Return the work of this system's own executor."""
    return CustomWork(executor=EXECUTOR, payload=payload)


class TaskManager:
    """Durable tasks with workers, a timeline, tool calls, artifacts and evidence."""

    def __init__(
        self,
        manager: Manager,
        config: TaskManagerConfig,
        *,
        work_of: Callable[[dict[str, object]], Work] = custom_work,
        place: Place | None = None,
    ) -> None:
        """Speak for a manager; `start` opens one of its own.

        Args:
            manager: what runs the tasks.
            config: defaults and ceilings.
            work_of: makes the work of prompt, model, workspace, mode and permissions.
            place: what is closed by `shutdown`.
        """
        self._manager = manager
        self._config = config
        self._work_of = work_of
        self._place = place

    @classmethod
    async def start(cls, config: TaskManagerConfig, executor: TaskExecutor) -> Self:
        """Open the data directory, take over its queue, and begin to run tasks with the executor."""
        if config.default_auto_approve:
            log.warning("tasks approve their own tool calls by default: default_auto_approve is set")
        executors: dict[str, Executor] = {
            EXECUTOR: DeepSeekExecutor(executor),
        }
        place = await Place.open(
            config.data_dir, executors, lanes={LANE: config.workers}, cancel_grace_s=config.cancel_grace_s
        )
        return cls(place.manager, config, place=place)

    async def shutdown(self, mode: CloseMode = "cancel") -> None:
        """End: what runs is canceled, or waited for."""
        if self._place is not None:
            await self._place.close(mode)

    @property
    def manager(self) -> Manager:
        """What runs the tasks."""
        return self._manager

    @property
    def data_dir(self) -> Path:
        """The data directory."""
        return self._config.data_dir

    # --- tasks

    async def add_task(self, request: NewTaskRequest | Mapping[str, Any]) -> TaskRecord:
        """Queue a task; return its record.

        Raises:
            InvalidError: the prompt is empty, or the request is not one.
        """
        return await self._submit(_request(request), None)

    async def list_tasks(self, limit: int | None = LISTED) -> list[TaskSummary]:
        """Return the newest tasks, the newest first; all without a limit."""
        rows = await self._rows(EVERYTHING, limit)
        return [views.summary(await self._manager.get(row.id)) for row in rows]

    async def get_task(self, id_or_prefix: str) -> TaskRecord:
        """Return a task's record.

        Raises:
            NotFoundError: none fits.
            AmbiguousTaskError: several fit.
        """
        detail = await self._manager.detail(id_or_prefix)
        return views.record(detail, await self._events(detail.task.id))

    async def cancel_task(self, id_or_prefix: str) -> TaskRecord:
        """Cancel a queued task at once, ask a running one to stop; a finished one stays as it is."""
        result = await self._manager.cancel(id_or_prefix)
        return await self.get_task(result.row.id)

    async def clear_terminal_tasks(self) -> int:
        """Delete every finished task with its files; return how many."""
        ended = TaskQuery(terms=(Term("status", "is", tuple(sorted(TERMINAL))),))
        return await self._manager.purge([row.id for row in await self._rows(ended, None)])

    async def counts(self) -> TaskCounts:
        """Return how many tasks stand where."""
        numbers: dict[str, int] = {}
        for status, number in (await self._manager.counts()).by_status:
            name = views.STATUS[status]
            numbers[name] = numbers.get(name, 0) + number
        return TaskCounts(**numbers)

    async def wait_for_terminal_state(self, id_or_prefix: str, timeout_s: float) -> TaskRecord:
        """Return the record when the task has ended.

        Raises:
            TimeoutError: it has not, in that time.
        """
        row = await self._manager.wait(id_or_prefix, timeout_s=timeout_s)
        return await self.get_task(row.id)

    # --- evidence

    async def record_tool_metadata(self, id_or_prefix: str, metadata: Mapping[str, Any]) -> TaskRecord:
        """Record `{"task_updates": {checklist, gate, attempt, github_event, artifacts}}`, also after the end.

        Raises:
            InvalidError: nothing in it is right.
        """
        updates = metadata.get("task_updates")
        if not isinstance(updates, Mapping):
            raise InvalidError("task_updates must be an object")
        parts = {name: updates.get(name) for name in ("checklist", "gate", "attempt", "github_event")}
        recorded = Metadata(**parts, artifacts=tuple(updates.get("artifacts") or ()))
        return await self.get_task((await self._manager.record_metadata(id_or_prefix, recorded)).task.id)

    async def write_task_artifact(self, id_or_prefix: str, label: str, content: str) -> Path:
        """Write a file of the task; return its path relative to the data directory."""
        before = {one.path for one in (await self._manager.detail(id_or_prefix)).artifacts}
        written = Metadata(artifacts=({"label": label, "content": content},))
        detail = await self._manager.record_metadata(id_or_prefix, written)
        return Path(next(one.path for one in detail.artifacts if one.path not in before))

    def artifact_absolute_path(self, path: Path | str) -> Path:
        """Return where an artifact lies.

        Raises:
            RefusedError: it leads out of the data directory.
        """
        root = self.data_dir.resolve()
        found = (root / path).resolve()
        if not found.is_relative_to(root):
            raise RefusedError(f"The artifact lies outside of the data directory: {path}")
        return found

    # --- records

    async def import_record(self, record: TaskRecord | Mapping[str, Any] | str) -> TaskRecord:
        """Take in a record: a queued task is queued, any other is told again as it has been.

        Raises:
            InvalidError: it is no record, or one of a newer version.
            TaskConflictError: there is a task of this id.
        """
        came = record_of(record)
        if came.status == "queued":
            return await self._submit(NewTaskRequest(**came.model_dump()), came.id)
        (done,) = await self._manager.restore([history(came)])
        if done.outcome == "known":
            raise TaskConflictError(f"There is a task with this id: {done.task_id}", holder=done.task_id)
        if done.outcome == "refused":
            raise InvalidError(f"This is no task record: {done.detail}", id=came.id)
        return await self.get_task(done.task_id)

    async def import_directory(self, path: Path) -> Imported:
        """Take in a data directory of system 004: its `tasks/*.json`, the queued ones in the queue's order.

        What is there already stays as it is; a file that cannot be read is told and passed over.
        """
        return await import_records(path, self.import_record)

    # --- between the two

    async def _submit(self, request: NewTaskRequest, task_id: str | None) -> TaskRecord:
        if not request.prompt.strip():
            raise InvalidError("Task prompt cannot be empty")
        task = await self._manager.submit(self._spec(request), task_id=task_id)
        return await self.get_task(task.id)

    def _spec(self, request: NewTaskRequest) -> TaskSpec:
        config = self._config
        workspace = request.workspace or str(config.default_workspace)
        permissions = self._narrowed(request)
        payload: dict[str, object] = {
            "prompt": request.prompt.strip(), "model": request.model or config.default_model,
            "workspace": workspace, "mode": request.mode or config.default_mode,
        }  # fmt: skip
        return TaskSpec(
            work=self._work_of(payload), name=_first_line(request.prompt), lane=LANE,
            cwd=_absolute(workspace), permissions=permissions, timeout_s=config.wall_time_s,
            idle_timeout_s=config.idle_progress_s,
        )  # fmt: skip

    def _narrowed(self, request: NewTaskRequest) -> Permissions:
        config = self._config
        return Permissions(
            allow_shell=config.allow_shell and request.allow_shell is not False,
            trust_mode=config.trust_mode and request.trust_mode is not False,
            auto_approve=config.default_auto_approve and request.auto_approve is not False,
        )

    async def _rows(self, query: TaskQuery, limit: int | None) -> Sequence[TaskRow]:
        return await all_rows(self._manager, query, most=limit)

    async def _events(self, task_id: str) -> list[StoredEvent]:
        events: list[StoredEvent] = []
        while True:
            page = await self._manager.timeline(
                task_id, after_seq=events[-1].seq if events else 0, limit=_PAGE
            )
            events += page.items
            if not page.more:
                return events


def _request(request: NewTaskRequest | Mapping[str, Any]) -> NewTaskRequest:
    try:
        return NewTaskRequest.model_validate(request)
    except ValidationError as exc:
        raise InvalidError(f"This is no request for a task: {exc.errors()[0]['msg']}") from exc


def _first_line(prompt: str) -> str:
    return prompt.strip().splitlines()[0][:512]


def _absolute(path: str) -> str | None:
    return path if path.startswith("/") else None
