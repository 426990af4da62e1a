"""Recurring tasks, through any manager."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from pydantic import ValidationError

from tasktui.domain.errors import InvalidError, NotFoundError, TaskConflictError
from tasktui.domain.query import TaskQuery
from tasktui.domain.status import Status
from tasktui.manager.clock import SystemClock
from tests.contract.managers import Room, run, spec


async def _firings(room: Room, number: int) -> list[str]:
    """Return the newest tasks, oldest first, when there are so many."""
    while len(page := (await room.manager.page(TaskQuery())).items) < number:
        await asyncio.sleep(0.02)
    return [row.id for row in reversed(page)]


async def test_a_task_recurs_until_its_schedule_is_stopped(room: Room) -> None:
    first = await room.manager.submit(spec("say", every="1s", name="beat"), env={"A": "1"}, task_id="beat-1")
    (schedule,) = await room.manager.schedules()
    assert (schedule.every, schedule.title) == ("1s", "beat")
    assert (first.id, first.row.schedule_id, first.spec.every) == ("beat-1", schedule.schedule_id, None)
    ids = await _firings(room, 3)
    second = await room.manager.wait(ids[1], timeout_s=20)
    assert (second.status, second.schedule_id) == (Status.COMPLETED, schedule.schedule_id)
    assert second.started_at is not None
    assert second.started_at >= (second.not_before or 0) == schedule.created_at + 1_000
    waiting = (await room.manager.get((await room.manager.schedules())[0].task_id or "")).row
    stopped = await room.manager.stop_schedule(schedule.schedule_id, by="ann")
    assert (stopped.schedule_id, await room.manager.schedules()) == (schedule.schedule_id, ())
    left = await room.manager.wait(waiting.id, timeout_s=20)
    assert (left.status, left.cancel_reason) in {
        (Status.CANCELED, "its schedule was stopped"), (Status.COMPLETED, None),
    }  # fmt: skip
    with pytest.raises(NotFoundError):
        await room.manager.stop_schedule(schedule.schedule_id)


async def test_a_crontab_waits_for_its_time(room: Room) -> None:
    task = await room.manager.submit(spec("quick", every="30 4 * * *"))
    due = task.row.not_before
    assert (task.row.status, due is not None) == (Status.QUEUED, True)
    wall = datetime.fromtimestamp((due or 0) / 1000)  # noqa: DTZ006  # crontabs mean the time on the wall
    assert (wall.hour, wall.minute) == (4, 30)
    assert 0 < (due or 0) - SystemClock().now() <= 25 * 3_600_000
    assert (await room.manager.schedules())[0].next_at == due
    await room.manager.cancel(task.id)
    assert len(await room.manager.schedules()) == 1


async def test_what_cannot_recur_leaves_no_schedule(room: Room) -> None:
    for every in ("often", "61 * * * *", "100ms"):
        with pytest.raises(ValidationError):
            spec("quick", every=every)
    with pytest.raises(InvalidError):
        await room.manager.submit(spec("quick", every="1h", cwd="/missing"))
    taken = await run(room, "quick")
    with pytest.raises(TaskConflictError):
        await room.manager.submit(spec("quick", every="1h"), task_id=taken)
    assert await room.manager.schedules() == ()
    once = [await room.manager.submit(spec("quick", every="1h", idempotency_key="k")) for _ in range(2)]
    assert once[0].row.schedule_id == once[1].row.schedule_id
    assert len(await room.manager.schedules()) == 1
