"""Tasks that have been elsewhere, taken in through any manager: as they were, once, and never started."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.lifecycle import (
    TaskCreated,
    TaskFinished,
    TaskHeld,
    TaskLinked,
    TaskProgress,
    TaskStarted,
)
from tasktui.domain.events.work import ArtifactAdded, ArtifactChanged, RuntimeEvent, ToolStarted, UsageTokens
from tasktui.domain.history import HELD, History
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status, ToolStatus
from tests.contract.managers import Room, run, spec, types

AT = 1_700_000_000_000
DONE = TaskFinished(
    status=Status.COMPLETED, reason=Reason.COMPLETED, result_inline="all well", duration_ms=900
)
FILE = ArtifactAdded(artifact_id="f1", label="a.txt", path="artifacts/old/a.txt", size=1)


def history(task_id: str, *facts: Data, live: tuple[Data, ...] = (), **fields: object) -> History:
    made = TaskCreated(title="old", spec=spec("quick", **fields))
    events = [NewEvent(task_id, 0, AT, made, "user:ann")]
    events += [NewEvent(task_id, 1, AT + 100 * place, data) for place, data in enumerate(facts, 1)]
    return History(task_id, tuple(events), tuple(NewEvent(task_id, 1, AT + 500, data) for data in live))


async def row(room: Room, task_id: str) -> TaskRow:
    return (await room.manager.get(task_id)).row


async def test_a_finished_task_comes_as_it_was(room: Room) -> None:
    old = history(
        "task_old",
        TaskStarted(),
        TaskLinked(external_id="pueue:4"),
        ToolStarted(call_id="t", name="bash"),
        FILE,
        DONE,
        live=(
            TaskProgress(current=3, total=4),
            UsageTokens(input_tokens=7, output_tokens=8, cost_usd=0.5),
            RuntimeEvent(count=412),
            ArtifactChanged(artifact_id="f1", size=99),
        ),
    )
    (done,) = await room.manager.restore([old])
    assert (done.task_id, done.outcome) == ("task_old", "restored")
    kept = await row(room, "task_old")
    assert (kept.status, kept.created_at, kept.started_at, kept.finished_at) == (
        Status.COMPLETED, AT, AT + 100, AT + 500,
    )  # fmt: skip
    assert (kept.progress_percentage, kept.tokens_in, kept.runtime_events) == (75, 7, 412)
    assert (kept.external_id, kept.cost_usd, kept.duration_ms) == ("pueue:4", 0.5, 900)
    detail = await room.manager.detail("task_old")
    assert (detail.result_inline, detail.artifacts[0].size_bytes) == ("all well", 99)
    assert detail.tool_calls[0].status is ToolStatus.CANCELED
    log = [
        event
        async for event in room.manager.subscribe("task_old")
        if isinstance(event, StoredEvent)
    ]  # fmt: skip
    assert [(event.seq, event.ts) for event in log[:2]] == [(1, AT), (2, AT + 100)]
    assert log[0].actor == "user:ann"
    assert (await room.manager.counts()).total == 1


async def test_taking_in_twice_doubles_nothing(room: Room) -> None:
    old = history("task_old", TaskStarted(), DONE)
    first = await room.manager.restore([old, old])
    again = await room.manager.restore([old])
    assert [one.outcome for one in (*first, *again)] == ["restored", "known", "known"]
    assert (await room.manager.counts()).total == 1


async def test_what_ran_is_interrupted_and_what_waited_is_held(room: Room) -> None:
    await room.manager.restore(
        [
            history("running", TaskStarted()),
            history("waiting"),
            history("due", TaskHeld(reason="later", until=1)),
        ]
    )
    ended = await row(room, "running")
    assert (ended.status, ended.terminal_reason) == (Status.INTERRUPTED, Reason.PROCESS_RESTART)
    assert ended.finished_at == AT + 100
    await run(room, "quick")
    for task_id in ("waiting", "due"):
        held = await row(room, task_id)
        assert (held.status, held.held, held.held_reason, held.held_until) == (
            Status.QUEUED, True, HELD, None,
        )  # fmt: skip
    assert await types(room, "running") == [
        "task.created", "task.started", "task.finished", "task.imported",
    ]  # fmt: skip


async def test_a_task_that_was_taken_in_runs_when_it_is_released(room: Room) -> None:
    await room.manager.restore([history("waiting")])
    await room.manager.release("waiting")
    ended = await room.manager.wait("waiting", timeout_s=20)
    assert ended.status is Status.COMPLETED


@pytest.mark.parametrize(
    "wrong",
    [
        History("task_x", ()),
        history("task_x", DONE),
        replace(history("task_x"), events=history("task_x", TaskStarted()).events[1:]),
        history("task_x", TaskStarted(), DONE, TaskStarted()),
    ],
    ids=["empty", "ended before it began", "never made", "began after its end"],
)
async def test_what_cannot_have_been_is_refused_and_the_others_are_taken(room: Room, wrong: History) -> None:
    done = await room.manager.restore([wrong, history("task_y", TaskStarted(), DONE)])
    assert [one.outcome for one in done] == ["refused", "restored"]
    assert done[0].detail
    assert (await room.manager.counts()).total == 1


async def test_a_key_that_is_taken_is_refused(room: Room) -> None:
    await room.manager.submit(spec("quick", held=True, exclusive_key="k"))
    done = await room.manager.restore([history("task_x", exclusive_key="k")])
    assert done[0].outcome == "refused"
    assert "exclusive_key" in done[0].detail


async def test_a_child_without_its_parent_follows_its_policy(room: Room) -> None:
    child = history("child", depends_on=("gone",))
    parent = history("parent", TaskStarted(), DONE)
    second = history("second", depends_on=("parent",))
    await room.manager.restore([parent, child, second])
    assert (await row(room, "child")).terminal_reason is Reason.DEPENDENCY_FAILED
    await room.manager.release("second")
    assert (await room.manager.wait("second", timeout_s=20)).status is Status.COMPLETED
