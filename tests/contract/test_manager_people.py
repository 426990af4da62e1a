"""Messages, questions and permissions, through any manager."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tasktui.domain.errors import (
    InvalidError,
    NotFoundError,
    NotRunningError,
    StateError,
    UnsupportedError,
)
from tasktui.domain.records import RequestRow
from tasktui.domain.requests import Answer, Message
from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.domain.status import Attention, Status
from tasktui.manager.clock import SystemClock
from tasktui.manager.scripted import Listen
from tests.contract.managers import (
    PERMISSION,
    QUESTION,
    Room,
    reach,
    spec,
    types,
)


@pytest.mark.feature(69, 73, 74)
async def test_a_message_is_delivered_once(room: Room) -> None:
    task = await room.manager.submit(spec("listen"))
    await reach(room, task.id, "task.started")
    message = Message("go on", user="ann", client_token="t")
    first = await room.manager.intervene(task.id, message)
    delivered = await reach(room, task.id, "intervention.delivered")
    assert (await room.manager.intervene(task.id, message)).intervention_id == first.intervention_id
    await room.manager.wait(task.id, timeout_s=20)
    assert [heard.text for heard in room.executor.heard] == ["go on"]
    row = (await room.manager.detail(task.id)).interventions[0]
    assert (row.state, row.user, delivered.run) == ("delivered", "ann", 1)
    with pytest.raises(NotRunningError):
        await room.manager.intervene(task.id, Message("late"))


@pytest.mark.feature(69, 78)
async def test_messages_that_cannot_arrive_are_refused(room: Room) -> None:
    agent = await room.manager.submit(TaskSpec(work=AgentWork(preset="x", prompt="listen")))
    queued = await room.manager.submit(spec("quick", held=True))
    await reach(room, agent.id, "task.started")
    with pytest.raises(UnsupportedError):
        await room.manager.intervene(agent.id, Message("hello"))
    takes = [(await room.manager.detail(task.id)).intervene for task in (agent, queued)]
    assert takes == ["none", "steer"]
    with pytest.raises(NotRunningError):
        await room.manager.intervene(queued.id, Message("hello"))
    with pytest.raises(InvalidError):
        await room.manager.intervene(agent.id, Message("  "))


@pytest.mark.feature(76)
async def test_a_question_waits_for_one_answer(room: Room) -> None:
    task = await room.manager.submit(spec("ask"))
    await reach(room, task.id, "input.requested")
    assert (await room.manager.get(task.id)).row.attention is Attention.INPUT
    for decided in (Answer(decision="allow"), Answer(decision="deny", text="too late")):
        with pytest.raises(InvalidError, match="needs an answer") as refused:
            await room.manager.answer(task.id, decided)
        assert refused.value.details["question"] == "q1", "a reason is no answer"
    given = await asyncio.gather(
        room.manager.answer(task.id, Answer(text="red", by="ann")),
        room.manager.answer(task.id, Answer(request_id="q1", text="blue", by="bob")),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in given) == ["RequestRow", "StateError"]
    # the one that arrives first holds: over connections that is either of the two
    first, by = ("red", "ann") if isinstance(given[0], RequestRow) else ("blue", "bob")
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.attention) == (Status.COMPLETED, Attention.NONE)
    kept = (await room.manager.detail(task.id)).requests[0]
    assert (kept.state, kept.decision, kept.decided_by) == ("answered", first, by)
    assert [(heard.request_id, heard.text, heard.decision) for heard in room.executor.heard] == [
        ("q1", first, "answer")
    ]
    with pytest.raises(StateError, match=f"answered by {by}"):
        await room.manager.answer(task.id, Answer(request_id="q1", text="late"))


@pytest.mark.feature(77)
async def test_a_permission_is_decided_and_another_question_still_needs_somebody(room: Room) -> None:
    task = await room.manager.submit(spec("ask twice"))
    await reach(room, task.id, "approval.requested")
    with pytest.raises(InvalidError, match="name one"):
        await room.manager.answer(task.id, Answer(decision="deny"))
    denied = await room.manager.answer(
        task.id, Answer(request_id="a1", decision="deny", text="no", scope="task")
    )
    assert (denied.decision, denied.reason, denied.scope) == ("deny", "no", "task")
    row = (await room.manager.get(task.id)).row
    assert (row.attention, row.attention_id) == (Attention.INPUT, "q1")
    await room.manager.answer(task.id, Answer(text="red"))
    assert (await room.manager.wait(task.id, timeout_s=20)).status is Status.COMPLETED


@pytest.mark.feature(77)
async def test_what_is_open_at_the_end_expires(room: Room) -> None:
    task = await room.manager.submit(spec("approve"))
    await reach(room, task.id, "approval.requested")
    await room.manager.cancel(task.id)
    row = await room.manager.wait(task.id, timeout_s=20)
    assert row.attention is Attention.NONE
    assert (await room.manager.detail(task.id)).requests[0].state == "expired"
    assert (await types(room, task.id))[-2:] == ["approval.expired", "task.finished"]
    with pytest.raises(StateError, match="too late"):
        await room.manager.answer(task.id, Answer(request_id="a1", decision="allow"))
    with pytest.raises(NotFoundError):
        await room.manager.answer(task.id, Answer(request_id="other", decision="allow"))


@pytest.mark.parametrize("scope", ["task", "always"])
@pytest.mark.parametrize("decision", ["allow", "deny"])
@pytest.mark.feature(77)
async def test_a_decision_for_the_whole_task_holds_for_requests_like_it(
    room: Room, scope: Any, decision: Any
) -> None:
    task = await room.manager.submit(spec("approve twice"))
    await reach(room, task.id, "approval.requested")
    await room.manager.answer(task.id, Answer(decision=decision, scope=scope, by="ann"))
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.attention) == (Status.COMPLETED, Attention.NONE)
    second = (await room.manager.detail(task.id)).requests[1]
    assert (second.state, second.decision, second.decided_by) == ("answered", decision, "ann")
    assert (second.decided_from, second.reason) == ("rule", "as decided on a1")
    assert [(heard.request_id, heard.decision) for heard in room.executor.heard] == [
        ("a1", decision), ("a2", decision),
    ]  # fmt: skip


async def test_a_decision_for_once_holds_once(room: Room) -> None:
    task = await room.manager.submit(spec("approve twice"))
    await reach(room, task.id, "approval.requested")
    await room.manager.answer(task.id, Answer(decision="allow"))
    while (await room.manager.get(task.id)).row.attention_id != "a2":
        await asyncio.sleep(0.01)
    await room.manager.answer(task.id, Answer(decision="deny"))
    assert (await room.manager.wait(task.id, timeout_s=20)).status is Status.COMPLETED


@pytest.mark.feature(76)
async def test_a_request_expires_and_the_task_goes_on(room: Room) -> None:
    soon = SystemClock().now() + 150
    asked = (
        QUESTION.model_copy(update={"expires_at": soon}),
        PERMISSION.model_copy(update={"expires_at": soon}),
    )
    room.executor.scripts["hurry"] = [*asked, Listen(), Listen()]
    task = await room.manager.submit(spec("hurry", idle_timeout_s=20))
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.attention) == (Status.COMPLETED, Attention.NONE)
    kept = (await room.manager.detail(task.id)).requests
    assert {(one.request_id, one.state, one.reason) for one in kept} == {
        ("q1", "expired", "Nobody answered in time."), ("a1", "expired", "Nobody answered in time."),
    }  # fmt: skip
    assert {(heard.request_id, heard.decision) for heard in room.executor.heard} == {
        ("q1", "expired"), ("a1", "deny"),
    }  # fmt: skip
    with pytest.raises((StateError, NotFoundError)):
        await room.manager.answer(task.id, Answer(request_id="q1", text="late"))
