"""Schedules over owners that die, clocks that jump and firings that were missed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.errors import StoreError
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.manager.scripted import Gate
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import Place, opened, until

HOUR_MS = 3_600_000


async def _rows(place: Place) -> list[TaskRow]:
    return list(reversed((await place.store.page(TaskQuery())).items))


async def _settled(place: Place, number: int) -> list[TaskRow]:
    place.manager._core.schedules.wake()
    place.manager._core.scheduler.wake()
    contents = place.store.contents  # type: ignore[attr-defined]  # in memory here
    await until(lambda: len(contents.tasks) >= number)
    return await _rows(place)


async def test_the_clock_fires_each_time_once_and_leaves_out_what_it_jumped_over(tmp_path: Path) -> None:
    async with opened(tmp_path, {"quick": []}) as place:
        await place.submit("quick", every="1h")
        _, second = await _settled(place, 2)
        began = (await place.manager.schedules())[0].created_at
        assert second.not_before == began + HOUR_MS
        place.clock.jump_ms = HOUR_MS
        rows = await _settled(place, 3)
        assert (await place.manager.wait(second.id)).status is Status.COMPLETED
        assert rows[2].not_before == began + 2 * HOUR_MS
        place.clock.jump_ms = 10 * HOUR_MS
        rows = await _settled(place, 4)
        assert len(rows) == 4
        assert rows[3].not_before == began + 11 * HOUR_MS
        assert len({row.idempotency_key for row in rows}) == 4


@pytest.mark.parametrize(("policy", "ran"), [("one", 2), ("skip", 1)])
async def test_a_firing_missed_while_nobody_was_there_follows_its_policy(
    tmp_path: Path, policy: str, ran: int
) -> None:
    async with opened(tmp_path, {"quick": []}) as place:
        await place.submit("quick", every="1h", on_missed=policy)
        first, second = await _settled(place, 2)
        await place.manager.wait(first.id)
        await place.crash()
        place.clock.jump_ms = 5 * HOUR_MS + 60_000
        await place.open()
        rows = await _settled(place, 3)
        missed = await place.manager.wait(second.id)
        assert missed.status is (Status.COMPLETED if policy == "one" else Status.CANCELED)
        assert len(place.executor.started) == ran
        began = (await place.manager.schedules())[0].created_at
        assert rows[2].not_before == began + 6 * HOUR_MS


async def test_an_owner_that_dies_fires_nothing_twice_and_a_stopped_schedule_stays_stopped(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, {"quick": []}) as place:
        spec = {"every": "1h", "env_keys": ("A",)}
        await place.submit("quick", **spec)
        await _settled(place, 2)
        for _ in range(3):
            await place.crash()
            await place.open()
        assert len(await _settled(place, 2)) == 2
        (schedule,) = await place.manager.schedules()
        await place.manager.stop_schedule(schedule.schedule_id)
        await place.crash()
        place.clock.jump_ms = 9 * HOUR_MS
        await place.open()
        assert await place.manager.schedules() == ()
        rows = await _rows(place)
        assert [row.status for row in rows][1:] == [Status.CANCELED]


async def test_firings_with_a_key_wait_for_the_one_before(tmp_path: Path) -> None:
    async with opened(tmp_path, {"gated": [Gate("go")]}) as place:
        first = await place.submit("gated", every="1h", exclusive_key="k")
        await place.reach(first, "task.started")
        rows = await _settled(place, 2)
        assert rows[1].in_line
        place.clock.jump_ms = HOUR_MS
        rows = await _settled(place, 3)
        assert [row.status for row in rows] == [Status.RUNNING, Status.QUEUED, Status.QUEUED]
        place.executor.open_gate("go")
        assert (await place.manager.wait(rows[1].id)).status is Status.COMPLETED


async def test_the_environment_of_a_schedule_is_kept_privately_and_forgotten(tmp_path: Path) -> None:
    async with opened(tmp_path, {"quick": []}) as place:
        spec = TaskSpec(work=ShellWork(command="quick"), every="1h")
        await place.manager.submit(spec, env={"SECRET": "1", "TASKTUI_HOME": "x"})
        (schedule,) = await place.manager.schedules()
        file = tmp_path / "schedules" / schedule.schedule_id
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        rows = await _settled(place, 2)
        assert (tmp_path / "tasks" / rows[1].id / "env").read_bytes() == b"SECRET=1"
        await place.manager.stop_schedule(schedule.schedule_id)
        assert not file.exists()


async def test_a_key_has_one_schedule_though_it_is_asked_for_twice_at_once(tmp_path: Path) -> None:
    """The second would fire as well, for ever."""
    async with opened(tmp_path, {"quick": []}) as place:
        asked = [place.submit("quick", every="1h", idempotency_key="nightly") for _ in range(3)]
        tasks = await asyncio.gather(*asked)
        assert len(await place.manager.schedules()) == 1
        assert len(set(tasks)) == 1


class Full(MemoryStore):
    """Takes nothing about schedules while it is full."""

    full = False

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if self.full and any(event.type == "schedule.stopped" for one in batch for event in one.events):
            raise StoreError
        return await super().commit(batch)


async def test_a_schedule_that_could_not_be_stopped_can_be_stopped_again(tmp_path: Path) -> None:
    """It was gone from sight, its next firing with it, and came back with the next owner."""
    store = Full()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        await place.submit("quick", every="1h")
        (schedule,) = await place.manager.schedules()
        store.full = True
        with pytest.raises(StoreError):
            await place.manager.stop_schedule(schedule.schedule_id)
        assert [one.schedule_id for one in await place.manager.schedules()] == [schedule.schedule_id]
        store.full = False
        await place.manager.stop_schedule(schedule.schedule_id)
        await place.manager.close()
        await place.open()
        assert await place.manager.schedules() == ()
