"""System 002 in its own words: conversations, streams for many consumers, backends, its FastAPI example."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from tasktui.compat.cyberagent import InMemoryTaskBackend, SQLTaskBackend, Task, TaskBackend, TaskManager
from tasktui.compat.cyberagent.routes import router
from tasktui.domain.errors import RefusedError

Event = dict[str, Any]


class Agent:
    """Answers by the message's first word."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str, dict[str, Any]]] = []
        self.gate = asyncio.Event()
        self.stopped = 0

    async def stream_chat(
        self, conversation_id: str | None, message: str, **options: Any
    ) -> AsyncIterator[Event]:
        self.asked.append((conversation_id, message, options))
        yield {"type": "ack", "conversation_id": conversation_id or "conv-new", "message_id": "msg-1"}
        try:
            async for event in getattr(self, message.split(maxsplit=1)[0])():
                yield event
        except asyncio.CancelledError:
            self.stopped += 1
            raise

    async def hello(self) -> AsyncIterator[Event]:
        yield {"type": "text", "content": "Hel"}
        yield {"type": "text", "content": "lo"}
        yield {
            "type": "message",
            "message": {"role": "assistant", "content": "Hello"},
            "usage": {"input_tokens": 7},
        }
        yield {"type": "done"}

    async def count(self) -> AsyncIterator[Event]:
        await self.gate.wait()
        for number in range(1_200):
            yield {"type": "text", "content": f"{number} "}
        yield {"type": "done"}

    async def tools(self) -> AsyncIterator[Event]:
        yield {
            "type": "tool_call",
            "tool": "ls",
            "tool_call_id": "t1",
            "args": {"path": "."},
            "status": "executing",
        }
        yield {
            "type": "tool_result",
            "tool": "ls",
            "tool_call_id": "t1",
            "result": "x" * 3_000,
            "status": "completed",
        }
        yield {"type": "tool_call", "tool": "rm", "tool_call_id": "t2", "args": {}, "status": "executing"}
        yield {
            "type": "tool_result",
            "tool": "rm",
            "tool_call_id": "t2",
            "result": {"no": 1},
            "status": "error",
        }

    async def wait(self) -> AsyncIterator[Event]:
        yield {"type": "text", "content": "thinking"}
        await self.gate.wait()
        yield {"type": "text", "content": ", done"}

    async def fail(self) -> AsyncIterator[Event]:
        yield {"type": "error", "error": "no key", "detail": "401"}

    async def crash(self) -> AsyncIterator[Event]:
        yield {"type": "text", "content": "a"}
        raise RuntimeError("boom")


@asynccontextmanager
async def made(agent: Agent, backend: TaskBackend | None = None) -> AsyncIterator[TaskManager]:
    task_manager = TaskManager(agent, backend)
    try:
        async with asyncio.timeout(60):
            yield task_manager
    finally:
        await asyncio.to_thread(task_manager.close)


async def collected(task_manager: TaskManager, task_id: str) -> list[Event]:
    return [event async for event in task_manager.stream_events(task_id) if event["type"] != "ping"]


def said(events: list[Event]) -> str:
    return "".join(event["content"] for event in events if event["type"] == "text")


# --- the documents' examples


@pytest.mark.feature(42, 88)
async def test_basic_usage() -> None:
    agent = Agent()
    async with made(agent, InMemoryTaskBackend()) as task_manager:
        task_id = await task_manager.start_task(
            conversation_id=None, message="hello, how are you?".replace(",", " ")
        )
        events = []
        async for event in task_manager.stream_events(task_id):
            if event["type"] != "ping":
                events.append(event)
            if event["type"] == "done":
                break
        assert [event["type"] for event in events if event["type"] != "text"] == [
            "ack",
            "message",
            "done",
        ]
        assert said(events) == "Hello"
        assert all(event["task_id"] == task_id for event in events if event["type"] != "ping")
        assert events[-1]["conversation_id"] == "conv-new"
        assert events[0]["message_id"] == "msg-1"


