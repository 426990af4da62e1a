"""System 004 in its own words: the task manager, its executors, its records and its routes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tasktui.compat.deepseek.events import (
    Error,
    MessageDelta,
    RuntimeEvent,
    Status,
    ThreadLinked,
    ToolCompleted,
    ToolProgress,
    ToolStarted,
)
from tasktui.compat.deepseek.executor import CancelToken, Events, ExecutionTask, TaskExecutionResult
from tasktui.compat.deepseek.manager import TaskManager, TaskManagerConfig
from tasktui.compat.deepseek.records import NewTaskRequest
from tasktui.compat.deepseek.routes import router
from tasktui.compat.deepseek.views import timeline_entry
from tasktui.domain.errors import AmbiguousTaskError, InvalidError, NotFoundError, RefusedError
from tasktui.domain.events.base import NewEvent

Script = Callable[[ExecutionTask, Events, CancelToken], Awaitable[TaskExecutionResult]]
DONE = TaskExecutionResult("completed", "done")
PATCH = "--- a\n+++ b\n" + "+line\n" * 300


class ScriptedExecutor:
    """Runs the script that a prompt's first word names."""

    def __init__(self, **scripts: Script) -> None:
        self.scripts = scripts
        self.tasks: list[ExecutionTask] = []

    async def execute(self, task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        self.tasks.append(task)
        script = self.scripts.get(task.prompt.split()[0])
        return DONE if script is None else await script(task, events, cancel)


async def until_cancelled(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
    events(Status("waiting"))
    while not cancel.is_cancelled():
        await asyncio.sleep(0.005)
    return TaskExecutionResult("completed", "what there was")


async def everything(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
    events(ThreadLinked("thread-1", "turn-1"))
    events(Status("thinking"))
    for piece in ("Hel", "lo"):
        events(MessageDelta(piece))
    events(ToolStarted("tool-1", "read_file", {"path": "a.txt"}))
    events(ToolProgress("tool-1", "half"))
    events(ToolCompleted("tool-1", "read_file", success=True, output="x" * 2_000))
    events(ToolStarted("tool-2", "apply_patch", "patch"))
    events(ToolCompleted("item-9", "apply_patch", success=True, output=PATCH))
    events(RuntimeEvent(1, "turn.started", "begins"))
    events(Error("a hiccup"))
    return TaskExecutionResult("completed", "r" * 3_000)


@asynccontextmanager
async def started(
    home: Path, executor: ScriptedExecutor | None = None, **options: object
) -> AsyncIterator[TaskManager]:
    config = TaskManagerConfig(data_dir=home, **options)
    manager = await TaskManager.start(config, executor or ScriptedExecutor(wait=until_cancelled))
    try:
        async with asyncio.timeout(60):
            yield manager
    finally:
        await manager.shutdown()


async def running(manager: TaskManager, task_id: str) -> None:
    async for _ in manager.manager.subscribe(task_id):
        if (await manager.get_task(task_id)).status == "running":
            return


async def kinds(manager: TaskManager, task_id: str) -> list[str]:
    return [entry.kind for entry in (await manager.get_task(task_id)).timeline]


# --- B, C: creation and states


@pytest.mark.feature(4, 17, 22, 28)
async def test_add_task_returns_the_queued_record(own_home: Path) -> None:
    async with started(own_home, default_model="v3", default_workspace=Path("/tmp")) as manager:
        record = await manager.add_task(NewTaskRequest(prompt="  say hello \n"))
        assert record.schema_version == 2
        assert (record.prompt, record.model, record.mode) == ("say hello", "v3", "agent")
        assert record.workspace == "/tmp"
        assert record.timeline[0].kind == "queued"
        assert record.id.startswith("task_")
        assert len(record.id) == len("task_") + 16
        ended = await manager.wait_for_terminal_state(record.id, 20)
        assert (ended.status, ended.result_summary) == ("completed", "done")


@pytest.mark.parametrize("prompt", ["", "  \n"])
@pytest.mark.feature(17)
async def test_an_empty_prompt_is_refused(own_home: Path, prompt: str) -> None:
    async with started(own_home) as manager:
        with pytest.raises(InvalidError, match=r"^Task prompt cannot be empty$"):
            await manager.add_task({"prompt": prompt})
        assert await manager.list_tasks() == []


@pytest.mark.feature(5)
async def test_ids_by_prefix(own_home: Path) -> None:
    async with started(own_home) as manager:
        first = await manager.add_task({"prompt": "one"})
        await manager.add_task({"prompt": "two"})
        assert (await manager.get_task(first.id[:-2])).id == first.id
        with pytest.raises(NotFoundError, match=r"^Task not found: nope$"):
            await manager.get_task("nope")
        with pytest.raises(AmbiguousTaskError, match=r"^Ambiguous task prefix 'task_': matches 2 tasks$"):
            await manager.get_task("task_")
        with pytest.raises(NotFoundError):
            await manager.get_task("")


@pytest.mark.feature(18, 153)
async def test_permissions_are_a_ceiling_that_requests_only_narrow(own_home: Path) -> None:
    executor = ScriptedExecutor()
    async with started(own_home, executor) as manager:
        asked = NewTaskRequest(prompt="x", allow_shell=False, trust_mode=True, auto_approve=True)
        record = await manager.add_task(asked)
        await manager.wait_for_terminal_state(record.id, 20)
        given = executor.tasks[0]
        assert (given.allow_shell, given.trust_mode, given.auto_approve) == (False, False, False)
        assert (record.allow_shell, record.trust_mode, record.auto_approve) == (False, False, False)


@pytest.mark.feature(18)
async def test_literal_auto_approve_warns(own_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with started(own_home, default_auto_approve=True) as manager:
        assert (await manager.add_task({"prompt": "x"})).auto_approve is True
    assert "default_auto_approve" in caplog.text


@pytest.mark.feature(11, 28, 139)
async def test_list_newest_first_with_limit_and_counts(own_home: Path) -> None:
    async with started(own_home) as manager:
        ids = [(await manager.add_task({"prompt": f"number {n}"})).id for n in range(4)]
        for task_id in ids:
            await manager.wait_for_terminal_state(task_id, 20)
        assert [one.id for one in await manager.list_tasks(3)] == ids[:0:-1]
        assert (await manager.list_tasks())[0].prompt_summary == "number 3"
        assert (await manager.counts()).model_dump() == {
            "queued": 0, "running": 0, "completed": 4, "failed": 0, "canceled": 0,
        }  # fmt: skip
        assert await manager.clear_terminal_tasks() == 4
        assert await manager.list_tasks() == []


# --- D: workers


@pytest.mark.parametrize(("asked", "workers"), [(-3, 1), (0, 1), (2, 2), (99, 8)])
@pytest.mark.feature(31)
def test_worker_count_is_clamped(asked: int, workers: int) -> None:
    assert TaskManagerConfig(Path(), worker_count=asked).workers == workers


@pytest.mark.feature(31)
async def test_workers_take_the_queue_in_order(own_home: Path) -> None:
    executor = ScriptedExecutor(wait=until_cancelled)
    async with started(own_home, executor, worker_count=1) as manager:
        ids = [(await manager.add_task({"prompt": f"wait {n}"})).id for n in range(3)]
        for number, task_id in enumerate(ids):
            await running(manager, task_id)
            while len(executor.tasks) <= number:  # it is stored that a task runs before it is begun
                await asyncio.sleep(0.005)
            assert [task.id for task in executor.tasks] == ids[: number + 1]
            assert (await manager.counts()).queued == 2 - number
            await manager.cancel_task(task_id)
            await manager.wait_for_terminal_state(task_id, 20)


# --- E, L: execution, timeline, tool calls, text


@pytest.mark.feature(8, 93, 115, 117, 119, 124)
async def test_everything_an_executor_reports_is_in_the_record(own_home: Path) -> None:
    async with started(own_home, ScriptedExecutor(all=everything)) as manager:
        task_id = (await manager.add_task({"prompt": "all of it"})).id
        record = await manager.wait_for_terminal_state(task_id, 20)
        assert (record.thread_id, record.turn_id, record.runtime_event_count) == ("thread-1", "turn-1", 1)
        assert [entry.kind for entry in record.timeline] == [
            "queued", "running", "runtime_link", "status", "message", "tool_started", "tool_completed",
            "tool_started", "patch_ref", "tool_completed", "error", "result_ref", "finished",
        ]  # fmt: skip
        assert next(entry for entry in record.timeline if entry.kind == "message").summary == "Hello"
        assert all(len(entry.summary) <= 240 for entry in record.timeline)
        read, patch = record.tool_calls
        assert (read.id, read.status, read.input_summary) == ("tool-1", "success", '{"path": "a.txt"}')
        assert manager.artifact_absolute_path(read.detail_path or "").read_text() == "x" * 2_000
        assert manager.artifact_absolute_path(patch.patch_ref or "").read_text() == PATCH
        assert manager.artifact_absolute_path(record.result_detail_path or "").read_text() == "r" * 3_000
        assert len(record.result_summary or "") == 240


@pytest.mark.feature(93, 115)
async def test_transient_reports_have_their_kinds_on_a_subscription(own_home: Path) -> None:
    gate = asyncio.Event()

    async def script(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        await gate.wait()
        return await everything(task, events, cancel)

    async with started(own_home, ScriptedExecutor(all=script)) as manager:
        task_id = (await manager.add_task({"prompt": "all"})).id
        seen = set()
        async for event in manager.manager.subscribe(task_id):
            gate.set()
            entry = timeline_entry(event)
            if isinstance(event, NewEvent) and entry is not None:
                seen.add(entry.kind)
        assert seen == {"message", "tool_progress", "runtime_event"}


@pytest.mark.feature(46)
async def test_a_result_without_text(own_home: Path) -> None:
    async def silent(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        return TaskExecutionResult("completed")

    async with started(own_home, ScriptedExecutor(silent=silent)) as manager:
        task = await manager.add_task({"prompt": "silent"})
        ended = await manager.wait_for_terminal_state(task.id, 20)
        assert ended.result_summary == "(no textual output)"


@pytest.mark.parametrize("status", ["queued", "running"])
@pytest.mark.feature(47)
async def test_an_end_that_is_none_fails_the_task(own_home: Path, status: str) -> None:
    async def script(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        return TaskExecutionResult(status)

    async with started(own_home, ScriptedExecutor(odd=script)) as manager:
        task = await manager.add_task({"prompt": "odd"})
        ended = await manager.wait_for_terminal_state(task.id, 20)
        assert (ended.status, ended.terminal_reason) == ("failed", "bad_result")
        assert ended.error == f"Task ended in unexpected state: {status}"


# --- F, G: cancellation and deadlines


@pytest.mark.feature(28, 53)
async def test_cancel_a_queued_task(own_home: Path) -> None:
    executor = ScriptedExecutor(wait=until_cancelled)
    async with started(own_home, executor, worker_count=1) as manager:
        await manager.add_task({"prompt": "wait"})
        queued = await manager.add_task({"prompt": "never"})
        record = await manager.cancel_task(queued.id)
        assert (record.status, record.duration_ms) == ("canceled", 0)
        assert record.timeline[-1].summary == "Task canceled before execution"
        assert [task.prompt for task in executor.tasks if task.id == queued.id] == []


@pytest.mark.feature(45, 55)
async def test_cancel_a_running_task_beats_its_result_and_keeps_it(own_home: Path) -> None:
    async with started(own_home) as manager:
        task = await manager.add_task({"prompt": "wait"})
        await running(manager, task.id)
        await manager.cancel_task(task.id)
        ended = await manager.wait_for_terminal_state(task.id, 20)
        assert (ended.status, ended.terminal_reason) == ("canceled", "canceled_after_completion")
        assert ended.result_summary == "what there was"
        assert (await manager.cancel_task(task.id)).timeline == ended.timeline


@pytest.mark.feature(28, 65)
async def test_idle_progress_and_wall_time_fail_the_task(own_home: Path) -> None:
    async with started(own_home, wall_time_s=0.1) as manager:
        task = await manager.add_task({"prompt": "wait"})
        ended = await manager.wait_for_terminal_state(task.id, 20)
        assert (ended.status, ended.terminal_reason) == ("failed", "wall_timeout")


# --- M: evidence


@pytest.mark.feature(115, 128, 129, 131, 132)
async def test_task_updates_of_a_tool_and_after_the_end(own_home: Path) -> None:
    gate = {"id": "g1", "gate": "test", "command": "cargo test", "status": "passed", "duration_ms": 5}
    checklist = {"items": [{"id": 1, "content": "a", "status": "completed"}, {"id": 2, "content": "b"}]}

    async def script(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        events(ToolStarted("t", "task_gate_run"))
        updates = {"gate": gate, "checklist": checklist, "attempt": {"no": "id", "summary": "try"}}
        events(ToolCompleted("t", "task_gate_run", success=True, metadata={"task_updates": updates}))
        return DONE

    async with started(own_home, ScriptedExecutor(gates=script)) as manager:
        task = await manager.add_task({"prompt": "gates"})
        record = await manager.wait_for_terminal_state(task.id, 20)
        assert [(one.id, one.status) for one in record.gates] == [("g1", "passed")]
        assert record.checklist.completion_pct == 50
        assert record.attempts[0].summary == "try"
        later = {"gate": gate | {"status": "failed"}, "github_event": {"id": "e", "action": "comment"}}
        record = await manager.record_tool_metadata(task.id, {"task_updates": later})
        assert [one.status for one in record.gates] == ["failed"]
        record = await manager.record_tool_metadata(task.id, {"task_updates": later})
        assert [one.action for one in record.github_events] == ["comment"]
        assert {"checklist", "gate", "pr_attempt", "github"} <= {entry.kind for entry in record.timeline}


@pytest.mark.feature(125, 126)
async def test_artifacts_are_written_and_found(own_home: Path) -> None:
    async with started(own_home) as manager:
        task = await manager.add_task({"prompt": "x"})
        one = await manager.write_task_artifact(task.id, "../../etc/notes", "first")
        two = await manager.write_task_artifact(task.id, "../../etc/notes", "second")
        assert one != two
        assert manager.artifact_absolute_path(one).read_text() == "first"
        assert manager.artifact_absolute_path(two).read_text() == "second"
        assert manager.artifact_absolute_path(one).is_relative_to(manager.data_dir)
        with pytest.raises(RefusedError):
            manager.artifact_absolute_path("../outside")


# --- J: the JSON record, in and out


async def test_a_record_goes_out_and_comes_in(own_home: Path, tmp_path: Path) -> None:
    async with started(own_home, ScriptedExecutor(all=everything)) as manager:
        task = await manager.add_task({"prompt": "all"})
        written = (await manager.wait_for_terminal_state(task.id, 20)).to_json()
    assert json.loads(written)["schema_version"] == 2
    async with started(tmp_path / "other") as manager:
        came = await manager.import_record(written)
        assert came.to_json() == written
        assert (await manager.counts()).completed == 1
        gate = {"id": "g", "gate": "fmt", "status": "passed"}
        record = await manager.record_tool_metadata(came.id, {"task_updates": {"gate": gate}})
        assert [one.id for one in record.gates] == ["g"]
        assert [entry.kind for entry in record.timeline] == [
            *(entry.kind for entry in came.timeline), "gate"
        ]  # fmt: skip


@pytest.mark.feature(51)
async def test_a_queued_record_is_queued_again(own_home: Path) -> None:
    record = {
        "id": "task_0123abcd", "prompt": "later", "model": "m", "workspace": "/tmp", "mode": "plan",
        "allow_shell": True, "trust_mode": False, "status": "queued", "created_at": "2026-01-02T03:04:05Z",
        "duration_ms": None, "tool_calls": [], "timeline": [],
    }  # fmt: skip
    executor = ScriptedExecutor()
    async with started(own_home, executor) as manager:
        assert (await manager.import_record(record)).id == "task_0123abcd"
        await manager.wait_for_terminal_state("task_0123abcd", 20)
        assert [(task.id, task.mode) for task in executor.tasks] == [("task_0123abcd", "plan")]


# --- O: HTTP


async def test_the_routes(own_home: Path) -> None:
    async with started(own_home) as manager:
        app = FastAPI()
        app.include_router(router(manager.manager, TaskManagerConfig(own_home)))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tasks")
        async with client:
            made = await client.post("/v1/tasks", json={"prompt": "wait here"})
            assert (made.status_code, made.json()["prompt"]) == (201, "wait here")
            task_id = made.json()["id"]
            empty = await client.post("/v1/tasks", json={"prompt": " "})
            assert (empty.status_code, empty.json()["error"]["message"]) == (
                400,
                "Task prompt cannot be empty",
            )
            await client.post("/v1/tasks", json={"prompt": "other"})
            listed = (await client.get("/v1/tasks", params={"limit": 1})).json()
            assert [one["prompt_summary"] for one in listed["tasks"]] == ["other"]
            assert sum(listed["counts"].values()) == 2
            assert (await client.get(f"/v1/tasks/{task_id}")).json()["id"] == task_id
            assert (await client.get("/v1/tasks/nothing")).status_code == 404
            assert (await client.get("/v1/tasks/task_")).status_code == 400
            await running(manager, task_id)
            assert (await client.post(f"/v1/tasks/{task_id}/cancel")).status_code == 200
            assert (await manager.wait_for_terminal_state(task_id, 20)).status == "canceled"


# --- §6: the known faults are not here


@pytest.mark.feature(60)
async def test_fault_2_an_executor_that_ignores_its_cancel_is_ended(own_home: Path) -> None:
    async def deaf(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        await asyncio.Event().wait()
        return DONE

    async with started(own_home, ScriptedExecutor(deaf=deaf), worker_count=1, cancel_grace_s=0.1) as manager:
        stuck = await manager.add_task({"prompt": "deaf"})
        await running(manager, stuck.id)
        await manager.cancel_task(stuck.id)
        assert (await manager.wait_for_terminal_state(stuck.id, 20)).status == "canceled"
        after = await manager.add_task({"prompt": "free again"})
        assert (await manager.wait_for_terminal_state(after.id, 20)).status == "completed"


@pytest.mark.feature(166)
async def test_fault_2_shutdown_cancels_what_runs(own_home: Path) -> None:
    async with started(own_home) as manager:
        task = await manager.add_task({"prompt": "wait"})
        await running(manager, task.id)
    async with started(own_home) as manager:
        assert (await manager.get_task(task.id)).status == "canceled"


@pytest.mark.feature(118, 121)
async def test_fault_3_no_tool_call_stays_running(own_home: Path) -> None:
    async def forgetful(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        events(ToolStarted("tool-1", "exec_shell"))
        events(ToolStarted("tool-2", "read_file"))
        events(ToolCompleted("item-1", "exec_shell", success=True, output="ok"))
        return DONE

    async with started(own_home, ScriptedExecutor(forgetful=forgetful)) as manager:
        task = await manager.add_task({"prompt": "forgetful"})
        calls = (await manager.wait_for_terminal_state(task.id, 20)).tool_calls
        assert [(one.id, one.status) for one in calls] == [("tool-1", "success"), ("tool-2", "canceled")]


@pytest.mark.feature(36)
async def test_fault_36_a_crash_of_the_executor_costs_no_worker(own_home: Path) -> None:
    async def crash(task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        raise RuntimeError("boom")

    async with started(own_home, ScriptedExecutor(crash=crash), worker_count=1) as manager:
        for _ in range(3):
            task = await manager.add_task({"prompt": "crash"})
            ended = await manager.wait_for_terminal_state(task.id, 20)
            assert (ended.status, ended.terminal_reason) == ("failed", "executor_crash")
        assert "boom" in (ended.error or "")
        after = await manager.add_task({"prompt": "fine"})
        assert (await manager.wait_for_terminal_state(after.id, 20)).status == "completed"


@pytest.mark.feature(120)
async def test_fault_120_one_bad_update_does_not_stop_the_others(own_home: Path) -> None:
    async with started(own_home) as manager:
        task = await manager.add_task({"prompt": "x"})
        await manager.wait_for_terminal_state(task.id, 20)
        updates = {"gate": {"gate": "fmt"}, "checklist": {"items": [{"id": 1, "content": "a"}]}}
        record = await manager.record_tool_metadata(task.id, {"task_updates": updates})
        assert [item.content for item in record.checklist.items] == ["a"]
        assert record.gates == []
        assert record.timeline[-1].kind == "error"
        with pytest.raises(InvalidError, match="must be an object"):
            await manager.record_tool_metadata(task.id, {"task_updates": "{"})


@pytest.mark.feature(100)
async def test_fault_13_one_bad_record_stops_nothing(own_home: Path) -> None:
    async with started(own_home) as manager:
        newer = (await manager.add_task({"prompt": "x"})).model_dump() | {"schema_version": 3}
        with pytest.raises(InvalidError, match="no task record"):
            await manager.import_record('{"id": "task_1"}')
        with pytest.raises(InvalidError, match="newer than supported"):
            await manager.import_record(newer)
        task = await manager.add_task({"prompt": "fine"})
        assert (await manager.wait_for_terminal_state(task.id, 20)).status == "completed"
