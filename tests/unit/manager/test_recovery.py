"""A new owner over what a dead one left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tasktui.domain.events.lifecycle import TaskCancelRequested
from tasktui.domain.events.people import InputRequested, InputResponded, InterventionQueued
from tasktui.domain.events.work import ToolStarted
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.requests import Answer
from tasktui.domain.status import Reason, Status, ToolStatus
from tasktui.manager.scripted import Gate, Listen
from tests.unit.manager.local_manager import DURABLE, opened, until

SCRIPTS = {
    "work": [ToolStarted(call_id="t", name="bash"), Gate("go")],
    "ask": [InputRequested(request_id="q", question="Which?"), Listen()],
    "talk": [Gate("talk"), Listen()],
}


@pytest.mark.feature(102)
async def test_work_that_outlives_its_owner_is_adopted_and_not_begun_again(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("work")
        await place.reach(task_id, "tool.started")
        await place.crash()
        await place.open()
        assert place.executor.contexts[task_id].adopted or await place.reach(task_id, "task.recovered")
        place.executor.open_gate("go")
        row = await place.manager.wait(task_id)
        assert (row.status, row.run_no) == (Status.COMPLETED, 1)
        assert place.executor.started == [(task_id, 1)]
        assert await place.types(task_id) == [
            "task.created",
            "task.started",
            "tool.started",
            "task.recovered",
            "tool.completed",
            "task.finished",
        ]


@pytest.mark.feature(166)
async def test_detaching_leaves_the_work_running(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("work")
        await place.reach(task_id, "tool.started")
        await place.manager.close("detach")
        row = await place.store.row(task_id)
        assert row is not None
        assert row.status is Status.RUNNING
        await place.open()
        place.executor.open_gate("go")
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert place.executor.started == [(task_id, 1)]


@pytest.mark.feature(102)
async def test_work_inside_the_owner_is_interrupted_with_everything_open_closed(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("work")
        asking = await place.submit("ask")
        await place.reach(task_id, "tool.started")
        await place.reach(asking, "input.requested")
        await place.crash()
        await place.open()
        row = await place.manager.wait(task_id)
        assert (row.status, row.terminal_reason) == (Status.INTERRUPTED, Reason.PROCESS_RESTART)
        assert (await place.manager.tools(task_id)).items[0].status is ToolStatus.FAILED
        assert (await place.manager.detail(asking)).requests[0].state == "expired"


async def test_closing_interrupts_what_cannot_outlive_it(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("work")
        await place.reach(task_id, "tool.started")
        await place.manager.close("detach")
        row = await place.store.row(task_id)
        assert row is not None
        assert (row.status, row.terminal_reason) == (Status.INTERRUPTED, Reason.SHUTDOWN)


@pytest.mark.feature(102)
async def test_requeueing_has_a_limit(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("work", on_restart="requeue")
        for number in range(1, 5):
            begun = (task_id, number)
            await until(lambda begun=begun: begun in place.executor.started)
            await place.crash()
            await place.open()
        row = await place.manager.wait(task_id)
        assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.RECOVERY_EXHAUSTED)
        assert (row.run_no, row.recoveries) == (4, 3)
        assert (await place.types(task_id)).count("task.finished") == 1


@pytest.mark.parametrize("forced", [False, True])
async def test_a_cancel_is_remembered(tmp_path: Path, *, forced: bool) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("work")
        await place.reach(task_id, "tool.started")
        await place.store_fact(task_id, TaskCancelRequested(by="you", force=forced))
        await place.crash()
        await place.open()
        row = await place.manager.wait(task_id)
        assert (row.status, row.cancel_forced) == (Status.CANCELED, forced)


@pytest.mark.feature(71, 74)
async def test_a_message_that_may_have_arrived_is_not_sent_twice(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("talk")
        await place.reach(task_id, "task.started")
        await place.store_fact(task_id, InterventionQueued(intervention_id="m", text="hello"))
        await place.crash()
        await place.open()
        await place.reach(task_id, "intervention.failed")
        assert (await place.manager.detail(task_id)).interventions[0].state == "unknown"
        assert place.executor.heard == []


async def test_a_message_waits_for_an_executor_that_knows_what_it_handed_over(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("work")
        await place.reach(task_id, "tool.started")
        queued = InterventionQueued(
            intervention_id="m", text="faster", user="ann", mode="queue", attachments=("a.png",)
        )
        await place.store_fact(task_id, queued)
        place.executor._capabilities = replace(DURABLE, remembers=True)
        await place.crash()
        await place.open()
        await place.reach(task_id, "task.recovered")
        (sent,) = place.executor.contexts[task_id].unsettled
        assert sent == Delivery("m", "faster", "queue", "ann", attachments=("a.png",))
        assert (await place.manager.detail(task_id)).interventions[0].state == "queued"
        place.executor.contexts[task_id].verdict("m", delivered=None, detail="who knows")
        await place.reach(task_id, "intervention.failed")
        assert (await place.manager.detail(task_id)).interventions[0].state == "unknown"


async def test_a_question_can_be_answered_to_the_next_owner(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("ask")
        await place.reach(task_id, "input.requested")
        await place.crash()
        await place.open()
        await place.manager.answer(task_id, Answer(text="this"))
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert [heard.text for heard in place.executor.heard] == ["this"]


async def test_an_answer_that_was_stored_arrives_though_its_owner_died(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("ask")
        await place.reach(task_id, "input.requested")
        await place.store_fact(task_id, InputResponded(request_id="q", answer="this"))
        await place.crash()
        await place.open()
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert [heard.text for heard in place.executor.heard] == ["this"]


async def test_a_lane_keeps_its_setting(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        await place.manager.set_lane("gpu", limit=1, paused=True)
        await place.crash()
        await place.open()
        lane = next(lane for lane in await place.manager.lanes() if lane.lane == "gpu")
        assert (lane.limit, lane.paused) == (1, True)


async def test_the_owners_are_logged(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, durable=True) as place:
        task_id = await place.submit("work")
        await place.reach(task_id, "tool.started")
        await place.crash()
        await place.open()
        assert [event.type for event in await place.events("@system")] == [
            "owner.started",
            "owner.took_over",
        ]