async def test_the_fastapi_example() -> None:
    app = FastAPI()
    agent = Agent()
    async with made(agent, InMemoryTaskBackend()) as task_manager:

        @app.post("/chat")
        async def chat(message: str, conversation_id: str | None = None) -> StreamingResponse:
            task_id = await task_manager.start_task(conversation_id=conversation_id, message=message)

            async def event_stream() -> AsyncIterator[str]:
                async for event in task_manager.stream_events(task_id):
                    yield f"data: {json.dumps(event)}\n\n"

            return StreamingResponse(event_stream(), media_type="text/event-stream")

        @app.get("/tasks/{task_id}/status")
        async def get_task_status(task_id: str) -> dict[str, Any]:
            task = task_manager.get_task_status(task_id)
            assert task is not None
            return {
                "id": task.id,
                "status": task.status,
                "conversation_id": task.conversation_id,
                "created_at": task.created_at.isoformat(),
            }

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            answer = await client.post("/chat", params={"message": "hello"})
            frames = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
            assert frames[-1]["type"] == "done"
            status = (await client.get(f"/tasks/{frames[-1]['task_id']}/status")).json()
            assert (status["status"], status["conversation_id"]) == ("completed", "conv-new")
            assert datetime.fromisoformat(status["created_at"]).tzinfo is not None


async def test_the_router_over_a_manager() -> None:
    async with made(Agent()) as task_manager:
        await collected(task_manager, await task_manager.start_task("c", "hello"))
        app = FastAPI()
        app.include_router(router(task_manager.manager))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            answer = await client.post("/chat", params={"message": "hello", "conversation_id": "c"})
            assert answer.headers["content-type"].startswith("text/event-stream")
            last = json.loads(answer.text.strip().splitlines()[-1].removeprefix("data: "))
            assert last["type"] == "done"
            status = await client.get(f"/tasks/{last['task_id']}/status")
            assert status.json()["status"] == "completed"
            assert (await client.get("/tasks/none/status")).status_code == 404


# --- tasks


@pytest.mark.feature(15, 26)
async def test_status_metadata_and_running_tasks() -> None:
    agent = Agent()
    async with made(agent) as task_manager:
        before = datetime.now(UTC)
        long = "wait " + "y" * 300
        task_id = await task_manager.start_task(
            "c1", long, user_metadata={"a": 1}, logging_context={"user": "u"}
        )
        task = task_manager.get_task_status(task_id)
        assert task is not None
        assert (task.id, task.conversation_id, task.status, task.error) == (task_id, "c1", "running", None)
        assert task.metadata == {"a": 1, "message": long[:100]}
        assert (task.created_at - before).total_seconds() > -1
        assert task_manager.get_running_tasks() == [task_id]
        assert task_manager.get_task_status("none") is None
        agent.gate.set()
        await collected(task_manager, task_id)
        assert task_manager.get_running_tasks() == []
        ended = task_manager.get_task_status(task_id)
        assert ended is not None
        assert ended.status == "completed"
        assert agent.asked == [("c1", long, {"user_metadata": {"a": 1}, "logging_context": {"user": "u"}})]


@pytest.mark.feature(20)
async def test_a_busy_conversation_is_a_value_error() -> None:
    agent = Agent()
    async with made(agent) as task_manager:
        first = await task_manager.start_task("c1", "wait")
        with pytest.raises(ValueError, match="already running for conversation c1"):
            await task_manager.start_task("c1", "hello")
        other = await task_manager.start_task("c2", "hello")
        await collected(task_manager, other)
        agent.gate.set()
        await collected(task_manager, first)
        assert await task_manager.start_task("c1", "hello")


@pytest.mark.feature(7)
async def test_a_new_conversation_gets_its_real_id_and_is_busy_under_it() -> None:
    agent = Agent()
    async with made(agent) as task_manager:
        task_id = await task_manager.start_task(None, "wait")
        async for event in task_manager.stream_events(task_id):
            if event["type"] == "ack":
                break
        task = task_manager.get_task_status(task_id)
        assert task is not None
        assert task.conversation_id == "conv-new"
        with pytest.raises(ValueError, match="already running"):
            await task_manager.start_task("conv-new", "hello")
        assert await task_manager.cancel_task(task_id) is True


