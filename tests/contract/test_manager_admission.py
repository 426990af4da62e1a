"""Room for tasks: many that ask at once get exactly the places there are; through any manager and store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tasktui.domain.errors import CapacityError
from tasktui.domain.events.lifecycle import TaskEdited, TaskStarted
from tasktui.domain.ports.store import Admission, Committed, Conflict, Store
from tasktui.domain.status import Status
from tasktui.manager.limits import Limits
from tests.contract.facts import change, created, finished, put, refused
from tests.contract.managers import Room, reach, run, spec
from tests.unit.manager.local_manager import Place, opened


@pytest.mark.feature(33, 34)
async def test_of_many_at_once_exactly_as_many_come_in_as_there_is_room(room: Room) -> None:
    await room.manager.set_lane("three", limit=3)
    asked = [room.manager.submit(spec("wait", lane="three", on_full="reject")) for _ in range(12)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, CapacityError)]
    tasks = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert (len(tasks), len(refusals)) == (3, 9)
    assert refusals[0].retry_after_s > 0
    assert str(refusals[0]) == "The lane is full: three, 3 at once."
    assert (await room.manager.counts()).total == 3, "a refusal leaves no task"
    # others may wait there, and elsewhere there is room
    waiting = await room.manager.submit(spec("quick", lane="three"))
    await run(room, "quick", on_full="reject")
    await room.manager.cancel(waiting.id)
    for task in tasks:
        await reach(room, task.id, "task.started")
        await room.manager.cancel(task.id)
        await room.manager.wait(task.id, timeout_s=20)
    assert await run(room, "quick", lane="three", on_full="reject")


@pytest.mark.feature(34)
async def test_the_whole_queue_has_its_limit_whoever_asks(tmp_path: Path) -> None:
    async with opened(tmp_path, {"quick": []}, limits=Limits(max_queued=5)) as place:

        async def ask(place: Place) -> str | None:
            try:
                return await place.submit("quick", held=True)
            except CapacityError as full:
                assert str(full) == "The queue is full: 5 tasks wait."  # noqa: PT017  # one of many
                return None

        ids = [task_id for task_id in await asyncio.gather(*(ask(place) for _ in range(30))) if task_id]
        assert len(ids) == 5
        assert {entry.name for entry in (tmp_path / "tasks").iterdir()} == set(ids)
        await place.manager.cancel(ids[0])
        assert len([one for one in [await ask(place) for _ in range(3)] if one]) == 1


async def test_a_batch_counts_what_it_has_done_itself(store: Store) -> None:
    room = Admission(queued=100, lane=2)
    await put(store, "a", created(lane="x"))
    answers = await store.commit(
        [
            change("b", created(lane="x"), admission=room),
            change("c", created(lane="x"), admission=room),
            change("a", finished(Status.CANCELED)),
            change("d", created(lane="x"), admission=room),
            change("b", TaskStarted(), run=1),
            change("e", created(lane="x"), admission=room),
            change("d", TaskEdited(lane="y")),
            change("f", created(lane="x"), admission=room),
        ]
    )
    assert [type(answer) for answer in answers] == [
        Committed, Conflict, Committed, Committed, Committed, Conflict, Committed, Committed,
    ]  # fmt: skip
    full = await refused(store, "g", created(lane="x"), admission=Admission(queued=2))
    assert (full.reason, full.detail) == ("full", "The queue is full: 2 tasks wait.")
    await put(store, "g", created(lane="x"), admission=Admission(queued=3))
