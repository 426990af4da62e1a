"""What the manager's verbs share: the ports, the writer, the bus and the runs under way."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import InvalidError, NotFoundError, StateError
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.lifecycle import TaskFinished
from tasktui.domain.ids import SYSTEM, choose
from tasktui.domain.ports.artifacts import Artifacts
from tasktui.domain.ports.clock import Clock, Ids
from tasktui.domain.ports.executor import Executor, Outputs
from tasktui.domain.ports.programs import Programs
from tasktui.domain.ports.store import Change, Committed, Conflict, Store
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.manager import surroundings
from tasktui.manager.bus import Bus
from tasktui.manager.crew import Crew
from tasktui.manager.limits import Limits
from tasktui.manager.writer import Writer

if TYPE_CHECKING:
    from tasktui.manager.retention import Retention
    from tasktui.manager.runs import LocalRun
    from tasktui.manager.scheduler import Scheduler
    from tasktui.manager.schedules import Schedules

CANDIDATES: Final = 11
"""Ids read to tell whether a prefix is ambiguous."""


SPECS: Final = 1_000
"""Specs kept of tasks that were just submitted."""


@dataclass(slots=True)
class Core:
    """Everything that a verb needs; one per manager."""

    home: Path
    store: Store
    executors: Mapping[str, Executor]
    artifacts: Artifacts
    outputs: Outputs
    clock: Clock
    ids: Ids
    limits: Limits
    bus: Bus
    writer: Writer
    crew: Crew
    programs: Programs | None = None
    """Runs checks; None: there are none here."""
    scheduler: Scheduler = field(init=False)
    retention: Retention = field(init=False)
    schedules: Schedules = field(init=False)
    runs: dict[str, LocalRun] = field(default_factory=dict)
    """Runs that are being claimed or are under way, by task."""
    specs: dict[str, TaskSpec] = field(default_factory=dict)
    """Specs of tasks that were just submitted, so that their claim need not read them; bounded."""
    submitting: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    """Tasks whose files are being written and that may not be in the store yet; done when that is decided."""
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while evidence is stored, so that what is added to a record is added to its newest state."""
    late_events: int = 0
    """Facts reported after their run had ended."""

    def directory(self, task_id: str) -> Path:
        """Return `tasks/<id>`."""
        return self.home / "tasks" / task_id

    def remove_directory(self, task_id: str) -> None:
        """Delete `tasks/<id>`; blocks."""
        shutil.rmtree(self.directory(task_id), ignore_errors=True)

    async def is_there(self, task_id: str) -> bool:
        """Whether there is such a task; one being made is waited for. If not, it may be made at once."""
        while True:
            while (decided := self.submitting.get(task_id)) is not None:
                await asyncio.wait([decided])
            if task_id in self.specs or task_id in self.runs or await self.store.row(task_id) is not None:
                return True
            if task_id not in self.submitting:
                return False

    @contextmanager
    def making(self, task_id: str) -> Iterator[None]:
        """Say meanwhile that this task is being made; `is_there` has just said that nobody else is at it."""
        decided = self.submitting[task_id] = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            del self.submitting[task_id]
            decided.set_result(None)

    def executor(self, spec: TaskSpec) -> Executor:
        """Return what runs this work.

        Raises:
            InvalidError: nothing here does.
        """
        name = spec.work.executor if isinstance(spec.work, CustomWork) else spec.kind.value
        found = self.executors.get(name)
        if found is None:
            raise InvalidError(f"Nothing here runs tasks of this kind: {name}", kind=name)
        return found

    def external(self, spec: TaskSpec) -> bool:
        """Whether the caller does this work."""
        try:
            return self.executor(spec).capabilities(spec).external
        except InvalidError:
            return False

    def event(self, task_id: str, run: int, data: Data, actor: str = "manager") -> NewEvent:
        """Return a fact of now."""
        whole, raw = data.storable()
        return NewEvent(task_id, run, self.clock.now(), whole, actor, raw)

    async def record(
        self,
        row: TaskRow,
        *facts: Data,
        actor: str = "manager",
        status: Status | None = None,
        unchanged: bool = False,
    ) -> Committed | Conflict:
        """Store facts about a task, together.

        Args:
            row: the task as it was seen.
            facts: what to store.
            actor: whose they are.
            status: only if it still has this one.
            unchanged: only if nothing at all was stored about it since then.
        """
        events = tuple(self.event(row.id, row.run_no, data, actor) for data in facts)
        seq = row.last_seq if unchanged else None
        done = await self.writer.commit(Change(row.id, events, seq, status))
        if isinstance(done, Committed) and isinstance(facts[-1], TaskFinished):
            surroundings.forget_env(self.directory(row.id))
        return done

    async def require(self, row: TaskRow, *facts: Data, actor: str, status: Status | None = None) -> TaskRow:
        """As `record`; return the row after it.

        Raises:
            StateError: the task's state does not allow it.
        """
        result = await self.record(row, *facts, actor=actor, status=status)
        if isinstance(result, Conflict) or result.row is None:
            now = await self.row(row.id)
            raise StateError(f"Not possible while the task is {now.status}: {row.id}", id=row.id)
        return result.row

    async def record_system(self, data: Data) -> None:
        """Store a fact about the whole."""
        await self.writer.commit(Change(SYSTEM, (self.event(SYSTEM, 0, data),)))

    async def resolve(self, prefix: str) -> str:
        """Return the id that a person means.

        Raises:
            NotFoundError: none fits.
            AmbiguousTaskError: several fit.
        """
        if prefix in self.runs or prefix in self.specs:
            return prefix
        candidates, matches = await self.store.ids_like(prefix, CANDIDATES) if prefix.strip() else ((), 0)
        return choose(prefix, candidates, matches=matches)

    async def row(self, prefix: str) -> TaskRow:
        """Return the row of the task that a person means.

        Raises:
            NotFoundError: none fits.
            AmbiguousTaskError: several fit.
        """
        row = await self.store.row(prefix) or await self.store.row(await self.resolve(prefix))
        if row is None:
            raise NotFoundError(f"Task not found: {prefix}", id=prefix)
        return row

    def remember(self, task_id: str, spec: TaskSpec) -> None:
        """Keep the spec of a task that was just submitted; the oldest makes room."""
        while len(self.specs) >= SPECS:
            del self.specs[next(iter(self.specs))]
        self.specs[task_id] = spec

    async def spec(self, task_id: str) -> TaskSpec | None:
        """Return a task's spec; None when there is no such task."""
        if (known := self.specs.pop(task_id, None)) is not None:
            return known
        detail = await self.store.detail(task_id)
        return detail.task.spec if detail is not None else None


def actor_of(by: str) -> str:
    """Return the actor of an event for a person's name."""
    return f"user:{by}"