@pytest.mark.feature(26, 56)
async def test_cancel() -> None:
    agent = Agent()
    async with made(agent) as task_manager:
        task_id = await task_manager.start_task("c", "wait")
        async for event in task_manager.stream_events(task_id):
            if event["type"] == "text":
                break
        assert await task_manager.cancel_task(task_id) is True
        events = await collected(task_manager, task_id)
        assert agent.stopped == 1
        task = task_manager.get_task_status(task_id)
        assert task is not None
        assert task.status == "cancelled"
        assert events[-1]["type"] == "error"
        assert events[-1]["error"] == "Task cancelled"
        assert await task_manager.cancel_task(task_id) is False
        assert await task_manager.cancel_task("none") is False


@pytest.mark.parametrize(
    ("message", "error", "detail"), [("fail", "no key", "401"), ("crash", "boom", "RuntimeError")]
)
@pytest.mark.feature(26, 88)
async def test_errors_are_kept(message: str, error: str, detail: str) -> None:
    async with made(Agent()) as task_manager:
        task_id = await task_manager.start_task("c", message)
        last = (await collected(task_manager, task_id))[-1]
        assert (last["type"], last["error"], last["detail"]) == ("error", error, detail)
        task = task_manager.get_task_status(task_id)
        assert task is not None
        assert (task.status, task.error) == ("error", error)


@pytest.mark.feature(88, 121)
async def test_tool_calls_and_results_come_whole() -> None:
    async with made(Agent()) as task_manager:
        task_id = await task_manager.start_task("c", "tools")
        events = await collected(task_manager, task_id)
        calls = [event for event in events if event["type"].startswith("tool")]
        assert [(one["type"], one["tool"], one["tool_call_id"], one["status"]) for one in calls] == [
            ("tool_call", "ls", "t1", "executing"), ("tool_result", "ls", "t1", "completed"),
            ("tool_call", "rm", "t2", "executing"), ("tool_result", "rm", "t2", "error"),
        ]  # fmt: skip
        assert calls[0]["args"] == {"path": "."}
        assert calls[1]["result"] == "x" * 3_000
        assert calls[3]["result"] == {"no": 1}


@pytest.mark.feature(84)
async def test_silence_is_broken_by_pings() -> None:
    agent = Agent()
    async with made(agent) as task_manager:
        task_id = await task_manager.start_task("c", "wait")
        async for event in task_manager.stream_events(task_id):
            if event == {"type": "ping"}:
                break
        assert await task_manager.cancel_task(task_id)


# --- backends


class RecordingBackend(TaskBackend):
    """A backend of the program's own, which is only ever written."""

    def __init__(self) -> None:
        self.written: list[tuple[Any, ...]] = []

    def create_task(
        self, task_id: str, conversation_id: str | None, status: str = "running", metadata: Any = None
    ) -> Task:
        self.written.append(("create", task_id, conversation_id, status, metadata))
        now = datetime.now(UTC)
        return Task(task_id, conversation_id, status, now, now, metadata=metadata)

    def update_task_status(self, task_id: str, status: str, error: str | None = None) -> None:
        self.written.append(("update", task_id, status, error))

    def get_task(self, task_id: str) -> Task | None:
        raise AssertionError("a custom backend is never read")

    def list_tasks_by_conversation(self, conversation_id: str) -> list[Task]:
        raise AssertionError("a custom backend is never read")

    def get_running_tasks(self) -> list[Task]:
        raise AssertionError("a custom backend is never read")


@pytest.mark.feature(103)
async def test_a_custom_backend_is_written_and_never_read() -> None:
    backend = RecordingBackend()
    async with made(Agent(), backend) as task_manager:
        good = await task_manager.start_task("c", "hello")
        await collected(task_manager, good)
        bad = await task_manager.start_task("c", "fail")
        await collected(task_manager, bad)
        while len(backend.written) < 4:
            await asyncio.sleep(0.01)
        assert backend.written == [
            ("create", good, "c", "running", {"message": "hello"}), ("update", good, "completed", None),
            ("create", bad, "c", "running", {"message": "fail"}), ("update", bad, "error", "no key"),
        ]  # fmt: skip
        assert task_manager.get_running_tasks() == []


async def test_a_custom_backend_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(RecordingBackend):
        def update_task_status(self, task_id: str, status: str, error: str | None = None) -> None:
            super().update_task_status(task_id, status, error)
            raise RuntimeError("database gone")

    backend = Broken()
    async with made(Agent(), backend) as task_manager:
        for _ in range(2):
            events = await collected(task_manager, await task_manager.start_task("c", "hello"))
            assert events[-1]["type"] == "done"
        while len(backend.written) < 4:
            await asyncio.sleep(0.01)
    assert "database gone" in caplog.text


