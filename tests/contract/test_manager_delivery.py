"""Who has a result and who needs it no longer, through any manager."""

from __future__ import annotations

import pytest

from tasktui.domain.errors import StateError
from tasktui.domain.events.people import InputRequested, InterventionDelivered
from tasktui.domain.filter import parse_filter
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.query import TaskQuery
from tasktui.domain.requests import Message
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tests.contract.managers import Room, run, spec, types


async def listed(room: Room, text: str) -> set[str]:
    page = await room.manager.page(TaskQuery(parse_filter(text, now=0)))
    return {row.id for row in page.items}


@pytest.mark.feature(134, 135)
async def test_a_result_is_delivered_and_then_acked(room: Room) -> None:
    task_id = await run(room, "quick", client_id="bot", request_id="r")
    assert await listed(room, "undelivered:yes") == await listed(room, "unacked:yes") == {task_id}
    delivered = await room.manager.mark_delivered(task_id, by="bot")
    assert (delivered.delivered_at is not None, delivered.acked_at) == (True, None)
    assert await listed(room, "undelivered:yes") == set()
    assert await listed(room, "unacked:yes client:bot request:r") == {task_id}
    again = await room.manager.mark_delivered(task_id, by="ann")
    assert again.delivered_at == delivered.delivered_at
    acked = await room.manager.ack(task_id, by="bot")
    assert (acked.delivered_at, acked.acked_at is not None) == (delivered.delivered_at, True)
    assert await listed(room, "unacked:yes") == set()
    assert await listed(room, "acked:yes") == {task_id}
    assert (await types(room, task_id))[-2:] == ["task.delivered", "task.acked"]


@pytest.mark.feature(134)
async def test_an_acked_result_was_delivered(room: Room) -> None:
    task_id = await run(room, "quick", client_id="bot")
    acked = await room.manager.ack(task_id)
    assert acked.delivered_at is not None
    assert await listed(room, "undelivered:yes") == set()


@pytest.mark.feature(134)
async def test_what_runs_has_no_result_to_deliver(room: Room) -> None:
    task = await room.manager.submit(spec("wait", client_id="bot"))
    for refused in (room.manager.mark_delivered(task.id), room.manager.ack(task.id)):
        with pytest.raises(StateError):
            await refused
    assert await listed(room, "undelivered:yes") == await listed(room, "unacked:yes") == set()
    row = (await room.manager.get(task.id)).row
    assert (row.delivered_at, row.acked_at, row.finished_at) == (None, None, None)


@pytest.mark.feature(6, 11)
async def test_tasks_are_found_by_their_addresses(room: Room) -> None:
    ids = [await run(room, "quick", client_id="bot", request_id="r", session_id=f"s{n}") for n in range(2)]
    await run(room, "quick", client_id="other", request_id="r")
    page = await room.manager.page(TaskQuery(parse_filter("client:bot request:r", now=0)))
    assert [row.id for row in page.items] == ids[::-1]
    assert await listed(room, "session:s1") == {ids[1]}
    assert await listed(room, "session:s0,s1 !session:s1") == {ids[0]}
    assert await listed(room, "client:bot status:failed") == set()


@pytest.mark.feature(74)
async def test_one_of_several_readers_has_a_message(room: Room) -> None:
    task = await room.manager.submit(TaskSpec(work=CustomWork(executor="external")))
    sent = await room.manager.intervene(task.id, Message("faster"))
    verdict = InterventionDelivered(intervention_id=sent.intervention_id)
    await room.manager.report(task.id, verdict)
    with pytest.raises(StateError, match="waits no longer"):
        await room.manager.report(task.id, verdict)


@pytest.mark.feature(69)
async def test_messages_and_questions_stand_in_the_order_they_came(room: Room) -> None:
    task = await room.manager.submit(TaskSpec(work=CustomWork(executor="external")))
    sent = [(await room.manager.intervene(task.id, Message(f"{n}"))).intervention_id for n in range(2)]
    for n in (9, 3, 5):
        await room.manager.report(task.id, InputRequested(request_id=f"q{n}", question="?"))
    await room.manager.finish(task.id, Outcome(Status.COMPLETED, Reason.COMPLETED))
    detail = await room.manager.detail(task.id)
    assert [row.intervention_id for row in detail.interventions] == sent
    assert [row.request_id for row in detail.requests] == ["q9", "q3", "q5"]
