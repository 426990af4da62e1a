"""Facts change a row as the taxonomy says, in the states that the transition table allows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tasktui.domain import reducer, transitions
from tasktui.domain.errors import IllegalTransitionError
from tasktui.domain.events import evidence, lifecycle, people, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.registry import EVENTS
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import TERMINAL, Attention, Reason, Status

T0 = 1_000_000


def _event(data: Data, *, run: int = 0, ts: int = T0) -> NewEvent:
    return NewEvent("t", run, ts, data)


def _new(**spec: Any) -> TaskRow:
    made = TaskSpec(work=ShellWork(command="make"), **spec)
    return reducer.created(_event(lifecycle.TaskCreated(title="make", spec=made)), 5)


def _after(row: TaskRow, *data: Data, run: int = 1, ts: int = T0 + 1) -> TaskRow:
    return reducer.fold(row, [_event(one, run=run, ts=ts) for one in data])


def _running(**spec: Any) -> TaskRow:
    return _after(_new(**spec), lifecycle.TaskStarted())


def _end(status: Status = Status.COMPLETED, **fields: Any) -> lifecycle.TaskFinished:
    return lifecycle.TaskFinished(status=status, reason=Reason.COMPLETED, **fields)


def test_a_task_begins_with_what_was_asked_for() -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    row = _new(held=True, tags=("a", "b"), depends_on=("p",), not_before=due, priority=4, lane="gpu")
    assert (row.status, row.created_seq, row.last_seq) == (Status.QUEUED, 5, 1)
    assert (row.held, row.held_reason, row.tags, row.depends_on) == (
        True,
        "submitted on hold",
        " a b ",
        " p ",
    )
    assert row.not_before == int(due.timestamp() * 1000)
    assert _new().not_before is None
    with pytest.raises(IllegalTransitionError):
        reducer.created(_event(lifecycle.TaskStarted()), 1)


def test_a_run_begins_and_ends() -> None:
    row = _after(_new(held=True), lifecycle.TaskStarted(worker="w"), run=2)
    assert (row.status, row.status_evidence, row.run_no, row.held) == (Status.RUNNING, "w", 2, False)
    assert row.started_at == T0 + 1
    done = _after(row, _end(duration_ms=-5, exit_code=3, error="x"), run=2, ts=T0 - 7)
    assert (done.status, done.duration_ms, done.exit_code, done.error) == (Status.COMPLETED, 0, 3, "x")
    assert done.updated_at == row.updated_at, "a clock that jumps back does not take the row with it"
    assert done.last_seq == 3


def test_another_machine_takes_it() -> None:
    row = _after(_new(), lifecycle.TaskDispatched(agent_id="box"))
    assert (row.status, row.agent_id, row.external_id) == (Status.DISPATCHED, "box", None)
    assert _after(row, lifecycle.TaskStarted()).status == Status.RUNNING


@pytest.mark.feature(30, 58)
def test_facts_of_an_older_run_change_nothing_but_the_position() -> None:
    row = _after(_new(), lifecycle.TaskStarted(), run=2)
    late = _after(row, _end(), run=1)
    assert (late.status, late.last_seq) == (Status.RUNNING, row.last_seq + 1)


def test_back_to_the_queue() -> None:
    asked = people.InputRequested(request_id="q", question="?")
    again = lifecycle.TaskRequeued(from_status=Status.RUNNING, policy="requeue", recoveries=2, not_before=9)
    row = _after(_running(), asked, again)
    assert (row.status, row.started_at, row.recoveries, row.not_before) == (Status.QUEUED, None, 2, 9)
    assert row.attention == Attention.NONE
    recovered = _after(
        _running(), lifecycle.TaskRecovered(from_status=Status.RUNNING, policy="x", recoveries=1)
    )
    assert recovered.recoveries == 1


@pytest.mark.feature(54)
def test_the_first_cancel_is_kept_and_the_second_forces() -> None:
    row = _after(_running(), lifecycle.TaskCancelRequested(by="ann", reason="late"))
    assert row.stopping
    row = _after(row, lifecycle.TaskCancelRequested(by="bob", force=True), ts=T0 + 9)
    assert (row.cancel_requested_by, row.cancel_requested_at, row.cancel_forced) == ("ann", T0 + 1, True)


def test_a_queued_task_is_edited_held_and_released() -> None:
    spec = TaskSpec(work=ShellWork(command="other"), lane="cpu", tags=("z",), retries=2)
    row = _after(_new(), lifecycle.TaskEdited(title="named"), lifecycle.TaskHeld(reason="wait", until=9))
    assert (row.title, row.held, row.held_reason, row.held_until) == ("named", True, "wait", 9)
    row = _after(row, lifecycle.TaskEdited(spec=spec), lifecycle.TaskReleased())
    assert (row.title, row.lane, row.tags, row.retries, row.held) == ("other", "cpu", " z ", 2, False)


@pytest.mark.parametrize(
    ("progress", "percentage"),
    [
        (lifecycle.TaskProgress(current=3, total=4), 75),
        (lifecycle.TaskProgress(current=3), 0),
        (lifecycle.TaskProgress(current=9, total=4), 100),
        (lifecycle.TaskProgress(percentage=-3, phase="x"), 0),
        (lifecycle.TaskProgress(phase="x"), None),
    ],
)
@pytest.mark.feature(107, 108)
def test_progress(progress: lifecycle.TaskProgress, percentage: int | None) -> None:
    row = reducer.live(_running(), _event(progress, run=1))
    assert (row.progress_percentage, row.progress_phase) == (percentage, progress.phase)
    assert row.last_seq == 2, "a transient event takes no position"


def test_last_values_pass_by_a_task_that_ended_or_runs_anew() -> None:
    row = _running()
    progress = lifecycle.TaskProgress(current=1, total=2)
    assert reducer.live(row, _event(progress, run=0)) is row
    assert reducer.live(row, _event(work.ToolProgress(call_id="1"), run=1)) is row
    done = _after(row, _end())
    assert reducer.live(done, _event(progress, run=1)) is done
    assert reducer.fold(row, []) is row


def test_who_is_waited_for() -> None:
    row = _after(_running(), people.ApprovalRequested(request_id="r1", summary="rm"))
    assert (row.attention, row.attention_id) == (Attention.APPROVAL, "r1")
    assert _after(row, people.InputExpired(request_id="other")).attention == Attention.APPROVAL
    assert _after(row, people.ApprovalResolved(request_id="r1", decision="deny")).attention == Attention.NONE
    later = _after(row, people.InputRequested(request_id="r2", question="?"))
    assert (later.attention, later.attention_id) == (Attention.APPROVAL, "r1"), "the oldest first"
    row = _after(_running(), people.InputRequested(request_id="r2", question="?"))
    assert row.attention == Attention.INPUT
    assert _after(row, people.InputResponded(request_id="r2", answer="x")).attention_id is None
    assert _after(row, lifecycle.TaskAttention(attention=Attention.NONE)).attention == Attention.NONE
    assert _after(row, _end()).attention == Attention.NONE


@pytest.mark.feature(75, 113)
def test_figures_are_counted() -> None:
    row = _after(
        _running(),
        work.ToolStarted(call_id="1", name="x"),
        work.ToolCompleted(call_id="1", ok=False),
        work.ToolCompleted(call_id="2", ok=False, canceled=True),
        work.ToolCompleted(call_id="3"),
        work.ArtifactAdded(artifact_id="a", label="l", path="p"),
        work.ArtifactAdded(artifact_id="b", label="l", path="p"),
        work.ArtifactRemoved(artifact_id="a"),
        work.SegmentCompleted(segment_id="1"),
        work.SegmentFailed(segment_id="2"),
        people.InterventionQueued(intervention_id="i", text="t"),
        lifecycle.TaskWarning(message="w"),
        lifecycle.TaskStatus(message="m" * 900),
        lifecycle.TaskLinked(session_id="s"),
        evidence.ChecklistUpdated(
            items=(
                evidence.ChecklistItem(id=1, content="a", status="completed"),
                evidence.ChecklistItem(id=2, content="b"),
            )
        ),
    )
    assert (row.tool_calls, row.tool_failed, row.artifacts, row.interventions, row.warnings) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert (row.segments_ok, row.segments_failed, row.checks_done, row.checks_total) == (1, 1, 1, 2)
    assert (len(row.status_text or ""), row.session_id) == (500, "s")
    for data in (
        work.UsageTokens(input_tokens=1, output_tokens=2),
        work.UsageContext(used_tokens=3, max_tokens=9),
    ):
        row = reducer.live(row, _event(data, run=1))
    row = reducer.live(row, _event(work.RuntimeEvent(event="x"), run=1))
    assert (row.tokens_in, row.tokens_out, row.context_used, row.context_max, row.runtime_events) == (
        1,
        2,
        3,
        9,
        1,
    )


def test_book_keeping_after_the_end() -> None:
    done = _after(_running(), _end())
    row = _after(
        done,
        lifecycle.TaskDelivered(),
        lifecycle.TaskAcked(),
        lifecycle.TaskRetried(new_id="n"),
        lifecycle.TaskArchived(),
    )
    assert (row.delivered_at, row.acked_at, row.archived_at, row.superseded_by) == (T0 + 1,) * 3 + ("n",)
    assert _after(row, lifecycle.TaskArchived(archived=False)).archived_at is None
    assert row.status == done.status


def _may(status: Status, name: str, target: Status | None) -> bool:
    try:
        transitions.check("t", status, name, target)
    except IllegalTransitionError:
        return False
    return True


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("name", sorted(EVENTS))
@pytest.mark.feature(30)
def test_the_table_of_what_may_happen(status: Status, name: str) -> None:
    """A terminal task takes book-keeping alone; what starts, ends or moves a run needs its own state."""
    allowed = _may(status, name, Status.CANCELED if name == "task.finished" else None)
    terminal_too = name in transitions.AFTER_END
    if name in transitions.FROM:
        assert allowed == (status in transitions.FROM[name] or terminal_too)
    else:
        assert allowed == (status not in TERMINAL or terminal_too)


@pytest.mark.parametrize("target", list(Status))
def test_how_a_task_may_end(target: Status) -> None:
    assert _may(Status.RUNNING, "task.finished", target) == (target in TERMINAL)
    assert _may(Status.QUEUED, "task.finished", target) == (target in transitions.BEFORE_START)
    assert not _may(Status.COMPLETED, "task.finished", target)


def test_a_refusal_names_the_task() -> None:
    with pytest.raises(
        IllegalTransitionError, match=r"task\.started is not possible while the task is lost: t"
    ) as e:
        transitions.check("t", Status.LOST, "task.started")
    assert e.value.details == {"id": "t"}
