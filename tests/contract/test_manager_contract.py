"""What every manager does, local or attached: this file knows only the port and the scripts that it plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tasktui.domain.errors import (
    AmbiguousTaskError,
    InvalidError,
    ManagerClosedError,
    NotFoundError,
    NotRunningError,
    StateError,
    TaskConflictError,
    UnsupportedError,
)
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.evidence import ChecklistItem, ChecklistUpdated
from tasktui.domain.events.lifecycle import TaskProgress, TaskStatus
from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.events.work import (
    MessageCompleted,
    MessageDelta,
    SegmentFailed,
    ToolCompleted,
    ToolStarted,
)
from tasktui.domain.ports.executor import Capabilities, Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.ports.store import Store
from tasktui.domain.query import EVERYTHING
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Answer, ChangeSet, Interest, Message, Metadata
from tasktui.domain.spec import AgentWork, ShellWork, TaskSpec
from tasktui.domain.status import Attention, Reason, Status, ToolStatus
from tasktui.manager.clock import RandomIds, SystemClock
from tasktui.manager.limits import Limits
from tasktui.manager.manager import LocalManager
from tasktui.manager.scripted import Deaf, Gate, Listen, Output, Pause, ScriptedExecutor, Step
from tasktui.manager.scripted_files import MemoryArtifacts
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.store import SQLiteStore

FAILED = Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 3", error="Exit code 3", exit_code=3)
QUESTION = InputRequested(request_id="q1", question="Which colour?", options=("red", "blue"))
PERMISSION = ApprovalRequested(request_id="a1", summary="rm -rf build", tool="bash")
SCRIPTS: dict[str, list[Step]] = {
    "quick": [],
    "say": [Output("one\n"), Output("two\n")],
    "fail": [FAILED],
    "wait": [TaskStatus(message="waiting"), Gate("go")],
    "deaf": [Deaf(), Gate("never")],
    "raise": [RuntimeError("boom")],
    "ask": [QUESTION, Listen()],
    "ask twice": [QUESTION, PERMISSION, Listen(), Listen()],
    "approve": [PERMISSION, Listen()],
    "listen": [Listen()],
    "tools": [
        ToolStarted(call_id="t1", name="read", input="file"),
        ToolStarted(call_id="t1", name="read", input="file"),
        ToolCompleted(call_id="t1", output="x" * 2_000),
        ToolCompleted(call_id="unknown", name="grep", ok=False, output="none"),
        ToolStarted(call_id="open", name="bash"),
    ],
    "talk": [
        *(MessageDelta(message_id="m", delta=piece) for piece in "abcdef"),
        Gate("go"),
        MessageCompleted(message_id="m", content="abcdef"),
    ],
    "work": [
        TaskProgress(current=1, total=4, phase="half"),
        ChecklistUpdated(items=(ChecklistItem(id=1, content="a", status="completed"),)),
        Pause(0.01),
        SegmentFailed(segment_id="s1", error="bad"),
    ],
    "long": [Outcome(Status.COMPLETED, Reason.COMPLETED, result="r" * 5_000)],
}


@dataclass
class Room:
    """A manager and the executor at its other end."""

    manager: Manager
    executor: ScriptedExecutor


@asynccontextmanager
async def local(home: Path, store: Store) -> AsyncIterator[Room]:
    outputs = ScriptedExecutor(SCRIPTS)
    silent = ScriptedExecutor(SCRIPTS, outputs=outputs.outputs, capabilities=Capabilities())
    manager = LocalManager(
        home=home,
        store=store,
        executors={"shell": outputs, "agent": silent},
        artifacts=MemoryArtifacts(),
        outputs=outputs.outputs,
        clock=SystemClock(),
        ids=RandomIds(),
        limits=Limits(lanes={"one": 1}, cancel_grace_s=5.0, abandon_s=0.1, interventions=2),
    )
    await manager.open()
    try:
        yield Room(manager, outputs)
    finally:
        await manager.close("cancel")


MANAGERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Room]]] = {
    "memory": lambda home: local(home, MemoryStore()),
    "sqlite": lambda home: local(home, SQLiteStore(home / "tasktui.db")),
}


@pytest.fixture(params=MANAGERS)
async def room(request: pytest.FixtureRequest, own_home: Path) -> AsyncIterator[Room]:
    async with MANAGERS[request.param](own_home) as opened, asyncio.timeout(25):
        yield opened


def spec(name: str, /, **fields: object) -> TaskSpec:
    return TaskSpec.model_validate({"work": ShellWork(command=name), **fields})


async def run(room: Room, name: str, /, **fields: object) -> str:
    task = await room.manager.submit(spec(name, **fields))
    await room.manager.wait(task.id, timeout_s=10)
    return task.id


async def reach(room: Room, task_id: str, event_type: str) -> StoredEvent:
    """Return the first event of this type, waiting for it."""
    async for event in room.manager.subscribe(task_id):
        if isinstance(event, StoredEvent) and event.type == event_type:
            return event
    raise AssertionError(f"{task_id} ended without {event_type}")


async def types(room: Room, task_id: str) -> list[str]:
    return [event.type for event in (await room.manager.timeline(task_id)).items]


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


async def test_an_id_and_its_files_belong_to_one_task(room: Room, own_home: Path) -> None:
    await room.manager.submit(spec("quick", name="first"), task_id="same", env={"A": "1"})
    with pytest.raises(TaskConflictError):
        await room.manager.submit(spec("quick", name="second"), task_id="same")
    assert "first" in (own_home / "tasks" / "same" / "spec.json").read_text()


@pytest.mark.parametrize(
    "key",
    [{"exclusive_key": "k"}, {"client_id": "c", "request_id": "r"}, {"exclusive_key": "k", "owner": "o"}],
)
async def test_a_key_belongs_to_one_unfinished_task(room: Room, key: dict[str, str]) -> None:
    first = await room.manager.submit(spec("wait", **key))
    with pytest.raises(TaskConflictError) as conflict:
        await room.manager.submit(spec("quick", **key))
    assert conflict.value.details["holder"] == first.id
    assert (await room.manager.submit(spec("quick", on_conflict="return", **key))).id == first.id
    second = await room.manager.submit(spec("quick", on_conflict="cancel", **key))
    assert (await room.manager.wait(first.id, timeout_s=10)).status is Status.CANCELED
    assert (await room.manager.wait(second.id, timeout_s=10)).status is Status.COMPLETED


async def test_an_idempotency_key_returns_the_same_task_for_ever(room: Room) -> None:
    first = await room.manager.submit(spec("quick", idempotency_key="once"))
    await room.manager.wait(first.id, timeout_s=10)
    assert (await room.manager.submit(spec("quick", idempotency_key="once"))).id == first.id
    assert (await room.manager.counts()).total == 1


async def test_a_lane_starts_by_priority_then_age(room: Room) -> None:
    blocker = await room.manager.submit(spec("wait", lane="one"))
    await reach(room, blocker.id, "task.started")
    low = await room.manager.submit(spec("quick", lane="one"))
    high = await room.manager.submit(spec("quick", lane="one", priority=5))
    late = await room.manager.submit(spec("quick", lane="one"))
    await room.manager.set_priority(late.id, 9)
    states = {lane.lane: lane for lane in await room.manager.lanes()}
    assert (states["one"].limit, states["one"].running, states["one"].queued) == (1, 1, 3)
    room.executor.open_gate("go")
    for task in (low, high, late):
        await room.manager.wait(task.id, timeout_s=10)
    assert [task_id for task_id, _ in room.executor.started] == [blocker.id, late.id, high.id, low.id]


async def test_a_lane_can_be_paused_and_widened(room: Room) -> None:
    await room.manager.set_lane("one", paused=True)
    task = await room.manager.submit(spec("quick", lane="one"))
    free = await run(room, "quick")
    assert (await room.manager.get(task.id)).row.status is Status.QUEUED
    state = await room.manager.set_lane("one", paused=False, limit=3)
    assert (state.paused, state.limit) == (False, 3)
    assert (await room.manager.wait(task.id, timeout_s=10)).status is Status.COMPLETED
    assert [task_id for task_id, _ in room.executor.started] == [free, task.id]
    with pytest.raises(InvalidError):
        await room.manager.set_lane("one", limit=0)


async def test_a_child_waits_for_its_parent(room: Room) -> None:
    parent = await room.manager.submit(spec("wait"))
    child = await room.manager.submit(spec("quick", depends_on=(parent.id,)))
    assert (await room.manager.get(child.id)).row.status is Status.QUEUED
    room.executor.open_gate("go")
    await room.manager.wait(child.id, timeout_s=10)
    assert [task_id for task_id, _ in room.executor.started] == [parent.id, child.id]


async def test_a_held_task_starts_when_released_or_due(room: Room) -> None:
    held = await room.manager.submit(spec("quick", held=True))
    timed = await room.manager.submit(spec("quick", held=True))
    now = SystemClock().now()
    row = await room.manager.hold(timed.id, reason="rate limit", until=now + 150)
    assert (row.held, row.held_reason, row.held_until) == (True, "rate limit", now + 150)
    due = await room.manager.wait(timed.id, timeout_s=10)
    assert due.started_at is not None
    assert due.started_at >= now + 150
    assert (await room.manager.get(held.id)).row.status is Status.QUEUED
    await room.manager.release(held.id)
    assert (await room.manager.wait(held.id, timeout_s=10)).status is Status.COMPLETED
    with pytest.raises(StateError):
        await room.manager.hold(held.id)


async def test_a_queued_task_is_canceled_at_once_and_never_starts(room: Room) -> None:
    task = await room.manager.submit(spec("quick", held=True))
    done = await room.manager.cancel(task.id, by="ann", reason="wrong")
    assert done.disposition == "canceled"
    assert (done.row.terminal_reason, done.row.duration_ms) == (Reason.CANCELED_BEFORE_START, 0)
    assert (done.row.cancel_requested_by, done.row.cancel_reason) == ("ann", "wrong")
    assert (await room.manager.cancel(task.id)).disposition == "already_finished"
    assert room.executor.started == []


async def test_a_running_task_is_asked_to_stop(room: Room) -> None:
    task = await room.manager.submit(spec("wait"))
    await reach(room, task.id, "task.status")
    assert (await room.manager.cancel(task.id)).disposition == "requested"
    row = await room.manager.wait(task.id, timeout_s=10)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
    assert (await types(room, task.id))[-2:] == ["task.cancel_requested", "task.finished"]


async def test_the_second_cancel_forces_even_an_executor_that_ignores_everything(room: Room) -> None:
    task = await room.manager.submit(spec("deaf"))
    await reach(room, task.id, "task.started")
    assert (await room.manager.cancel(task.id)).disposition == "requested"
    assert (await room.manager.cancel(task.id)).disposition == "forced"
    assert (await room.manager.cancel(task.id)).disposition == "forced"
    row = await room.manager.wait(task.id, timeout_s=10)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCEL_FORCED)
    assert (await types(room, task.id)).count("task.cancel_requested") == 2
    room.executor.open_gate("never")


async def test_an_executor_that_raises_fails_its_task_alone(room: Room) -> None:
    row = (await room.manager.get(await run(room, "raise"))).row
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.EXECUTOR_CRASH)
    assert row.error == "RuntimeError: boom"
    assert (await room.manager.get(await run(room, "quick"))).row.status is Status.COMPLETED


async def test_retries_are_further_runs_of_the_same_task(room: Room) -> None:
    room.executor.scripts["flaky"] = [FAILED]
    task = await room.manager.submit(spec("flaky", retries=1))
    requeued = await reach(room, task.id, "task.requeued")
    assert requeued.run == 1
    room.executor.scripts["flaky"] = []
    row = await room.manager.wait(task.id, timeout_s=10)
    assert (row.status, row.run_no, row.recoveries) == (Status.COMPLETED, 2, 0)
    assert (await types(room, task.id)).count("task.finished") == 1


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
async def test_a_deadline_ends_a_run(room: Room, field: str, reason: str) -> None:
    row = (await room.manager.get(await run(room, "wait", **{field: 0.1}))).row
    assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason(reason))
    assert row.error


async def test_a_queue_deadline_ends_a_task_that_never_ran(room: Room) -> None:
    row = (await room.manager.get(await run(room, "quick", held=True, queue_timeout_s=0.1))).row
    assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.QUEUE_TIMEOUT)
    assert room.executor.started == []


async def test_tool_calls_start_once_end_once_and_none_stays_open(room: Room) -> None:
    task_id = await run(room, "tools")
    calls = (await room.manager.tools(task_id)).items
    assert [(call.call_id, call.name, call.status) for call in calls] == [
        ("t1", "read", ToolStatus.SUCCESS),
        ("unknown", "grep", ToolStatus.FAILED),
        ("open", "bash", ToolStatus.CANCELED),
    ]
    row = (await room.manager.get(task_id)).row
    assert (row.tool_calls, row.tool_failed) == (3, 1)
    assert calls[0].detail_ref is not None
    assert len(calls[0].output_summary or "") <= 240
    whole = await room.manager.read_artifact(task_id, calls[0].detail_ref, offset=-3)
    assert (whole.data, whole.size) == (b"xxx", 2_000)


async def test_a_long_result_becomes_a_file(room: Room) -> None:
    task_id = await run(room, "long")
    detail = await room.manager.detail(task_id)
    row = detail.task.row
    assert detail.result_inline is None
    assert row.result_ref is not None
    assert (row.result_summary or "").endswith("...")
    assert (await room.manager.read_artifact(task_id, row.result_ref)).data == b"r" * 5_000
    with pytest.raises(NotFoundError):
        await room.manager.read_artifact(task_id, "nothing")


async def test_progress_checks_and_failed_segments_show(room: Room) -> None:
    row = (await room.manager.get(await run(room, "work"))).row
    assert (row.progress_percentage, row.progress_phase) == (25, "half")
    assert (row.checks_done, row.checks_total, row.segments_failed) == (1, 1, 1)
    assert (row.status, row.terminal_reason) == (Status.COMPLETED, Reason.COMPLETED_WITH_ERRORS)


async def test_a_message_is_delivered_once(room: Room) -> None:
    task = await room.manager.submit(spec("listen"))
    await reach(room, task.id, "task.started")
    message = Message("go on", user="ann", client_token="t")
    first = await room.manager.intervene(task.id, message)
    delivered = await reach(room, task.id, "intervention.delivered")
    assert (await room.manager.intervene(task.id, message)).intervention_id == first.intervention_id
    await room.manager.wait(task.id, timeout_s=10)
    assert [heard.text for heard in room.executor.heard] == ["go on"]
    row = (await room.manager.detail(task.id)).interventions[0]
    assert (row.state, row.user, delivered.run) == ("delivered", "ann", 1)
    with pytest.raises(NotRunningError):
        await room.manager.intervene(task.id, Message("late"))


async def test_messages_that_cannot_arrive_are_refused(room: Room) -> None:
    agent = await room.manager.submit(TaskSpec(work=AgentWork(preset="x", prompt="listen")))
    queued = await room.manager.submit(spec("quick", held=True))
    await reach(room, agent.id, "task.started")
    with pytest.raises(UnsupportedError):
        await room.manager.intervene(agent.id, Message("hello"))
    with pytest.raises(NotRunningError):
        await room.manager.intervene(queued.id, Message("hello"))
    with pytest.raises(InvalidError):
        await room.manager.intervene(agent.id, Message("  "))


async def test_a_question_waits_for_one_answer(room: Room) -> None:
    task = await room.manager.submit(spec("ask"))
    await reach(room, task.id, "input.requested")
    assert (await room.manager.get(task.id)).row.attention is Attention.INPUT
    with pytest.raises(InvalidError):
        await room.manager.answer(task.id, Answer(decision="allow"))
    given = await asyncio.gather(
        room.manager.answer(task.id, Answer(text="red", by="ann")),
        room.manager.answer(task.id, Answer(request_id="q1", text="blue", by="bob")),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in given) == ["RequestRow", "StateError"]
    row = await room.manager.wait(task.id, timeout_s=10)
    assert (row.status, row.attention) == (Status.COMPLETED, Attention.NONE)
    kept = (await room.manager.detail(task.id)).requests[0]
    assert (kept.state, kept.decision, kept.decided_by) == ("answered", "red", "ann")
    assert [(heard.request_id, heard.text, heard.decision) for heard in room.executor.heard] == [
        ("q1", "red", "answer")
    ]
    with pytest.raises(StateError, match="answered by ann"):
        await room.manager.answer(task.id, Answer(request_id="q1", text="late"))


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
    assert (await room.manager.wait(task.id, timeout_s=10)).status is Status.COMPLETED


async def test_what_is_open_at_the_end_expires(room: Room) -> None:
    task = await room.manager.submit(spec("approve"))
    await reach(room, task.id, "approval.requested")
    await room.manager.cancel(task.id)
    row = await room.manager.wait(task.id, timeout_s=10)
    assert row.attention is Attention.NONE
    assert (await room.manager.detail(task.id)).requests[0].state == "expired"
    assert (await types(room, task.id))[-2:] == ["approval.expired", "task.finished"]
    with pytest.raises(StateError, match="too late"):
        await room.manager.answer(task.id, Answer(request_id="a1", decision="allow"))
    with pytest.raises(NotFoundError):
        await room.manager.answer(task.id, Answer(request_id="other", decision="allow"))


async def test_evidence_is_recorded_after_the_end_and_what_is_wrong_becomes_a_warning(room: Room) -> None:
    task_id = await run(room, "quick")
    updates = Metadata(
        gate={"id": "g", "status": "passed", "gate": "test"},
        attempt={"attempt_index": "not a number"},
        github_event={"action": "opened", "number": 3},
        artifacts=({"label": "notes", "content": "hello"}, {"label": "nothing"}),
    )
    detail = await room.manager.record_metadata(task_id, updates)
    assert sorted(row.kind for row in detail.evidence) == ["gate", "github"]
    assert [artifact.label for artifact in detail.artifacts] == ["notes"]
    assert detail.task.row.warnings == 2
    with pytest.raises(InvalidError):
        await room.manager.record_metadata(task_id, Metadata(gate={"status": "odd"}))


async def test_finished_tasks_are_acked_archived_and_purged(room: Room, own_home: Path) -> None:
    task_id = await run(room, "quick")
    running = await room.manager.submit(spec("wait"))
    assert (await room.manager.ack(task_id, by="ann")).acked_at is not None
    assert (await room.manager.archive(task_id)).archived_at is not None
    assert (await room.manager.page(EVERYTHING)).items[0].id == running.id
    assert (await room.manager.archive(task_id, archived=False)).archived_at is None
    for refused in (room.manager.ack(running.id), room.manager.archive(running.id)):
        with pytest.raises(StateError):
            await refused
    assert await room.manager.purge([task_id, running.id]) == 1
    with pytest.raises(NotFoundError):
        await room.manager.get(task_id)
    assert not (own_home / "tasks" / task_id).exists()
    assert await room.manager.count(EVERYTHING) == 1


async def test_waiting_gives_up_in_time(room: Room) -> None:
    task = await room.manager.submit(spec("wait"))
    with pytest.raises(TimeoutError):
        await room.manager.wait(task.id, timeout_s=0.05)
    waiting = asyncio.ensure_future(room.manager.wait(task.id))
    await reach(room, task.id, "task.started")
    room.executor.open_gate("go")
    assert (await waiting).status is Status.COMPLETED


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


async def until_subscribed(room: Room, number: int) -> None:
    while (await room.manager.stats()).subscribers < number:
        await asyncio.sleep(0.01)


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


async def test_a_screen_gets_the_newest_rows_and_the_tail_of_what_it_looks_at(room: Room) -> None:
    task = await room.manager.submit(spec("talk", held=True))
    interest = Interest(task_id=task.id, min_interval_s=0.0)
    rows: dict[str, Status] = {}
    tail: list[int] = []
    live = ""

    def take(changes: ChangeSet) -> None:
        nonlocal live
        rows.update({row.id: row.status for row in changes.rows})
        tail.extend(event.seq for event in changes.tail)
        live = dict(changes.live).get("m", live)

    async for changes in room.manager.changes(interest):
        if changes.reread:
            await room.manager.release(task.id)
        take(changes)
        if live == "abcdef":
            room.executor.open_gate("go")
        if rows.get(task.id) is Status.COMPLETED:
            break
    assert tail == [2, 3, 4, 5]
    assert changes.counts is not None
    assert changes.counts.of(Status.COMPLETED) == 1


async def test_a_screen_hears_of_tasks_that_are_no_more(room: Room) -> None:
    task_id = await run(room, "quick")
    async for changes in room.manager.changes(Interest(min_interval_s=0.0)):
        if changes.reread:
            await room.manager.purge([task_id])
        if changes.removed:
            assert changes.removed == (task_id,)
            break


async def test_figures_about_the_whole(room: Room) -> None:
    await run(room, "quick")
    stats = await room.manager.stats()
    assert stats.counts.of(Status.COMPLETED) == 1
    assert stats.degraded is None
    assert stats.events >= 4
    assert "one" in {lane.lane for lane in stats.lanes}


async def test_a_closed_manager_takes_no_task(own_home: Path) -> None:
    async with local(own_home, MemoryStore()) as room:
        await room.manager.close()
        with pytest.raises(ManagerClosedError):
            await room.manager.submit(spec("quick"))
