"""Children of tasks that end while no manager looks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.errors import StoreError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskFinished
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.requests import TaskDetail
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.manager import dependents
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import at_rest, opened

CANCELED = TaskFinished(status=Status.CANCELED, reason=Reason.CANCELED_BEFORE_START)


async def test_an_owner_that_dies_between_the_ends_of_parent_and_child_leaves_nobody_waiting(
    tmp_path: Path,
) -> None:
    store = MemoryStore()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        parent = await place.submit("quick", held=True)
        child = await place.submit("quick", depends_on=(parent,))
        kept = await place.submit("quick", depends_on=(parent,), on_parent_failure="hold")
        await place.crash()
        event = NewEvent(parent, 0, place.clock.now(), CANCELED)
        (answer,) = await store.commit([Change(parent, (event,), epoch=store.contents.epoch)])
        assert isinstance(answer, Committed)
        await place.open()
        row = await place.manager.wait(child)
        assert (row.terminal_reason, row.status_evidence) == (
            Reason.DEPENDENCY_FAILED, f"{parent} is canceled",
        )  # fmt: skip
        await place.reach(kept, "task.held")
        await place.crash()
        await place.open()
        await place.manager.release(kept)
        assert (await place.manager.wait(kept)).status is Status.COMPLETED
        assert (await place.types(kept)).count("task.held") == 1


class Slow(MemoryStore):
    """Takes its time over a look at one task, once."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at = ""
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def detail(self, task_id: str) -> TaskDetail | None:
        detail = await super().detail(task_id)
        if task_id == self.looked_at:
            self.looked_at = ""
            self.reached.set()
            await self.go_on.wait()
        return detail


@pytest.mark.parametrize("policy", ["fail", "hold"])
async def test_a_child_that_waits_for_another_by_now_is_left_alone(tmp_path: Path, policy: str) -> None:
    """It failed, or was held for good, over a parent that it no longer had."""
    store = Slow()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        parent, other = [await place.submit("quick", held=True) for _ in range(2)]
        child = await place.submit("quick", depends_on=(parent,), on_parent_failure=policy)
        store.looked_at = child
        await place.manager.cancel(parent)
        await store.reached.wait()
        await place.manager.edit(child, TaskSpec(work=ShellWork(command="quick"), depends_on=(other,)))
        store.go_on.set()
        await at_rest(place)
        await place.manager.release(other)
        assert (await place.manager.wait(child, timeout_s=10)).status is Status.COMPLETED


class Full(MemoryStore):
    """Has no room, once, for the end of a child."""

    full = True

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        ends = [event.data for one in batch for event in one.events if isinstance(event.data, TaskFinished)]
        if self.full and any(end.reason is Reason.DEPENDENCY_FAILED for end in ends):
            self.full = False
            raise StoreError
        return await super().commit(batch)


async def test_a_child_ends_though_its_end_could_not_be_stored_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waited for a failed task until the next owner came."""
    monkeypatch.setattr(dependents, "AFTER_TROUBLE_S", 0.01, raising=False)
    async with opened(tmp_path, {"quick": []}, store=Full()) as place:
        parent = await place.submit("quick", held=True)
        child = await place.submit("quick", depends_on=(parent,))
        await place.manager.cancel(parent)
        row = await place.manager.wait(child, timeout_s=10)
        assert row.terminal_reason is Reason.DEPENDENCY_FAILED
