"""Checks that a manager runs: gates with their verdicts, patches held against their base."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.domain.requests import GateRun, Metadata, TaskDetail
from tests.contract.managers import Room, run


def record(detail: TaskDetail, kind: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        json.loads(one.record) for one in detail.evidence if (one.kind, one.key) == (kind, key)
    )
    return found


@pytest.mark.feature(68, 129)
async def test_a_gate_is_run_and_recorded_with_its_verdict_and_its_log(room: Room) -> None:
    task_id = await run(room, "quick")
    detail = await room.manager.run_gate(task_id, GateRun(("good", "a b"), "test", "g"))
    gate = record(detail, "gate", "g")
    assert (gate["status"], gate["exit_code"], gate["duration_ms"]) == ("passed", 0, 12)
    assert (gate["command"], gate["classification"]) == ("good 'a b'", "passed")
    assert [(one.label, one.role) for one in detail.artifacts if one.path == gate["log_path"]] == [
        ("gate-test", "log")
    ]
    gate = record(await room.manager.run_gate(task_id, GateRun(("bad",), "test", "g")), "gate", "g")
    assert (gate["status"], gate["classification"], gate["summary"]) == ("failed", "test_failure", "2 failed")
    gate = record(
        await room.manager.run_gate(task_id, GateRun(("slow",), id="g", timeout_ms=1_000)), "gate", "g"
    )
    assert (gate["status"], gate["classification"], gate["exit_code"]) == ("timeout", "timeout", None)
    gate = record(await room.manager.run_gate(task_id, GateRun(("missing",), id="g")), "gate", "g")
    assert (gate["status"], gate["classification"]) == ("failed", "not_started")


@pytest.mark.feature(68)
@pytest.mark.parametrize(
    "gate", [GateRun(()), GateRun(("good",), timeout_ms=999), GateRun(("good",), timeout_ms=600_001)]
)
async def test_a_gate_needs_a_command_and_a_time_within_bounds(room: Room, gate: GateRun) -> None:
    with pytest.raises(InvalidError):
        await room.manager.run_gate(await run(room, "quick"), gate)


async def test_a_check_is_not_run_in_the_tree_that_a_worktree_was_made_of(room: Room) -> None:
    task_id = await run(room, "quick", worktree=True, cwd="/tmp")
    with pytest.raises(InvalidError, match="worktree"):
        await room.manager.run_gate(task_id, GateRun(("good",)))
    detail = await room.manager.run_gate(task_id, GateRun(("good",), id="g", cwd="/tmp/tree"))
    assert record(detail, "gate", "g")["cwd"] == "/tmp/tree"


@pytest.mark.feature(130)
async def test_the_verdict_about_a_patch_stands_in_the_attempt(room: Room) -> None:
    task_id = await run(room, "quick")
    attempt: dict[str, object] = {"id": "a", "patch_path": "a.diff", "verification": ["read by ann"]}
    await room.manager.record_metadata(task_id, Metadata(attempt=attempt))
    for _ in range(2):
        detail = await room.manager.verify_attempt(task_id, "a")
        assert record(detail, "attempt", "a")["verification"] == [
            "read by ann",
            "git apply --check: applies cleanly to the working tree",
        ]
    with pytest.raises(NotFoundError):
        await room.manager.verify_attempt(task_id, "b")
    await room.manager.record_metadata(task_id, Metadata(attempt={"id": "c"}))
    with pytest.raises(InvalidError, match="no patch"):
        await room.manager.verify_attempt(task_id, "c")
