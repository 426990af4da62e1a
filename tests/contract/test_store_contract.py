"""What every store does: commits, conflicts, keys, fencing, and what belongs to a task."""

from __future__ import annotations

import pytest

from tasktui.domain.errors import FencedError
from tasktui.domain.events import evidence, lifecycle, people, system, work
from tasktui.domain.events.registry import parsed
from tasktui.domain.ids import SYSTEM
from tasktui.domain.ports.store import Committed, Conflict, Store
from tasktui.domain.query import TaskQuery
from tasktui.domain.status import Attention, Reason, Status, ToolStatus
from tests.contract.facts import T0, change, created, ended, events, finished, put, refused, running


async def test_a_task_is_created_runs_and_ends(store: Store) -> None:
    await put(store, "a", created("make all", lane="gpu", tags=("nightly", "db")))
    await put(store, "a", lifecycle.TaskStarted(worker="w1"), run=1, ts=T0 + 5)
    done = await put(store, "a", finished(duration_ms=7, exit_code=0), run=1, ts=T0 + 12)
    row = await store.row("a")
    assert row == done.row
    assert row is not None
    assert (row.status, row.lane, row.tags, row.run_no) == (Status.COMPLETED, "gpu", " nightly db ", 1)
    assert (row.created_at, row.started_at, row.finished_at, row.duration_ms) == (T0, T0 + 5, T0 + 12, 7)
    assert (row.last_seq, row.exit_code, row.terminal_reason) == (3, 0, Reason.COMPLETED)


@pytest.mark.feature(83)
async def test_events_are_numbered_without_a_hole_and_read_back_as_they_came(store: Store) -> None:
    await running(store, "a")
    await running(store, "b")
    await put(store, "a", work.MessageCompleted(content="größer\n\x1b[31m"), run=1)
    log = await store.read()
    assert [event.seq for event in log if event.task_id == "a"] == [1, 2, 3]
    assert [event.gid for event in log] == sorted({event.gid for event in log})
    assert parsed(log[-1]) == work.MessageCompleted(content="größer\n\x1b[31m")
    assert await store.head() == log[-1].gid
    assert [event.task_id for event in await store.read(log[1].gid, limit=2)] == ["b", "b"]
    assert [event.seq for event in await store.read(task_id="b")] == [1, 2]


@pytest.mark.feature(99)
async def test_a_change_lands_whole_or_not_at_all_and_its_neighbours_land(store: Store) -> None:
    await running(store, "a")
    answers = await store.commit(
        [
            change("b", created()),
            change("a", work.MessageCompleted(content="x"), lifecycle.TaskReleased(), run=1),
            change("a", work.MessageCompleted(content="y"), run=1),
            change("a", created()),
            change("nobody", work.MessageCompleted(content="z")),
        ]
    )
    assert [type(answer) for answer in answers] == [Committed, Conflict, Committed, Conflict, Conflict]
    assert [answer.reason for answer in answers if isinstance(answer, Conflict)] == [
        "transition", "exists", "missing",
    ]  # fmt: skip
    assert [event.type for event in await store.read(task_id="a")][2:] == ["message.completed"]
    assert b'"y"' in (await store.read(task_id="a"))[-1].data
    assert await store.row("b") is not None


@pytest.mark.feature(64)
async def test_expectations_are_compared_and_set(store: Store) -> None:
    await put(store, "a", created(), expected_seq=0)
    assert (await refused(store, "a", created(), expected_seq=0)).reason == "exists"
    assert (await refused(store, "a", lifecycle.TaskStarted(), run=1, expected_seq=7)).reason == "seq"
    wrong = await refused(store, "a", lifecycle.TaskStarted(), run=1, expected_status=Status.RUNNING)
    assert wrong.reason == "status"
    await put(store, "a", lifecycle.TaskStarted(), run=1, expected_seq=1, expected_status=Status.QUEUED)
    first, second = await store.commit(
        [
            change("a", finished(), run=1, expected_status=Status.RUNNING),
            change("a", finished(), run=1, expected_status=Status.RUNNING),
        ]
    )
    assert isinstance(first, Committed)
    assert isinstance(second, Conflict)
    assert second.reason == "status"


@pytest.mark.feature(30)
async def test_terminal_states_absorb(store: Store) -> None:
    await ended(store, "a", Status.FAILED)
    for data in (lifecycle.TaskStarted(), finished(), lifecycle.TaskProgress(current=1), created()):
        await refused(store, "a", data, run=1)
    await put(store, "a", lifecycle.TaskAcked(by="ann"), run=1)
    row = await store.row("a")
    assert row is not None
    assert row.status == Status.FAILED