@pytest.mark.feature(103)
async def test_the_shipped_backends_are_views() -> None:
    backend = InMemoryTaskBackend()
    with pytest.raises(RefusedError):
        backend.get_task("x")
    agent = Agent()
    async with made(agent, backend) as task_manager:
        first = await task_manager.start_task("c", "hello")
        await collected(task_manager, first)
        second = await task_manager.start_task("c", "wait")
        assert [task.id for task in backend.list_tasks_by_conversation("c")] == [first, second]
        assert [task.id for task in backend.get_running_tasks()] == [second]
        assert backend.get_task(first) == task_manager.get_task_status(first)
        assert backend.get_task("none") is None
        with pytest.raises(RefusedError):
            backend.create_task("t", "c")
        with pytest.raises(RefusedError):
            backend.update_task_status(first, "running")


async def test_sql_backend_keeps_tasks(own_home: Path) -> None:
    async with made(Agent(), SQLTaskBackend(own_home)) as task_manager:
        task_id = await task_manager.start_task("c", "hello")
        live = await collected(task_manager, task_id)
    async with made(Agent(), SQLTaskBackend(own_home)) as task_manager:
        task = task_manager.get_task_status(task_id)
        assert task is not None
        assert task.status == "completed"
        late = await collected(task_manager, task_id)
        assert [one["type"] for one in late] == ["ack", "text", "message", "done"]
        assert said(late) == said(live)


@pytest.mark.feature(104)
async def test_in_memory_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with made(Agent(), InMemoryTaskBackend()) as task_manager:
        await collected(task_manager, await task_manager.start_task("c", "hello"))
        assert list(tmp_path.glob("tasktui-*"))
    assert list(tmp_path.glob("tasktui-*")) == []


# --- §6: the known faults are not here


@pytest.mark.feature(89, 90)
async def test_fault_4_every_consumer_sees_everything() -> None:
    agent = Agent()
    async with made(agent) as task_manager:
        task_id = await task_manager.start_task("c", "count")
        consumers = [asyncio.create_task(collected(task_manager, task_id)) for _ in range(3)]
        agent.gate.set()
        everything = "".join(f"{number} " for number in range(1_200))
        for events in [*await asyncio.gather(*consumers), await collected(task_manager, task_id)]:
            assert said(events) == everything
            assert [event["type"] for event in events if event["type"] != "text"] == [
                "ack",
                "message",
                "done",
            ]


@pytest.mark.feature(90)
async def test_fault_4_who_joins_in_the_middle_hears_the_whole_message() -> None:
    agent = Agent()
    async with made(agent) as task_manager:
        task_id = await task_manager.start_task("c", "wait")
        async for event in task_manager.stream_events(task_id):
            if event["type"] == "text":
                break
        events = []
        async for event in task_manager.stream_events(task_id):
            events.append(event)
            if event["type"] == "text":
                agent.gate.set()
        assert [event["content"] for event in events if event["type"] == "text"] == ["thinking", ", done"]


@pytest.mark.feature(91)
async def test_fault_6_one_end_and_only_one() -> None:
    async with made(Agent()) as task_manager:
        for message, end in (("hello", "done"), ("fail", "error")):
            events = await collected(task_manager, await task_manager.start_task("c", message))
            assert [event["type"] for event in events if event["type"] in {"done", "error"}] == [end]
            task = task_manager.get_task_status(events[-1]["task_id"])
            assert task is not None
            assert task.status != "running"


@pytest.mark.feature(102)
async def test_fault_7_a_dead_owner_does_not_block_the_conversation(own_home: Path) -> None:
    agent = Agent()
    async with made(agent, SQLTaskBackend(own_home)) as task_manager:
        stale = await task_manager.start_task("c", "wait")
        while not agent.asked:
            await asyncio.sleep(0.005)
        await asyncio.to_thread(task_manager.close, "detach")
    async with made(Agent(), SQLTaskBackend(own_home)) as task_manager:
        task = task_manager.get_task_status(stale)
        assert task is not None
        assert task.status == "error"
        assert await task_manager.start_task("c", "hello")
