"""What a task leaves behind: tool calls, results, evidence; and what becomes of finished tasks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasktui.domain.errors import (
    InvalidError,
    NotFoundError,
    StateError,
)
from tasktui.domain.query import EVERYTHING
from tasktui.domain.requests import Metadata
from tasktui.domain.status import Reason, Status, ToolStatus
from tests.contract.managers import (
    Room,
    run,
    spec,
)


@pytest.mark.feature(29, 118)
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


@pytest.mark.feature(124, 125)
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


@pytest.mark.feature(110)
async def test_progress_checks_and_failed_segments_show(room: Room) -> None:
    row = (await room.manager.get(await run(room, "work"))).row
    assert (row.progress_percentage, row.progress_phase) == (25, "half")
    assert (row.checks_done, row.checks_total, row.segments_failed) == (1, 1, 1)
    assert (row.status, row.terminal_reason) == (Status.COMPLETED, Reason.COMPLETED_WITH_ERRORS)


@pytest.mark.feature(120, 132)
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


@pytest.mark.feature(134, 139)
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


@pytest.mark.feature(68, 128, 129, 130, 131)
async def test_a_record_takes_the_place_of_the_last_one_with_its_id(room: Room) -> None:
    task_id = await run(room, "quick")
    gate = {"id": "g", "gate": "test", "command": "make test", "duration_ms": 120_000}
    attempt = {"id": "a", "attempt_count": 2, "summary": "first", "verification": ["git apply --check: ok"]}
    event = {"id": "e", "action": "comment", "number": 3}
    first: dict[str, object] = {
        "items": [{"id": 1, "content": "a"}, {"id": 2, "content": "b"}],
        "in_progress_id": 1,
    }
    second: dict[str, object] = {"items": [{"id": 9, "content": "c", "status": "completed"}]}
    for updates in (
        Metadata(
            gate=gate | {"status": "timeout", "classification": "timeout"},
            attempt=attempt, github_event=event, checklist=first,
        ),
        Metadata(gate=gate | {"id": "other", "status": "passed"}),
        Metadata(
            gate=gate | {"status": "failed", "classification": "test_failure", "exit_code": 101},
            attempt=attempt | {"selected": True}, github_event=event | {"summary": "edited"},
            checklist=second,
        ),
    ):  # fmt: skip
        before = await room.manager.record_metadata(task_id, updates)
        if updates.checklist == first:
            timed_out = next(row for row in before.evidence if row.key == "g")
            assert {"status": "timeout", "classification": "timeout"}.items() <= json.loads(
                timed_out.record
            ).items()
    detail = await room.manager.detail(task_id)
    kept = {(row.kind, row.key): json.loads(row.record) for row in detail.evidence}
    assert sorted(kept) == [("attempt", "a"), ("gate", "g"), ("gate", "other"), ("github", "e")]
    assert kept["gate", "g"]["classification"] == "test_failure"
    assert (kept["attempt", "a"]["selected"], kept["attempt", "a"]["attempt_count"]) == (True, 2)
    assert kept["github", "e"]["summary"] == "edited"
    assert [item["content"] for item in json.loads(detail.checklist or "")["items"]] == ["c"]
    assert (detail.task.row.checks_done, detail.task.row.checks_total) == (1, 1)