@pytest.mark.parametrize(
    "keys", [{"exclusive_key": "k"}, {"client_id": "c", "request_id": "r"}], ids=["exclusive", "request"]
)
@pytest.mark.feature(1, 20)
async def test_a_key_is_taken_until_its_task_ends(store: Store, keys: dict[str, str]) -> None:
    await put(store, "a", created(**keys))
    taken = await refused(store, "b", created(**keys))
    assert (taken.reason, taken.holder) == ("key", "a")
    ending = change("a", finished(Status.CANCELED, Reason.CANCELED_BEFORE_START))
    answers = await store.commit([ending, change("b", created(**keys)), change("c", created(**keys))])
    assert [type(answer) for answer in answers] == [Committed, Committed, Conflict]
    assert answers[2].holder == "b" if isinstance(answers[2], Conflict) else False


async def test_an_idempotency_key_names_one_task_for_ever(store: Store) -> None:
    await ended(store, "a", idempotency_key="once")
    taken = await refused(store, "b", created(idempotency_key="once"))
    assert (taken.reason, taken.holder) == ("key", "a")


async def test_a_newer_epoch_fences_the_older_one(store: Store) -> None:
    old = await store.take_epoch(1)
    await put(store, "a", created(), epoch=old)
    new = await store.take_epoch(2)
    assert new > old
    with pytest.raises(FencedError):
        await store.commit([change("b", created(), epoch=new), change("c", created(), epoch=old)])
    with pytest.raises(FencedError):
        await store.delete(["a"], epoch=old)
    assert await store.row("b") is None
    await put(store, "b", created(), epoch=new)


async def test_facts_about_the_whole_have_a_log_without_a_row(store: Store) -> None:
    answer = await put(
        store, SYSTEM, system.OwnerStarted(pid=1, epoch=1), system.LaneChanged(lane="x", limit=2)
    )
    assert answer.row is None
    assert [event.seq for event in await store.read(task_id=SYSTEM)] == [1, 2]
    assert [event.seq for event in (await store.timeline(SYSTEM)).items] == [1, 2]
    assert (await store.page(TaskQuery())).items == ()


@pytest.mark.feature(29, 118)
async def test_tool_calls_get_their_rows_and_an_end_closes_those_that_are_open(store: Store) -> None:
    await running(store, "a")
    await put(
        store, "a",
        work.ToolStarted(call_id="1", name="bash", input="ls"),
        work.ToolStarted(call_id="2", name="read"),
        work.ToolCompleted(call_id="1", output="ok", duration_ms=3),
        work.ToolCompleted(call_id="9", ok=False, output="who?"),
        run=1,
    )  # fmt: skip
    await put(store, "a", finished(Status.FAILED), run=1)
    calls = (await store.tools("a")).items
    assert [(call.number, call.call_id, call.name, call.status) for call in calls] == [
        (1, "1", "bash", ToolStatus.SUCCESS),
        (2, "2", "read", ToolStatus.FAILED),
        (3, "9", "?", ToolStatus.FAILED),
    ]  # fmt: skip
    assert calls[0].input_summary == "ls"
    assert [call.seq for call in calls] == [3, 4, 6]
    assert calls[1].ended_at == T0
    assert [call.number for call in (await store.tools("a", after=1)).items] == [2, 3]
    assert [call.number for call in (await store.tools("a", before=3, limit=1)).items] == [2]
    assert [call.call_id for call in (await store.tools("a", text="WHO")).items] == ["9"]


