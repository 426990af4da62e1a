"""Which facts change which rows beside the task's own."""

from __future__ import annotations

import json

import pytest

from tasktui.domain.events import evidence, lifecycle, people, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.registry import EVENTS
from tasktui.domain.patches import Patch, closing, patch_of
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status, ToolStatus

SPEC = TaskSpec(work=ShellWork(command="x"), metadata={"a": 1}, logging_context={"b": 2})
PLAIN = TaskSpec(work=ShellWork(command="x"))
APPROVAL = people.ApprovalRequested(
    request_id="r", summary="rm", tool="bash", context={"cwd": "/"}, expires_at=9
)
QUESTION = people.InputRequested(request_id="r", question="which?", options=("a", "b"))


def _patch(data: Data) -> Patch:
    patch = patch_of(NewEvent("t", 1, 77, data), 4)
    assert patch is not None
    return patch


@pytest.mark.parametrize(
    ("data", "table", "key", "some"),
    [
        (lifecycle.TaskCreated(title="x", spec=SPEC), "bodies", "", {"metadata": '{"a": 1}'}),
        (
            lifecycle.TaskCreated(title="x", spec=PLAIN),
            "bodies",
            "",
            {"metadata": None, "logging_context": None},
        ),
        (lifecycle.TaskEdited(spec=PLAIN), "bodies", "", {"spec": '{"work":{"kind":"shell","command":"x"}}'}),
        (lifecycle.TaskEdited(title="y"), "bodies", "", {"spec": None}),
        (evidence.ChecklistUpdated(items=()), "bodies", "", {"checklist": '{"items":[]}'}),
        (
            work.ToolStarted(call_id="1", name="n", input="i"),
            "tool_calls",
            "1",
            {"name": "n", "input_summary": "i"},
        ),
        (
            work.ToolCompleted(call_id="1", duration_ms=3),
            "tool_calls",
            "1",
            {"status": "success", "ended_at": 77},
        ),
        (work.ToolCompleted(call_id="1", ok=False), "tool_calls", "1", {"status": "failed"}),
        (work.ToolCompleted(call_id="1", canceled=True), "tool_calls", "1", {"status": "canceled"}),
        (work.ArtifactAdded(artifact_id="a", label="l", path="p"), "artifacts", "a", {"changed_at": 77}),
        (work.ArtifactChanged(artifact_id="a", size=3), "artifacts", "a", {"size_bytes": 3}),
        (work.ArtifactRemoved(artifact_id="a"), "artifacts", "a", {"removed_at": 77}),
        (people.InterventionQueued(intervention_id="i", text="t"), "interventions", "i", {"text": "t"}),
        (people.InterventionDelivered(intervention_id="i"), "interventions", "i", {"delivered_at": 77}),
        (people.InterventionExpired(intervention_id="i"), "interventions", "i", {"state": "expired"}),
        (people.InterventionFailed(intervention_id="i"), "interventions", "i", {"state": "failed"}),
        (
            people.InterventionFailed(intervention_id="i", unknown=True),
            "interventions",
            "i",
            {"state": "unknown"},
        ),
        (APPROVAL, "requests", "r", {"kind": "approval", "tool": "bash", "context": '{"cwd": "/"}'}),
        (QUESTION, "requests", "r", {"kind": "input", "summary": "which?", "context": None}),
        (people.InputResponded(request_id="r", answer="a"), "requests", "r", {"decision": "a"}),
        (people.ApprovalResolved(request_id="r", decision="deny"), "requests", "r", {"decision": "deny"}),
        (people.InputExpired(request_id="r", reason="late"), "requests", "r", {"reason": "late"}),
        (people.ApprovalExpired(request_id="r"), "requests", "r", {"state": "expired"}),
        (
            evidence.GateRecorded(gate=evidence.Gate(id="g", status="passed")),
            "evidence",
            "gate:g",
            {"kind": "gate"},
        ),
        (
            evidence.AttemptRecorded(attempt=evidence.Attempt(id="1")),
            "evidence",
            "attempt:1",
            {"recorded_at": 77},
        ),
        (evidence.GithubRecorded(event=evidence.GithubEvent(id="1", action="x")), "evidence", "github:1", {}),
        (work.SegmentCompleted(segment_id="s"), "evidence", "segment:s", {}),
        (work.SegmentFailed(segment_id="s", error="e"), "evidence", "segment:s", {}),
    ],
)
def test_a_fact_and_its_row(data: Data, table: str, key: str, some: dict[str, object]) -> None:
    patch = _patch(data)
    assert (patch.table, patch.key) == (table, key)
    assert some.items() <= patch.values.items()


def test_what_only_a_new_row_takes() -> None:
    assert _patch(work.ToolStarted(call_id="1", name="n")).first == {
        "status": "running",
        "started_at": 77,
        "seq": 4,
    }
    assert _patch(work.ToolCompleted(call_id="1")).first == {"seq": 4, "name": "?"}
    assert _patch(work.ToolCompleted(call_id="1", name="n")).first == {"seq": 4}
    assert not _patch(work.ArtifactRemoved(artifact_id="a")).creates


def test_a_result_is_kept_with_its_usage() -> None:
    end = lifecycle.TaskFinished(
        status=Status.COMPLETED, reason=Reason.COMPLETED, result_inline="r", usage={"n": 1}
    )
    values = _patch(end).values
    assert values["result_inline"] == "r"
    assert json.loads(str(values["usage"])) == {"n": 1}
    assert _patch(end.model_copy(update={"usage": None})).values["usage"] is None


def test_other_facts_change_no_other_row() -> None:
    assert patch_of(NewEvent("t", 1, 7, lifecycle.TaskStarted()), 1) is None
    assert "log" in EVENTS


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        (Status.COMPLETED, ToolStatus.CANCELED),
        (Status.CANCELED, ToolStatus.CANCELED),
        (Status.FAILED, ToolStatus.FAILED),
        (Status.INTERRUPTED, ToolStatus.FAILED),
    ],
)
def test_what_becomes_of_open_calls(status: Status, becomes: ToolStatus) -> None:
    end = lifecycle.TaskFinished(status=status, reason=Reason.ERROR)
    assert closing(NewEvent("t", 1, 7, end)) == becomes
    requeued = lifecycle.TaskRequeued(from_status=Status.RUNNING, policy="x")
    assert closing(NewEvent("t", 1, 7, requeued)) == ToolStatus.FAILED
    assert closing(NewEvent("t", 1, 7, lifecycle.TaskStarted())) is None


def test_what_a_task_says_of_its_file_stands_when_the_watcher_sees_it() -> None:
    seen = _patch(
        work.ArtifactAdded(artifact_id="a", label="a.txt", path="p", role="watched", source="watcher")
    )
    assert {"label", "role", "source"}.isdisjoint(seen.values)
    assert (seen.first["role"], seen.creates) == ("watched", True)
    said = _patch(work.ArtifactAdded(artifact_id="a", label="l", path="p", role="log", source="task"))
    assert (said.values["role"], said.values["label"]) == ("log", "l")
