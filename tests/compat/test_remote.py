"""Each of the replaced systems' calls over the manager of another owner: its socket, its client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tasktui.bootstrap.embedding import TaskManager as Owner
from tasktui.compat import cyberagent, deepseek, soul
from tasktui.compat.cyberagent import manager as conversations
from tasktui.compat.cyberagent.backends import find
from tasktui.compat.deepseek.executor import (
    CancelToken,
    DeepSeekExecutor,
    Events,
    ExecutionTask,
    TaskExecutionResult,
)
from tasktui.compat.deepseek.manager import TaskManagerConfig
from tasktui.compat.nodelink import ShellExecute, calls
from tasktui.compat.nodelink.responses import responses
from tasktui.compat.soul import routes as soul_routes
from tasktui.compat.storyflow import routes as storyflow_routes
from tasktui.compat.storyflow.executor import CallableExecutor
from tasktui.compat.streaming import StreamExecutor
from tasktui.domain.errors import NotFoundError
from tasktui.domain.ports.executor import Executor
from tasktui.domain.ports.manager import Manager
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.service.client import RemoteManager
from tests.compat.soul_runs import STORY, Event, Runner, heard, kinds


@asynccontextmanager
async def attached(home: Path, **executors: Executor) -> AsyncIterator[Manager]:
    """Own the directory on a thread, and yield what a client of it has."""
    async with asyncio.timeout(60), Owner.open(
        home, executors=executors, listen=True, thread=True, on_exit="cancel"
    ):  # fmt: skip
        remote = RemoteManager(home)
        try:
            yield remote
        finally:
            await remote.close()


async def test_soul(own_home: Path) -> None:
    async with attached(own_home):
        manager = soul.TaskManager(own_home, attach=True)
        await manager.create_task("bot", "r", "look into it")
        await asyncio.to_thread(manager.register_session, "sess-0", "bot", "r")
        assert await manager.add_intervention_by_session("sess-0", "faster", "ann") == 1
        queue: asyncio.Queue[Event] = asyncio.Queue()
        assert await manager.add_listener("bot", "r", queue)
        runner = Runner(*STORY[1:], held=True)
        assert await manager.start_execution("bot", "r", runner)
        events = await heard(queue)
        assert kinds(events)[-2:] == ["result", "complete"]
        assert len(next(event for event in events if event["type"] == "tool_result")["result"]) == 3_000
        assert await manager.mark_delivered("bot", "r")
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert (task.result, task.result_delivered, task.claude_session_id) == ("Done.", True, "sess-1")
        with pytest.raises(soul.TaskNotRunningError):
            await manager.add_intervention("bot", "r", "late", "ann")
        assert await manager.ack_task("bot", "r")
        await manager.create_task("bot", "r", "again")
        with pytest.raises(soul.TaskConflictError):
            await manager.create_task("bot", "r", "again")
        assert await asyncio.to_thread(manager.get_stats) == {
            "total": 1, "running": 1, "completed": 0, "error": 0,
        }  # fmt: skip
        await manager.complete_task("bot", "r", "x")
        assert await manager.shutdown(timeout=0.1) == 0
        assert runner.stopped == 1


async def test_soul_routes(own_home: Path) -> None:
    async with attached(own_home) as remote:
        app = FastAPI()
        app.include_router(soul_routes.router(remote, Runner(*STORY), token=None, outlives=True))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://soul") as client:
            asked = {"client_id": "bot", "request_id": "r", "prompt": "p"}
            assert "event: complete" in (await client.post("/execute", json=asked)).text
            assert (await client.get("/tasks/bot/r")).json()["result"] == "Done."
            assert (await client.post("/tasks/bot/r/ack")).json() == {"success": True}
            assert (await client.get("/tasks/bot/r")).status_code == 404


class Agent:
    """Answers with its message."""

    async def stream_chat(
        self, conversation_id: str | None, message: str, **options: Any
    ) -> AsyncIterator[dict[str, Any]]:
        yield {"type": "text", "content": message}
        yield {"type": "message", "message": {"role": "assistant", "content": message}, "usage": None}


async def test_cyberagent(own_home: Path) -> None:
    host = asyncio.get_running_loop()
    program = cyberagent.TaskManager(Agent())
    executor = StreamExecutor(lambda: host, program._begin)
    async with attached(own_home, **{conversations.EXECUTOR: executor}) as remote:
        task_id = await conversations.start(remote, conversations.spec_of("conv", "hello"))
        for _ in range(2):
            events = [one async for one in conversations.stream(remote, task_id) if one["type"] != "ping"]
            assert events[-1]["type"] == "done"
            assert "".join(one["content"] for one in events if one["type"] == "text") == "hello"
        task = await find(remote, task_id)
        assert task is not None
        assert (task.status, task.conversation_id) == ("completed", "conv")
        assert await conversations.cancel(remote, task_id) is False
        assert await find(remote, "none") is None


async def test_nodelink(own_home: Path) -> None:
    async with attached(own_home) as remote:
        sent = await calls.send_task(remote, ("local",), "local", ShellExecute("echo hi; exit 3"), None)
        told = [one async for one in responses(remote, sent.id)]
        assert "".join(one.stdout for one in told) == "hi\n"
        task = await calls.get_task(remote, sent.id)
        assert (task.status, task.exit_code) == ("completed", 3)
        assert [one.id for one in await calls.list_tasks(remote, ("local",), "local")] == [sent.id]
        with pytest.raises(calls.AgentUnavailableError):
            await calls.send_task(remote, ("local",), "far", ShellExecute("true"), None)
        with pytest.raises(calls.NotCancellableError):
            await calls.cancel_task(remote, sent.id)
        assert await calls.cleanup(remote, ("local",), 0) == 1
        with pytest.raises(NotFoundError):
            await calls.get_task(remote, sent.id)


async def test_storyflow(own_home: Path) -> None:
    executor = CallableExecutor()
    go = threading.Event()
    async with attached(own_home, storyflow=executor) as remote:
        executor.give("story", lambda: go.wait(20))
        await remote.submit(TaskSpec(work=CustomWork(executor="storyflow")), task_id="story")
        app = FastAPI()
        app.include_router(storyflow_routes.router(remote))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://story") as client:
            shown = (await client.get("/api/tasks/story/status/")).json()
            while shown["status"] == "PENDING":
                shown = (await client.get("/api/tasks/story/status/")).json()
            assert shown["status"] == "PROCESSING"
            cancel = await client.post("/api/tasks/story/cancel-render/")
            assert (cancel.status_code, cancel.json()) == (200, {"status": "CANCELLING"})
            go.set()
            await remote.wait("story", timeout_s=20)
            assert (await client.get("/api/tasks/story/status/")).json()["status"] == "CANCELLED"


class Worker:
    """Says what it was asked."""

    async def execute(self, task: ExecutionTask, events: Events, cancel: CancelToken) -> TaskExecutionResult:
        return TaskExecutionResult("completed", f"did {task.prompt}")


async def test_deepseek(own_home: Path) -> None:
    async with attached(own_home, deepseek=DeepSeekExecutor(Worker())) as remote:
        manager = deepseek.TaskManager(remote, TaskManagerConfig(data_dir=own_home))
        added = await manager.add_task({"prompt": "this"})
        record = await manager.wait_for_terminal_state(added.id, 20)
        assert (record.status, record.result_summary) == ("completed", "did this")
        kept = await manager.write_task_artifact(added.id, "notes", "text")
        assert manager.artifact_absolute_path(kept).read_text() == "text"
        assert [one.id for one in await manager.list_tasks()] == [added.id]
        assert (await manager.counts()).completed == 1
        assert await manager.clear_terminal_tasks() == 1
        assert await manager.list_tasks() == []
