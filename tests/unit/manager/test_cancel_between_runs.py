"""A cancel that comes while a run is ending in another one ends the task: nobody would start that run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tasktui.domain.events.lifecycle import TaskRequeued
from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.requests import TaskDetail
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Gate
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened, until

FAILS = Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 1", "test", exit_code=1)


class Slow(MemoryStore):
    """Takes its time over the fact that another run follows."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.taken: list[tuple[str, ...]] = []
        """The types of each change that was stored."""

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if any(isinstance(event.data, TaskRequeued) for change in batch for event in change.events):
            self.reached.set()
            await self.go_on.wait()
        done = await super().commit(batch)
        taken = (change for change, one in zip(batch, done, strict=True) if isinstance(one, Committed))
        self.taken += [tuple(event.type for event in change.events) for change in taken]
        return done


async def test_a_cancel_between_two_runs_ends_the_task(tmp_path: Path) -> None:
    store = Slow()
    async with opened(tmp_path, {"fails": [FAILS]}, store=store) as place:
        task_id = await place.submit("fails", retries=1)
        await store.reached.wait()
        asked = asyncio.ensure_future(place.manager.cancel(task_id))
        await until(lambda: place.manager._core.runs[task_id].stop.requested)
        store.go_on.set()
        result = await asked
        assert result.row.status is Status.CANCELED
        row = await place.manager.wait(task_id)
        assert (row.status, row.run_no) == (Status.CANCELED, 1)
        types = await place.types(task_id)
        assert (types.count("task.cancel_requested"), types[-1]) == (1, "task.finished")
        # one commit: an owner that dies between the two would leave a task that is queued and never starts
        assert ("task.cancel_requested", "task.finished") in store.taken


class Late(MemoryStore):
    """Tells once of a task as it was before its next run began."""

    old: TaskDetail | None = None

    async def row(self, task_id: str) -> TaskRow | None:
        if (old := self.old) is not None:
            self.old = None
            return old.task.row
        return await super().row(task_id)


async def test_one_cancel_asks_a_run_once_however_late_what_it_read_is(tmp_path: Path) -> None:
    store = Late()
    script = {"twice": [MessageCompleted(message_id="m", content="up"), Gate("first"), FAILS]}
    limits = Limits(abandon_s=0.1, let_go_s=0.1, retry_backoff_s=0.01)
    async with opened(tmp_path, script, store=store, limits=limits) as place:
        task_id = await place.submit("twice", retries=1)
        await place.reach(task_id, "message.completed")
        before = await place.manager.detail(task_id)
        place.executor.scripts["twice"] = [Gate("second")]
        place.executor.open_gate("first")
        await until(lambda: getattr(place.manager._core.runs.get(task_id), "run", 0) == 2)
        run = place.manager._core.runs[task_id]
        store.old = before
        assert (await place.manager.cancel(task_id)).disposition == "requested"
        assert not run.stop.forced
        assert (await place.types(task_id)).count("task.cancel_requested") == 1
