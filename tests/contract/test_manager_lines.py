"""Tasks that wait in line for a key, through any manager."""

from __future__ import annotations

import pytest

from tasktui.domain.errors import TaskConflictError
from tasktui.domain.requests import Task
from tasktui.domain.status import Status
from tests.contract.managers import FAILED, Room, reach, spec


async def _in_line(room: Room, script: str = "quick", **fields: object) -> Task:
    return await room.manager.submit(spec(script, exclusive_key="k", on_conflict="queue", **fields))


@pytest.mark.feature(20)
async def test_the_first_has_the_key_and_the_others_follow_in_order(room: Room) -> None:
    first = await _in_line(room, "wait")
    assert not first.row.in_line
    others = [await _in_line(room, priority=n) for n in range(3)]
    assert [task.row.in_line for task in others] == [True] * 3
    await reach(room, first.id, "task.started")
    other_key = await room.manager.submit(spec("quick", exclusive_key="other", on_conflict="queue"))
    assert (await room.manager.wait(other_key.id, timeout_s=20)).status is Status.COMPLETED
    room.executor.open_gate("go")
    for task in others:
        row = await room.manager.wait(task.id, timeout_s=20)
        assert (row.status, row.in_line) == (Status.COMPLETED, False)
    started = [task_id for task_id, _ in room.executor.started if task_id != other_key.id]
    assert started == [first.id, *(task.id for task in others)]


async def test_whoever_leaves_the_line_lets_nobody_past_the_holder(room: Room) -> None:
    first = await _in_line(room, "wait")
    second, third = await _in_line(room), await _in_line(room)
    await reach(room, first.id, "task.started")
    await room.manager.cancel(second.id)
    assert (await room.manager.get(third.id)).row.status is Status.QUEUED
    await room.manager.cancel(first.id)
    assert (await room.manager.wait(third.id, timeout_s=20)).status is Status.COMPLETED
    assert [task_id for task_id, _ in room.executor.started] == [first.id, third.id]


async def test_a_held_head_keeps_the_line_and_its_key(room: Room) -> None:
    room.executor.scripts["flaky"] = [FAILED]
    first = await _in_line(room, "flaky", retries=1)
    head, last = await _in_line(room, held=True), await _in_line(room)
    await room.manager.wait(first.id, timeout_s=20)
    with pytest.raises(TaskConflictError) as conflict:
        await room.manager.submit(spec("quick", exclusive_key="k"))
    assert conflict.value.details["holder"] == head.id
    assert (await room.manager.submit(spec("quick", exclusive_key="k", on_conflict="return"))).id == head.id
    assert (await room.manager.get(last.id)).row.status is Status.QUEUED
    await room.manager.release(head.id)
    assert (await room.manager.wait(last.id, timeout_s=20)).status is Status.COMPLETED
    assert [run for _, run in room.executor.started] == [1, 2, 1, 1]
