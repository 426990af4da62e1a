"""Waiting, following and watching, through any manager."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tasktui.domain.errors import (
    InvalidError,
    ManagerClosedError,
)
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.work import (
    MessageDelta,
)
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.status import Status
from tasktui.store.memory import MemoryStore
from tests.contract.managers import (
    Room,
    local,
    reach,
    run,
    spec,
)


@pytest.mark.feature(167)
async def test_waiting_gives_up_in_time(room: Room) -> None:
    task = await room.manager.submit(spec("wait"))
    with pytest.raises(TimeoutError):
        await room.manager.wait(task.id, timeout_s=0.05)
    waiting = asyncio.ensure_future(room.manager.wait(task.id))
    await reach(room, task.id, "task.started")
    room.executor.open_gate("go")
    assert (await waiting).status is Status.COMPLETED


@pytest.mark.feature(81, 82, 90, 92)
async def test_a_late_subscriber_gets_everything_in_order_and_an_end(room: Room) -> None:
    task_id = await run(room, "tools")
    events = [event async for event in room.manager.subscribe(task_id)]
    assert [event.type for event in (events[0], events[-1])] == ["stream.snapshot", "stream.end"]
    stored = [event.seq for event in events if isinstance(event, StoredEvent)]
    assert stored == list(range(1, len(stored) + 1))
    later = [event async for event in room.manager.subscribe(task_id, after=3)]
    assert [event.seq for event in later if isinstance(event, StoredEvent)] == stored[3:]
    past = [event.type async for event in room.manager.subscribe(task_id, after=999)]
    assert past == ["stream.snapshot", "stream.end"]


@pytest.mark.feature(89, 117)
async def test_every_live_subscriber_hears_everything(room: Room) -> None:
    task = await room.manager.submit(spec("talk", held=True))

    async def listen() -> tuple[list[int], str]:
        seqs, text = [], ""
        async for event in room.manager.subscribe(task.id):
            if isinstance(event, StoredEvent):
                seqs.append(event.seq)
            elif isinstance(event, NewEvent) and isinstance(event.data, MessageDelta):
                text += event.data.delta
                if text == "abcdef":
                    room.executor.open_gate("go")
        return seqs, text

    listeners = [asyncio.ensure_future(listen()) for _ in range(3)]
    await asyncio.sleep(0)
    await until_subscribed(room, 3)
    await room.manager.release(task.id)
    assert await asyncio.gather(*listeners) == [([1, 2, 3, 4, 5], "abcdef")] * 3


@pytest.mark.feature(86)
async def test_the_tasks_of_a_client_or_of_an_agent_can_be_followed(room: Room) -> None:
    mine = [await run(room, "quick", client_id="ann", agent_id="box") for _ in range(2)]
    await run(room, "quick", client_id="bob", agent_id="box")
    await run(room, "quick")

    async def heard(client_id: str | None = None, agent_id: str | None = None) -> list[str]:
        ended = []
        async for event in room.manager.subscribe(client_id=client_id, agent_id=agent_id):
            if event.type == "task.finished":
                ended.append(event.task_id)
            if event.task_id == last.id and event.type == "task.finished":
                return ended
        return ended

    last = await room.manager.submit(spec("wait", client_id="ann", agent_id="box"))
    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        of_client = group.create_task(heard(client_id="ann"))
        of_both = group.create_task(heard(client_id="ann", agent_id="box"))
        of_agent = group.create_task(heard(agent_id="box"))
        await until_subscribed(room, 3)
        await run(room, "quick", client_id="bob")
        room.executor.open_gate("go")
    assert of_client.result() == of_both.result() == [*mine, last.id]
    assert len(of_agent.result()) == 4


@pytest.mark.feature(86)
async def test_one_task_and_somebodys_tasks_are_two_questions(room: Room) -> None:
    task_id = await run(room, "quick")
    with pytest.raises(InvalidError):
        _ = [event async for event in room.manager.subscribe(task_id, client_id="ann")]


async def until_subscribed(room: Room, number: int) -> None:
    while (await room.manager.stats()).subscribers < number:
        await asyncio.sleep(0.01)


@pytest.mark.feature(83, 86)
async def test_the_whole_log_can_be_followed(room: Room) -> None:
    task_id = await run(room, "quick")
    seen: list[str] = []
    gid = 0
    async for event in room.manager.subscribe():
        if isinstance(event, StoredEvent):
            assert event.gid > gid
            gid = event.gid
            seen.append(event.type)
            if event.type == "task.finished" and event.task_id == task_id:
                break
    assert seen == ["owner.started", "task.created", "task.started", "task.finished"]


@pytest.mark.feature(94)
async def test_a_screen_gets_the_newest_rows_and_the_tail_of_what_it_looks_at(room: Room) -> None:
    task = await room.manager.submit(spec("talk", held=True))
    interest = Interest(task_id=task.id, min_interval_s=0.02)
    rows: dict[str, Status] = {}
    released = False
    tail: list[int] = []
    live = ""

    def take(changes: ChangeSet) -> None:
        nonlocal live
        rows.update({row.id: row.status for row in changes.rows})
        tail.extend(event.seq for event in changes.tail)
        live = dict(changes.live).get("m", live)

    async for changes in room.manager.changes(interest):
        if changes.reread and not released:  # of several machines each says it once
            released = True
            await room.manager.release(task.id)
        take(changes)
        assert changes.task_id == task.id or not (changes.tail or changes.live or changes.output)
        if live == "abcdef":
            room.executor.open_gate("go")
        if rows.get(task.id) is Status.COMPLETED:
            break
    assert tail == [2, 3, 4, 5]
    assert changes.counts is not None
    assert changes.counts.of(Status.COMPLETED) == 1


async def test_a_screen_sees_what_a_running_tool_call_writes(room: Room) -> None:
    """A screen that comes late, too; what is complete is told by its event."""
    task = await room.manager.submit(spec("works"))
    await reach(room, task.id, "tool.started")
    async for changes in room.manager.changes(Interest(task_id=task.id, min_interval_s=0.02)):
        if changes.written == (("c", "one two"),):
            break
    room.executor.open_gate("go")
    await room.manager.wait(task.id)
    async for changes in room.manager.changes(Interest(task_id=task.id, min_interval_s=0.02)):
        assert changes.written == ()
        break


async def test_a_screen_hears_of_tasks_that_are_no_more(room: Room) -> None:
    task_id = await run(room, "quick")
    stream = room.manager.changes(Interest(min_interval_s=0.02))
    assert (await anext(stream)).reread
    await room.manager.purge([task_id])
    async for changes in stream:
        if changes.removed:
            assert changes.removed == (task_id,)
            break


@pytest.mark.feature(163)
async def test_figures_about_the_whole(room: Room) -> None:
    await run(room, "quick")
    stats = await room.manager.stats()
    assert stats.counts.of(Status.COMPLETED) == 1
    assert stats.degraded is None
    assert stats.events >= 4
    assert room.lane in {lane.lane for lane in stats.lanes}


@pytest.mark.feature(165)
async def test_a_closed_manager_takes_no_task(own_home: Path) -> None:
    async with local(own_home, MemoryStore()) as room:
        await room.manager.close()
        with pytest.raises(ManagerClosedError):
            await room.manager.submit(spec("quick"))
