"""What every manager does with a task's life, local or attached: only the port and the scripts are known."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tasktui.domain.errors import (
    AmbiguousTaskError,
    InvalidError,
    NotFoundError,
    StateError,
    TaskConflictError,
)
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.manager.clock import SystemClock
from tests.contract.managers import (
    Room,
    mended,
    reach,
    run,
    spec,
    types,
)


@pytest.mark.feature(22)
async def test_a_task_runs_to_its_end(room: Room) -> None:
    task_id = await run(room, "say")
    row = (await room.manager.get(task_id)).row
    assert (row.status, row.terminal_reason) == (Status.COMPLETED, Reason.COMPLETED)
    assert (row.exit_code, row.result_summary, row.run_no) == (0, "done", 1)
    assert await types(room, task_id) == ["task.created", "task.started", "task.finished"]
    chunk = await room.manager.output(task_id, offset=-4)
    assert (chunk.data, chunk.offset, chunk.size) == (b"two\n", 4, 8)
    assert (await room.manager.counts()).of(Status.COMPLETED) == 1
    assert await room.manager.busy() == 0


@pytest.mark.feature(3, 21)
async def test_what_cannot_run_is_refused(room: Room) -> None:
    with pytest.raises(InvalidError, match="not there: /missing"):
        await room.manager.submit(spec("quick", cwd="/missing"))
    with pytest.raises(InvalidError, match="cannot be the id"):
        await room.manager.submit(spec("quick"), task_id="../up")
    with pytest.raises(InvalidError, match="runs tasks of this kind"):
        await room.manager.submit(
            TaskSpec.model_validate({"work": {"kind": "remote", "url": "http://x", "prompt": "p"}})
        )
    with pytest.raises(InvalidError, match="not there"):
        await room.manager.submit(spec("quick", depends_on=("nobody",)))
    assert (await room.manager.counts()).total == 0


@pytest.mark.feature(2, 5, 111)
async def test_ids_may_be_shortened(room: Room) -> None:
    for task_id in ("build-1", "build-2", "other"):
        await room.manager.submit(spec("quick"), task_id=task_id)
    assert (await room.manager.get("oth")).id == "other"
    with pytest.raises(AmbiguousTaskError) as ambiguous:
        await room.manager.get("build")
    assert sorted(ambiguous.value.candidates) == ["build-1", "build-2"]
    for nobody in ("zzz", "", "  "):
        with pytest.raises(NotFoundError):
            await room.manager.get(nobody)


@pytest.mark.feature(3)
async def test_an_id_and_its_files_belong_to_one_task(room: Room, own_home: Path) -> None:
    await room.manager.submit(spec("quick", name="first"), task_id="same", env={"A": "1"})
    with pytest.raises(TaskConflictError):
        await room.manager.submit(spec("quick", name="second"), task_id="same")
    assert "first" in (own_home / "tasks" / "same" / "spec.json").read_text()


@pytest.mark.feature(3)
async def test_who_is_told_that_an_id_is_taken_finds_its_task(room: Room) -> None:
    """Asked for twice at once: the second is not refused for a task that may yet come to nothing."""

    async def one() -> bool:
        try:
            await room.manager.submit(spec("quick"), task_id="same")
        except TaskConflictError:
            return (await room.manager.get("same")).id != "same"
        return True

    assert sorted(await asyncio.gather(one(), one(), one())) == [False, False, True]


@pytest.mark.feature(3)
async def test_a_refused_submit_does_not_take_its_id_from_another(room: Room) -> None:
    refused = room.manager.submit(spec("quick", cwd="/missing"), task_id="same")
    done = await asyncio.gather(
        refused, room.manager.submit(spec("quick"), task_id="same"), return_exceptions=True
    )
    assert isinstance(done[0], InvalidError)
    assert (await room.manager.get("same")).id == "same"


@pytest.mark.parametrize(
    "key",
    [{"exclusive_key": "k"}, {"client_id": "c", "request_id": "r"}, {"exclusive_key": "k", "owner": "o"}],
)
@pytest.mark.feature(1, 19, 20)
async def test_a_key_belongs_to_one_unfinished_task(room: Room, key: dict[str, str]) -> None:
    first = await room.manager.submit(spec("wait", **key))
    with pytest.raises(TaskConflictError) as conflict:
        await room.manager.submit(spec("quick", **key))
    assert conflict.value.details["holder"] == first.id
    assert (await room.manager.submit(spec("quick", on_conflict="return", **key))).id == first.id
    second = await room.manager.submit(spec("quick", on_conflict="cancel", **key))
    assert (await room.manager.wait(first.id, timeout_s=20)).status is Status.CANCELED
    assert (await room.manager.wait(second.id, timeout_s=20)).status is Status.COMPLETED


@pytest.mark.feature(23)
async def test_an_idempotency_key_returns_the_same_task_for_ever(room: Room) -> None:
    first = await room.manager.submit(spec("quick", idempotency_key="once"))
    await room.manager.wait(first.id, timeout_s=20)
    assert (await room.manager.submit(spec("quick", idempotency_key="once"))).id == first.id
    assert (await room.manager.counts()).total == 1


@pytest.mark.feature(31, 37)
async def test_a_lane_starts_by_priority_then_age(room: Room) -> None:
    blocker = await room.manager.submit(spec("wait", lane="one"))
    await reach(room, blocker.id, "task.started")
    low = await room.manager.submit(spec("quick", lane="one"))
    high = await room.manager.submit(spec("quick", lane="one", priority=5))
    late = await room.manager.submit(spec("quick", lane="one"))
    await room.manager.set_priority(late.id, 9)
    states = {lane.lane: lane for lane in await room.manager.lanes()}
    one = states[room.lane]
    assert (one.limit, one.running, one.queued) == (1, 1, 3)
    room.executor.open_gate("go")
    for task in (low, high, late):
        await room.manager.wait(task.id, timeout_s=20)
    assert [task_id for task_id, _ in room.executor.started] == [blocker.id, late.id, high.id, low.id]


@pytest.mark.feature(32, 39)
async def test_a_lane_can_be_paused_and_widened(room: Room) -> None:
    await room.manager.set_lane("one", paused=True)
    task = await room.manager.submit(spec("quick", lane="one"))
    free = await run(room, "quick")
    assert (await room.manager.get(task.id)).row.status is Status.QUEUED
    state = await room.manager.set_lane("one", paused=False, limit=3)
    assert (state.paused, state.limit) == (False, 3)
    assert (await room.manager.wait(task.id, timeout_s=20)).status is Status.COMPLETED
    assert [task_id for task_id, _ in room.executor.started] == [free, task.id]
    with pytest.raises(InvalidError):
        await room.manager.set_lane("one", limit=0)


@pytest.mark.feature(37)
async def test_a_child_waits_for_its_parent(room: Room) -> None:
    parent = await room.manager.submit(spec("wait"))
    child = await room.manager.submit(spec("quick", depends_on=(parent.id,)))
    assert (await room.manager.get(child.id)).row.status is Status.QUEUED
    room.executor.open_gate("go")
    await room.manager.wait(child.id, timeout_s=20)
    assert [task_id for task_id, _ in room.executor.started] == [parent.id, child.id]


@pytest.mark.feature(37, 39)
async def test_a_held_task_starts_when_released_or_due(room: Room) -> None:
    held = await room.manager.submit(spec("quick", held=True))
    timed = await room.manager.submit(spec("quick", held=True))
    now = SystemClock().now()
    row = await room.manager.hold(timed.id, reason="rate limit", until=now + 150)
    assert (row.held, row.held_reason, row.held_until) == (True, "rate limit", now + 150)
    due = await room.manager.wait(timed.id, timeout_s=20)
    assert due.started_at is not None
    assert due.started_at >= now + 150
    assert (await room.manager.get(held.id)).row.status is Status.QUEUED
    await room.manager.release(held.id)
    assert (await room.manager.wait(held.id, timeout_s=20)).status is Status.COMPLETED
    with pytest.raises(StateError):
        await room.manager.hold(held.id)


@pytest.mark.feature(53, 55, 57)
async def test_a_queued_task_is_canceled_at_once_and_never_starts(room: Room) -> None:
    task = await room.manager.submit(spec("quick", held=True))
    done = await room.manager.cancel(task.id, by="ann", reason="wrong")
    assert done.disposition == "canceled"
    assert (done.row.terminal_reason, done.row.duration_ms) == (Reason.CANCELED_BEFORE_START, 0)
    assert (done.row.cancel_requested_by, done.row.cancel_reason) == ("ann", "wrong")
    assert (await room.manager.cancel(task.id)).disposition == "already_finished"
    assert room.executor.started == []


@pytest.mark.feature(54, 56)
async def test_a_running_task_is_asked_to_stop(room: Room) -> None:
    task = await room.manager.submit(spec("wait"))
    await reach(room, task.id, "task.status")
    assert (await room.manager.cancel(task.id)).disposition == "requested"
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
    assert (await types(room, task.id))[-2:] == ["task.cancel_requested", "task.finished"]


@pytest.mark.feature(54, 55, 60)
async def test_the_second_cancel_forces_even_an_executor_that_ignores_everything(room: Room) -> None:
    task = await room.manager.submit(spec("deaf"))
    await reach(room, task.id, "task.started")
    assert (await room.manager.cancel(task.id)).disposition == "requested"
    assert (await room.manager.cancel(task.id)).disposition == "forced"
    assert (await room.manager.cancel(task.id)).disposition == "forced"
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCEL_FORCED)
    assert (await types(room, task.id)).count("task.cancel_requested") == 2
    room.executor.open_gate("never")


@pytest.mark.feature(36)
async def test_an_executor_that_raises_fails_its_task_alone(room: Room) -> None:
    row = (await room.manager.get(await run(room, "raise"))).row
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.EXECUTOR_CRASH)
    assert row.error == "RuntimeError: boom"
    assert (await room.manager.get(await run(room, "quick"))).row.status is Status.COMPLETED


@pytest.mark.feature(169)
async def test_retries_are_further_runs_of_the_same_task(room: Room) -> None:
    task = await room.manager.submit(spec("flaky", retries=1))
    await mended(room, task.id)
    requeued = await reach(room, task.id, "task.requeued")
    assert requeued.run == 1
    row = await room.manager.wait(task.id, timeout_s=20)
    assert (row.status, row.run_no, row.recoveries) == (Status.COMPLETED, 2, 0)
    assert (await types(room, task.id)).count("task.finished") == 1


@pytest.mark.feature(169)
async def test_retry_is_a_new_task(room: Room) -> None:
    old = await run(room, "fail", name="job", idempotency_key="k")
    new = await room.manager.retry(old)
    assert (new.row.retry_of, new.row.title, new.row.idempotency_key) == (old, "job", None)
    assert (await room.manager.get(old)).row.superseded_by == new.id
    waiting = await room.manager.submit(spec("wait"))
    with pytest.raises(StateError):
        await room.manager.retry(waiting.id)


@pytest.mark.parametrize(
    ("field", "reason"), [("timeout_s", "wall_timeout"), ("idle_timeout_s", "idle_timeout")]
)
@pytest.mark.feature(65, 66)
async def test_a_deadline_ends_a_run(room: Room, field: str, reason: str) -> None:
    row = (await room.manager.get(await run(room, "wait", **{field: 0.1}))).row
    assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason(reason))
    assert row.error


@pytest.mark.feature(33, 67)
async def test_a_queue_deadline_ends_a_task_that_never_ran(room: Room) -> None:
    row = (await room.manager.get(await run(room, "quick", held=True, queue_timeout_s=0.1))).row
    assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.QUEUE_TIMEOUT)
    assert room.executor.started == []
