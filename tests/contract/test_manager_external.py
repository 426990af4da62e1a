"""Work that its caller does, through any manager."""

from __future__ import annotations

import pytest

from tasktui.domain.errors import InvalidError, NotRunningError, UnsupportedError
from tasktui.domain.events.lifecycle import TaskFinished, TaskProgress
from tasktui.domain.events.people import ApprovalRequested, InterventionDelivered
from tasktui.domain.events.work import ToolStarted
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.requests import Answer, Message
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tests.contract.managers import Room, reach, spec, types

DONE = Outcome(
    Status.COMPLETED, Reason.COMPLETED, "the caller said so", "caller", result="42", usage={"n": 1}
)


def external(**fields: object) -> TaskSpec:
    return TaskSpec.model_validate({"work": CustomWork(executor="external"), **fields})


async def test_it_runs_at_once_and_ends_when_its_caller_says_so(room: Room) -> None:
    blocker = await room.manager.submit(spec("wait", lane="one"))
    await reach(room, blocker.id, "task.started")
    tasks = [await room.manager.submit(external(lane="one")) for _ in range(3)]
    assert [task.row.status for task in tasks] == [Status.RUNNING] * 3
    row = await room.manager.finish(tasks[0].id, DONE)
    assert (row.status, row.terminal_reason, row.result_summary) == (Status.COMPLETED, Reason.COMPLETED, "42")
    assert (row.status_source, row.status_evidence) == ("caller", "the caller said so")
    failed = Outcome(Status.FAILED, Reason.ERROR, error="no luck")
    assert (await room.manager.finish(tasks[1].id, failed)).error == "no luck"
    with pytest.raises(NotRunningError):
        await room.manager.finish(tasks[0].id, DONE)
    with pytest.raises(UnsupportedError):
        await room.manager.finish(blocker.id, DONE)
    with pytest.raises(InvalidError):
        await room.manager.finish(tasks[2].id, Outcome(Status.RUNNING, Reason.COMPLETED))
    assert (await types(room, tasks[0].id)) == ["task.created", "task.started", "task.finished"]


async def test_its_caller_reports_talks_and_asks(room: Room) -> None:
    task = await room.manager.submit(external())
    await room.manager.report(task.id, TaskProgress(current=1, total=2))
    await room.manager.report(task.id, ToolStarted(call_id="t", name="grep"))
    sent = await room.manager.intervene(task.id, Message("faster"))
    await room.manager.report(task.id, InterventionDelivered(intervention_id=sent.intervention_id))
    await room.manager.report(task.id, ApprovalRequested(request_id="a", summary="rm"))
    await reach(room, task.id, "approval.requested")
    await room.manager.answer(task.id, Answer(decision="allow"))
    with pytest.raises(InvalidError):
        await room.manager.report(task.id, TaskFinished(status=Status.COMPLETED, reason=Reason.COMPLETED))
    await room.manager.finish(task.id, DONE)
    with pytest.raises(NotRunningError):
        await room.manager.report(task.id, TaskProgress(current=2))
    detail = await room.manager.detail(task.id)
    assert detail.interventions[0].state == "delivered"
    assert (detail.requests[0].decision, detail.task.row.progress_percentage) == ("allow", 50)
    assert [(call.name, call.status) for call in detail.tool_calls] == [("grep", "canceled")]


async def test_a_cancel_beats_its_end_and_keeps_the_result(room: Room) -> None:
    task = await room.manager.submit(external())
    assert (await room.manager.cancel(task.id)).disposition == "requested"
    row = await room.manager.finish(task.id, DONE)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED_AFTER_COMPLETION)
    assert (await room.manager.detail(task.id)).result_inline == "42"
    silent = await room.manager.submit(external())
    await room.manager.cancel(silent.id, force=True)
    assert (await room.manager.wait(silent.id, timeout_s=20)).status is Status.CANCELED


async def test_it_has_a_deadline_of_its_own(room: Room) -> None:
    task = await room.manager.submit(external(timeout_s=0.1))
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.WALL_TIMEOUT)
