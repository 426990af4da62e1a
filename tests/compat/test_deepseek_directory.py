"""A data directory of system 004, read with whatever lies in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasktui.compat.chronicle import Unreadable
from tasktui.compat.deepseek.executor import ExecutionTask, TaskExecutionResult
from tasktui.compat.deepseek.history import directory, history, record_of
from tasktui.compat.deepseek.manager import TaskManager, TaskManagerConfig
from tasktui.domain.errors import InvalidError
from tasktui.domain.history import at_rest, row_of
from tasktui.domain.status import Kind, Reason, Status


def record(task_id: str, status: str = "completed", **fields: Any) -> dict[str, Any]:
    started = {"started_at": "2026-01-02T03:04:06Z"} if status != "queued" else {}
    return {
        "id": task_id, "prompt": "do it", "model": "m", "workspace": "/tmp", "mode": "agent",
        "allow_shell": True, "trust_mode": False, "status": status, "created_at": "2026-01-02T03:04:05Z",
        "duration_ms": None, "tool_calls": [], "timeline": [], **started, **fields,
    }  # fmt: skip


def data_dir(path: Path, *records: dict[str, Any], queue: object = None) -> Path:
    (path / "tasks").mkdir(parents=True)
    for one in records:
        (path / "tasks" / f"{one['id']}.json").write_text(json.dumps(one))
    (path / "queue.json").write_text(json.dumps({"queue": queue or []}))
    return path


class Idle:
    """Finishes whatever it is given, and remembers it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def execute(self, task: ExecutionTask, events: object, cancel: object) -> TaskExecutionResult:
        self.done.append(task.id)
        return TaskExecutionResult("completed", "done")


def test_a_record_becomes_history_with_its_own_times() -> None:
    told = history(
        record_of(
            record(
                "task_a", status="failed", error="boom", ended_at="2026-01-02T03:05:06Z",
                turn_id="u", thread_id="t",
                runtime_event_count=7, result_detail_path="artifacts/task_a/r.txt", schema_version=2,
                tool_calls=[
                    {"id": "c", "name": "bash", "status": "success", "started_at": "2026-01-02T03:04:07Z"}
                ],
            )
        )
    )  # fmt: skip
    row = row_of(told)
    assert (row.kind, row.status, row.error, row.thread_id) == (Kind.AGENT, Status.FAILED, "boom", "t")
    assert (row.finished_at or 0) - row.created_at == 61_000
    assert (row.duration_ms, row.tool_calls, row.artifacts) == (60_000, 1, 1)
    assert told.live[0].data.model_dump()["count"] == 7
    assert at_rest(told) is told


@pytest.mark.parametrize(
    ("status", "then", "reason"),
    [
        ("queued", Status.QUEUED, None),
        ("running", Status.INTERRUPTED, Reason.PROCESS_RESTART),
        ("canceled", Status.CANCELED, Reason.CANCELED),
    ],
)
def test_nothing_of_it_can_start(status: str, then: Status, reason: Reason | None) -> None:
    row = row_of(at_rest(history(record_of(record("task_a", status)))))
    assert (row.status, row.terminal_reason) == (then, reason)
    assert row.held is (then is Status.QUEUED)


@pytest.mark.feature(100)
def test_files_that_cannot_be_read_are_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = data_dir(tmp_path / "old", record("task_a"), record("task_b"), queue=["task_b", "task_a", 3])
    (path / "tasks" / "broken.json").write_text('{"id": "task_c", ')
    (path / "tasks" / "newer.json").write_text(json.dumps(record("task_d", schema_version=9)))
    (path / "tasks" / "none.json").mkdir()
    found = list(directory(path))
    assert sorted(one.name for one in found if isinstance(one, Unreadable)) == [
        "broken.json", "newer.json", "none.json",
    ]  # fmt: skip
    assert [one.id for one in found if not isinstance(one, Unreadable)] == ["task_b", "task_a"]


async def test_a_directory_is_taken_in_once(own_home: Path, tmp_path: Path) -> None:
    path = data_dir(
        tmp_path / "old", record("task_c", "queued"), record("task_b", "queued"), record("task_a"),
        queue=["task_c", "task_b"],
    )  # fmt: skip
    (path / "tasks" / "broken.json").write_text("nothing")
    idle = Idle()
    manager = await TaskManager.start(TaskManagerConfig(own_home, worker_count=1), idle)
    first = await manager.import_directory(path)
    again = await manager.import_directory(path)
    for task_id in ("task_b", "task_c"):
        await manager.wait_for_terminal_state(task_id, 20)
    await manager.shutdown()
    assert (first.taken, first.known) == (("task_a", "task_c", "task_b"), ())
    assert (again.taken, again.known) == ((), ("task_a", "task_c", "task_b"))
    assert [name for name, _ in first.unreadable] == ["broken.json"]
    assert idle.done == ["task_c", "task_b"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@example({"prompt": " "})
@example({"prompt": "a\u0000b", "workspace": "/\u0000"})
@example({"id": "../../etc", "status": "running", "started_at": None})
@given(
    st.dictionaries(
        st.sampled_from(
            ["status", "created_at", "ended_at", "tool_calls", "timeline", "checklist", "prompt", "id"]
        ),
        _JSON,
        max_size=4,
    )
)  # fmt: skip
def test_any_record_is_history_or_an_error(changes: dict[str, Any]) -> None:
    try:
        told = history(record_of(record("task_a") | changes))
    except InvalidError:
        return
    row_of(at_rest(told))
