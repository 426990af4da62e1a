"""Tasks that come while others are at the same id: nobody's files go, and what is known is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.errors import CapacityError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskCreated, TaskHeld
from tasktui.domain.history import History
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.manager.limits import Limits
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened, until

SPEC = TaskSpec(work=ShellWork(command="true"))
WAITING = History(
    "same",
    (NewEvent("same", 0, 1_000, TaskCreated(title="old", spec=SPEC)), NewEvent("same", 0, 1_000, TaskHeld())),
)


class Behind(MemoryStore):
    """Reads of several rows were begun before what was stored last."""

    async def rows_of(self, task_ids: Sequence[str]) -> Sequence[TaskRow]:
        return ()


class Deciding(MemoryStore):
    """Takes the first task in, or refuses it, when somebody reads several rows."""

    def __init__(self) -> None:
        super().__init__()
        self.read = asyncio.Event()

    async def rows_of(self, task_ids: Sequence[str]) -> Sequence[TaskRow]:
        self.read.set()
        return await super().rows_of(task_ids)

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if any(isinstance(event.data, TaskCreated) for change in batch for event in change.events):
            await self.read.wait()
        return await super().commit(batch)


async def test_one_that_came_meanwhile_keeps_its_files(tmp_path: Path) -> None:
    async with opened(tmp_path, {}, store=Behind()) as place:
        assert [done.outcome for done in await place.manager.restore([WAITING])] == ["restored"]
        assert [done.outcome for done in await place.manager.restore([WAITING])] == ["known"]
        assert (tmp_path / "tasks" / "same" / "spec.json").is_file()


async def test_one_whose_id_was_asked_for_by_a_task_that_is_refused_is_taken_in(tmp_path: Path) -> None:
    async with opened(tmp_path, {}, store=Deciding(), limits=Limits(max_queued=0)) as place:
        asked = asyncio.ensure_future(place.manager.submit(SPEC, task_id="same"))
        await until(lambda: "same" in place.manager._core.submitting)
        (done,) = await place.manager.restore([WAITING])
        with pytest.raises(CapacityError):
            await asked
        assert (done.outcome, (await place.manager.get("same")).row.title) == ("restored", "old")
        assert (tmp_path / "tasks" / "same" / "spec.json").is_file()
