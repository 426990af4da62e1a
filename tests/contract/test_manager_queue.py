"""Moving, changing and pausing tasks, through any manager."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasktui.domain.errors import InvalidError, NotRunningError, StateError, UnsupportedError
from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tests.contract.managers import Room, reach, run, spec, types


@pytest.mark.feature(39)
async def test_queued_tasks_change_places_within_lane_and_priority(room: Room) -> None:
    blocker = await room.manager.submit(spec("wait", lane="one"))
    await reach(room, blocker.id, "task.started")
    first, second, third = [await room.manager.submit(spec("quick", lane="one")) for _ in range(3)]
    await room.manager.submit(spec("quick", lane="one", priority=3, held=True))
    moved = await room.manager.reorder(third.id, "earlier")
    assert moved.position == second.row.position
    await room.manager.reorder(third.id, "earlier")
    await room.manager.reorder(third.id, "earlier")
    await room.manager.reorder(first.id, "later")
    await room.manager.reorder(first.id, "later")
    room.executor.open_gate("go")
    for task in (first, second, third):
        await room.manager.wait(task.id, timeout_s=20)
    assert [task_id for task_id, _ in room.executor.started] == [blocker.id, third.id, second.id, first.id]
    with pytest.raises(StateError):
        await room.manager.reorder(first.id, "earlier")


async def test_a_queued_task_goes_to_the_front_or_to_the_end(room: Room) -> None:
    tasks = [await room.manager.submit(spec("quick", lane="one", held=True)) for _ in range(4)]
    await room.manager.reorder(tasks[3].id, "first")
    await room.manager.reorder(tasks[0].id, "last")
    await room.manager.reorder(tasks[0].id, "last")
    places = {task.id: (await room.manager.get(task.id)).row.position for task in tasks}
    assert sorted(places, key=lambda task_id: places[task_id]) == [tasks[at].id for at in (3, 1, 2, 0)]
    await room.manager.reorder(tasks[0].id, "earlier")
    places = {task.id: (await room.manager.get(task.id)).row.position for task in tasks}
    assert sorted(places, key=lambda task_id: places[task_id]) == [tasks[at].id for at in (3, 1, 0, 2)]


async def test_a_queued_task_is_edited_and_runs_as_edited(room: Room, own_home: Path) -> None:
    task = await room.manager.submit(
        spec("fail", held=True, tags=("old",), exclusive_key="k"), env={"A": "1"}
    )
    other = await run(room, "quick")
    new = spec("quick", name="better", tags=("new",), priority=4, exclusive_key="k", depends_on=(other,))
    edited = await room.manager.edit(task.id, new)
    assert (edited.row.title, edited.row.tags, edited.row.priority) == ("better", " new ", 4)
    assert (edited.row.held, edited.spec.depends_on) == (True, (other,))
    kept = json.loads((own_home / "tasks" / task.id / "spec.json").read_text())
    assert (kept["title"], (own_home / "tasks" / task.id / "env").exists()) == ("better", True)
    await room.manager.release(task.id)
    assert (await room.manager.wait(task.id, timeout_s=20)).status is Status.COMPLETED
    with pytest.raises(StateError):
        await room.manager.edit(task.id, new)


async def test_an_edit_keeps_the_task_the_one_it_is(room: Room) -> None:
    task = await room.manager.submit(spec("quick", held=True))
    child = await room.manager.submit(spec("quick", depends_on=(task.id,)))
    for changed in (
        spec("quick", exclusive_key="k"),
        TaskSpec(work=AgentWork(preset="x", prompt="p")),
        spec("quick", cwd="/missing"),
        spec("quick", depends_on=(child.id,)),
        spec("quick", depends_on=(task.id,)),
    ):
        with pytest.raises(InvalidError):
            await room.manager.edit(task.id, changed)
    assert "task.edited" not in await types(room, task.id)
    failed = await run(room, "fail")
    edited = await room.manager.edit(task.id, spec("quick", depends_on=(failed,)))
    assert (edited.row.status, edited.row.terminal_reason) == (Status.FAILED, Reason.DEPENDENCY_FAILED)


async def test_a_paused_task_stands_still_and_goes_on(room: Room) -> None:
    task = await room.manager.submit(spec("wait", idle_timeout_s=30))
    await reach(room, task.id, "task.status")
    paused = await room.manager.pause(task.id, by="ann")
    assert (paused.status, paused.paused_at is not None) == (Status.RUNNING, True)
    assert (await room.manager.pause(task.id)).paused_at == paused.paused_at
    room.executor.open_gate("go")
    resumed = await room.manager.resume(task.id)
    assert resumed.paused_at is None
    assert (await room.manager.wait(task.id, timeout_s=20)).status is Status.COMPLETED
    assert (await types(room, task.id)).count("task.paused") == 1
    with pytest.raises(NotRunningError):
        await room.manager.pause(task.id)


async def test_what_cannot_be_paused_says_so_and_a_paused_task_can_be_canceled(room: Room) -> None:
    agent = await room.manager.submit(TaskSpec(work=AgentWork(preset="x", prompt="listen")))
    await reach(room, agent.id, "task.started")
    with pytest.raises(UnsupportedError):
        await room.manager.pause(agent.id)
    task = await room.manager.submit(spec("wait"))
    await reach(room, task.id, "task.status")
    await room.manager.pause(task.id)
    await room.manager.cancel(task.id)
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.paused_at) == (Status.CANCELED, None)