@pytest.mark.feature(128, 129)
async def test_what_belongs_to_a_task_is_read_together(store: Store) -> None:
    await running(store, "a", metadata={"x": 1})
    await put(
        store, "a",
        work.ArtifactAdded(artifact_id="f1", label="log", path="a/log.txt", size=3),
        work.ArtifactAdded(artifact_id="f2", label="gone", path="a/gone.txt"),
        work.ArtifactRemoved(artifact_id="f2"),
        work.ArtifactRemoved(artifact_id="never"),
        people.InterventionQueued(intervention_id="i1", text="hurry"),
        people.InterventionDelivered(intervention_id="i1"),
        people.ApprovalRequested(request_id="r1", summary="rm -rf", options=("allow", "deny")),
        evidence.GateRecorded(gate=evidence.Gate(id="g", status="failed")),
        evidence.GateRecorded(gate=evidence.Gate(id="g", status="passed")),
        evidence.ChecklistUpdated(items=(evidence.ChecklistItem(id=1, content="x", status="completed"),)),
        run=1,
    )  # fmt: skip
    detail = await store.detail("a")
    assert detail is not None
    assert [artifact.artifact_id for artifact in detail.artifacts] == ["f1"]
    assert [(row.state, row.text, row.delivered_at) for row in detail.interventions] == [
        ("delivered", "hurry", T0)
    ]
    assert [(row.state, row.kind, row.decision) for row in detail.requests] == [("waiting", "approval", None)]
    assert [(row.kind, row.key) for row in detail.evidence] == [("gate", "g")]
    assert '"passed"' in detail.evidence[0].record
    assert detail.metadata == '{"x": 1}'
    assert detail.task.spec.metadata == {"x": 1}
    row = detail.task.row
    assert (row.attention, row.attention_id, row.checks_done, row.artifacts) == (
        Attention.APPROVAL,
        "r1",
        1,
        0,
    )
    removed = await store.artifact("a", "f2")
    assert removed is not None
    assert removed.removed_at == T0
    assert await store.artifact("a", "never") is None
    assert await store.detail("nobody") is None


async def test_last_values_of_transient_events_are_in_every_reading_of_the_row(store: Store) -> None:
    await running(store, "a")
    rows = await store.set_live(
        events(
            "a", lifecycle.TaskProgress(current=3, total=4), work.UsageTokens(input_tokens=9, cost_usd=0.5)
        )
    )
    assert [(row.progress_percentage, row.tokens_in, row.cost_usd) for row in rows] == [(75, 9, 0.5)]
    assert await store.row("a") == rows[0]
    assert (await store.page(TaskQuery())).items == tuple(rows)
    assert (await store.live_tasks())[0] == rows[0]
    after = await put(store, "a", work.MessageCompleted(content="x"), run=1)
    assert after.row is not None
    assert (after.row.progress_percentage, after.row.last_seq) == (75, 3)
    assert not await store.set_live(events("nobody", lifecycle.TaskProgress(current=1)))
    await put(store, "a", finished(), run=1)
    assert not await store.set_live(events("a", lifecycle.TaskProgress(current=4, total=4)))


async def test_artifacts_are_listed_by_path_page_by_page(store: Store) -> None:
    """A person looks for a name; the ids are hashes. A page goes on behind a file that is gone meanwhile."""
    await running(store, "a")
    paths = {"9": "a/one.txt", "1": "a/two.txt", "5": "a/three.txt", "3": "a/zero.txt"}
    for name, path in paths.items():
        await put(store, "a", work.ArtifactAdded(artifact_id=name, label=path, path=path), run=1)
    elsewhere = work.ArtifactAdded(artifact_id="0", label="a/far.txt", path="a/far.txt", root="/srv")
    await put(store, "a", elsewhere, run=1)
    first = await store.artifacts("a", limit=2)
    assert [artifact.path for artifact in first.items] == ["a/one.txt", "a/three.txt"]
    assert first.more
    await put(store, "a", work.ArtifactRemoved(artifact_id="5"), run=1)
    rest = await store.artifacts("a", after="5")
    assert [artifact.label for artifact in rest.items] == ["a/two.txt", "a/zero.txt", "a/far.txt"]
    detail = await store.detail("a")
    assert detail is not None
    assert [artifact.artifact_id for artifact in detail.artifacts] == ["9", "1", "3", "0"]


async def test_a_changed_artifact_keeps_its_newest_size(store: Store) -> None:
    await running(store, "a")
    await put(store, "a", work.ArtifactAdded(artifact_id="f", label="l", path="p", size=1), run=1)
    await store.set_live(events("a", work.ArtifactChanged(artifact_id="f", size=5), ts=T0 + 9))
    artifact = await store.artifact("a", "f")
    assert artifact is not None
    assert (artifact.size_bytes, artifact.created_at, artifact.changed_at) == (5, T0, T0 + 9)


async def test_deleting_takes_all_that_belongs_to_a_finished_task_and_nothing_else(store: Store) -> None:
    await ended(store, "a", prompt="find the needle")
    await running(store, "b")
    await store.index_output("a", 1, "needle in the output")
    head = await store.head()
    await store.delete(["a", "b", "nobody"], epoch=0)
    assert await store.row("a") is None
    assert await store.row("b") is not None
    assert {event.task_id for event in await store.read()} == {"b"}
    assert (await store.search("needle")).items == ()
    assert (await store.counts()).total == 1
    assert await store.head() == head
    await put(store, "a", created())
    assert (await store.read(task_id="a"))[0].gid > head
