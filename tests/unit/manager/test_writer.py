"""The writer while the disk is full, when another owner takes over, and when it closes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.errors import DiskFullError, FencedError, ManagerClosedError, StoreError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskProgress, TaskStatus
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.requests import Interest
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tasktui.manager.scripted import Gate
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened, until

SCRIPTS = {
    "chat": [Gate("first"), *(TaskStatus(message=f"step {n}") for n in range(50)), Gate("second")],
    "measured": [TaskProgress(percentage=50), Gate("first"), TaskProgress(percentage=100)],
    "quick": [],
}


class SmallDisk(MemoryStore):
    """Has no room while `full`, breaks while `broken`, and counts its transactions."""

    full = False
    broken = False
    transactions = 0

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if self.full:
            raise DiskFullError
        if self.broken:
            raise ZeroDivisionError
        self.transactions += 1
        await asyncio.sleep(0)
        return await super().commit(batch)


class Busy(SmallDisk):
    """Is at last values until it is let go on; fenced: another owner took over meanwhile."""

    fenced = False

    def __init__(self) -> None:
        super().__init__()
        self.began, self.goes_on = asyncio.Event(), asyncio.Event()

    async def set_live(self, events: Sequence[NewEvent]) -> Sequence[TaskRow]:
        self.began.set()
        await self.goes_on.wait()
        if self.fenced:
            raise FencedError
        return await super().set_live(events)


async def test_the_last_value_before_the_end_is_in_the_row_of_the_end(tmp_path: Path) -> None:
    disk = Busy()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        task_id = await place.submit("measured")
        await disk.began.wait()
        place.executor.open_gate("first")
        ending = asyncio.ensure_future(place.manager.wait(task_id))
        while not place.manager._core.writer.waiting:  # until its end waits, too
            await asyncio.sleep(0)
        disk.goes_on.set()
        assert (await ending).progress_percentage == 100
        assert (await place.manager.get(task_id)).row.progress_percentage == 100


async def test_an_owner_that_is_fenced_while_it_keeps_last_values_says_so(tmp_path: Path) -> None:
    disk, fenced = Busy(), list[FencedError]()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        place.manager._on_fenced = fenced.append
        await place.submit("measured")
        await disk.began.wait()
        disk.fenced = True
        disk.goes_on.set()
        while not fenced:
            await asyncio.sleep(0)
        with pytest.raises(FencedError):
            await place.submit("quick")
        assert len(fenced) == 1


async def test_a_full_disk_stops_no_task_and_loses_no_fact(tmp_path: Path) -> None:
    disk = SmallDisk()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        task_id = await place.submit("chat")
        await place.reach(task_id, "task.started")
        disk.full = True
        place.executor.open_gate("first")
        with pytest.raises(DiskFullError):
            await place.submit("quick")
        degraded = (await place.manager.stats()).degraded
        assert degraded is not None
        assert "wait to be stored" in degraded
        assert await place.types(task_id) == ["task.created", "task.started"]
        async for changes in place.manager.changes(Interest()):
            assert changes.degraded == degraded
            break
        place.executor.open_gate("second")
        disk.full = False
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert (await place.manager.stats()).degraded is None
        assert (await place.types(task_id)).count("task.status") == 50


class Refusing(SmallDisk):
    """Has no room for last values either."""

    refused = 0

    async def set_live(self, events: Sequence[NewEvent]) -> Sequence[TaskRow]:
        if self.full:
            self.refused += 1
            raise DiskFullError
        return await super().set_live(events)


async def test_progress_that_cannot_be_stored_does_not_say_that_all_is_well_again(tmp_path: Path) -> None:
    """The warning went from every screen while the disk was as full as before."""
    store = Refusing()
    async with opened(tmp_path, {"slow": [Gate("go")]}, store=store) as place:
        task_id = await place.submit("slow")
        await until(lambda: task_id in place.executor.contexts)
        store.full = True
        with pytest.raises(DiskFullError):
            await place.manager.set_lane("narrow", limit=1)
        emit = place.executor.contexts[task_id].emit
        emit(TaskProgress(percentage=10))
        await until(lambda: store.refused > 0)
        told = place.manager._core.bus.degraded
        store.full = False
        emit(TaskProgress(percentage=20))
        await until(lambda: place.manager._core.bus.degraded is None)
        assert told is not None
        place.executor.open_gate("go")


async def test_a_cancel_works_while_nothing_can_be_stored(tmp_path: Path) -> None:
    disk = SmallDisk()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        task_id = await place.submit("chat")
        await place.reach(task_id, "task.started")
        disk.full = True
        with pytest.raises(DiskFullError):
            await place.submit("quick")
        assert (await place.manager.cancel(task_id)).disposition == "requested"
        disk.full = False
        assert (await place.manager.wait(task_id)).status is Status.CANCELED
        assert "task.cancel_requested" in await place.types(task_id)


async def test_a_full_disk_keeps_nobody_from_closing(tmp_path: Path) -> None:
    disk = SmallDisk()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        task_id = await place.submit("chat")
        await place.submit("quick", held=True)
        await place.reach(task_id, "task.started")
        disk.full = True
        await place.manager.close("cancel")
        assert (await place.types(task_id))[-1] == "task.started"


async def test_a_refused_submit_leaves_no_files(tmp_path: Path) -> None:
    disk = SmallDisk()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        disk.full = True
        with pytest.raises(DiskFullError):
            await place.submit("quick")
        assert list((tmp_path / "tasks").iterdir()) == []
        disk.full = False


@pytest.mark.feature(98)
async def test_a_stream_goes_in_few_transactions(tmp_path: Path) -> None:
    disk = SmallDisk()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        place.executor.open_gate("first")
        place.executor.open_gate("second")
        task_id = await place.submit("chat")
        await place.manager.wait(task_id)
        assert (await place.types(task_id)).count("task.status") == 50
        assert disk.transactions < 30


async def test_an_owner_that_was_fenced_writes_no_more_and_says_so(tmp_path: Path) -> None:
    fenced: list[FencedError] = []
    async with opened(tmp_path, SCRIPTS) as place:
        place.manager._on_fenced = fenced.append
        task_id = await place.submit("chat")
        await place.reach(task_id, "task.started")
        await place.store.take_epoch(1)
        with pytest.raises(FencedError):
            await place.submit("quick")
        with pytest.raises(FencedError):
            await place.submit("quick")
        assert len(fenced) == 1
        await place.manager.close("cancel")
        assert await place.types(task_id) == ["task.created", "task.started"]


async def test_a_store_that_breaks_hangs_nobody(tmp_path: Path) -> None:
    disk = SmallDisk()
    async with opened(tmp_path, SCRIPTS, store=disk) as place:
        disk.broken = True
        for _ in range(2):
            with pytest.raises(StoreError, match="the log says why"):
                await place.submit("quick")


@pytest.mark.feature(105)
async def test_nothing_is_stored_after_the_close(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick")
        await place.manager.wait(task_id)
        await place.manager.close()
        with pytest.raises(ManagerClosedError):
            await place.manager.ack(task_id)


@pytest.mark.feature(105, 166)
async def test_closing_in_wait_mode_lets_everything_end(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        ids = [await place.submit("quick") for _ in range(20)]
        held = await place.submit("quick", held=True)
        await place.manager.close("wait")
        rows = {row.id: row.status for row in await place.store.rows_of([*ids, held])}
        assert rows == {**dict.fromkeys(ids, Status.COMPLETED), held: Status.QUEUED}


@pytest.mark.feature(61, 166)
async def test_closing_in_cancel_mode_ends_everything(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        ids = [await place.submit("chat"), await place.submit("quick", held=True)]
        await place.reach(ids[0], "task.started")
        await place.manager.close("cancel")
        assert {row.status for row in await place.store.rows_of(ids)} == {Status.CANCELED}
