"""System 000's runs and listeners: a runner tells, every listener hears, who comes back misses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tasktui.compat.soul import TaskManager, TaskStatus
from tasktui.domain.status import ToolStatus
from tests.compat.soul_runs import STORY, Event, Runner, heard, kinds, opened, until

TOLD = [
    "session", "progress", "text_start", "text_delta", "text_end", "tool_start", "tool_result",
    "tool_start", "tool_result", "compact", "result", "complete",
]  # fmt: skip


async def begun(manager: TaskManager, runner: Runner, request: str = "r", **asked: Any) -> str:
    task = await manager.create_task("bot", request, "look into it", **asked)
    assert await manager.start_execution("bot", request, runner)
    return task.task_id


async def over(manager: TaskManager, request: str = "r") -> Any:
    async def ended() -> bool:
        task = await manager.get_task("bot", request)
        return task is not None and task.completed_at is not None

    await until(ended)
    return await manager.get_task("bot", request)


@pytest.mark.feature(41, 79, 121)
async def test_a_runner_tells_its_story() -> None:
    async with opened() as manager:
        queue: asyncio.Queue[Event] = asyncio.Queue()
        await manager.create_task("bot", "r", "look into it")
        assert await manager.add_listener("bot", "r", queue)
        assert await manager.start_execution("bot", "r", Runner(*STORY))
        events = await heard(queue)
        assert kinds(events) == TOLD
        named = {event["type"]: event for event in events}
        assert named["text_delta"]["text"] == "I look into it."
        assert named["complete"] | {"_event_id": 0} == STORY[-1] | {"_event_id": 0}
        assert (named["result"]["success"], named["result"]["output"]) == (True, "Done.")
        assert named["compact"]["trigger"] == "auto"
        first, second = (event for event in events if event["type"] == "tool_start")
        assert (first["card_id"], first["tool_name"], first["tool_input"]) == (
            "c1",
            "Read",
            {"path": "a.txt"},
        )
        assert second["tool_use_id"] == "toolu_2"


@pytest.mark.feature(29, 121)
async def test_tool_results_find_their_calls() -> None:
    story: list[Event] = [
        {"type": "tool_start", "tool_name": "Read", "tool_input": {"n": 1}},
        {"type": "tool_start", "tool_name": "Read", "tool_input": {"n": 2}},
        {"type": "tool_start", "tool_name": "Bash", "tool_input": {"long": "x" * 5_000}},
        {"type": "tool_result", "tool_name": "Read", "result": "second", "is_error": True},
        {"type": "tool_result", "tool_name": "Read", "result": "first", "is_error": False},
        {"type": "complete", "result": ""},
    ]
    async with opened() as manager:
        task_id = await begun(manager, Runner(*story))
        await over(manager)
        calls = (await manager.manager.tools(task_id)).items
        assert [(call.name, call.status, call.output_summary) for call in calls] == [
            ("Read", ToolStatus.SUCCESS, "first"), ("Read", ToolStatus.FAILED, "second"),
            ("Bash", ToolStatus.CANCELED, None),
        ]  # fmt: skip


@pytest.mark.feature(79, 123)
async def test_figures_are_told_to_who_listens() -> None:
    story: list[Event] = [
        {"type": "context_usage", "used_tokens": 50_000, "max_tokens": 200_000, "percent": 25.0},
        {"type": "memory", "used_gb": 1.5, "total_gb": 6.0, "percent": 25.0},
        {"type": "debug", "message": "slow"},
        {"type": "thinking", "text": "hm"},
    ]
    async with opened() as manager:
        runner = Runner({"type": "progress", "text": "begun"}, held=True)
        task_id = await begun(manager, runner)
        queue: asyncio.Queue[Event] = asyncio.Queue()
        await manager.add_listener("bot", "r", queue)
        assert (await queue.get())["text"] == "begun"
        for event in story:
            assert await manager.broadcast("bot", "r", event) == 1
        got = [await queue.get() for _ in story]
        assert sorted(got, key=lambda event: event["type"]) == sorted(story, key=lambda event: event["type"])

        async def kept() -> bool:
            return (await manager.manager.get(task_id)).row.context_used == 50_000

        await until(kept)
        assert await manager.broadcast("bot", "none", story[0]) == 0


@pytest.mark.feature(113)
async def test_the_last_progress_is_kept_for_who_comes_back() -> None:
    async with opened() as manager:
        runner = Runner({"type": "progress", "text": "one"}, {"type": "progress", "text": "two"}, held=True)
        await begun(manager, runner)
        await runner.begun.wait()

        async def shown() -> bool:
            task = await manager.get_task("bot", "r")
            return task is not None and task.last_progress_text == "two"

        await until(shown)
        queue: asyncio.Queue[Event] = asyncio.Queue()
        await manager.send_reconnect_status("bot", "r", queue)
        assert await queue.get() == {
            "type": "reconnected", "status": "running", "has_execution": True, "last_progress": "two",
        }  # fmt: skip
        runner.gate.set()
        assert (await heard(queue))[-1]["type"] == "error"


@pytest.mark.feature(81, 82, 83)
async def test_who_comes_back_is_told_what_was_missed_and_what_follows_each_once() -> None:
    async with opened() as manager:
        runner = Runner(*STORY[:6], held=True)
        await begun(manager, runner)
        first: asyncio.Queue[Event] = asyncio.Queue()
        await manager.add_listener("bot", "r", first)
        begin = [await first.get() for _ in range(5)]
        await manager.remove_listener("bot", "r", first)
        ids = [event["_event_id"] for event in begin if "_event_id" in event]
        assert ids == sorted(set(ids))
        second: asyncio.Queue[Event] = asyncio.Queue()
        assert await manager.add_listener("bot", "r", second)
        await manager.send_reconnect_status("bot", "r", second, last_event_id=ids[0])
        await manager.broadcast("bot", "r", {"type": "progress", "text": "on"})
        await manager.complete_task("bot", "r", "Done.")
        events = await heard(second)
        assert kinds(events) == [
            "reconnected", "progress", "text_start", "text_delta", "text_end", "progress", "result",
            "complete",
        ]  # fmt: skip
        assert first.empty()


@pytest.mark.feature(82)
async def test_of_what_has_ended_the_end_is_told_at_once() -> None:
    async with opened() as manager:
        for request, story in (
            ("good", STORY),
            ("bad", [{"type": "error", "message": "no", "error_code": "E"}]),
        ):
            await begun(manager, Runner(*story), request)
            await over(manager, request)
            queue: asyncio.Queue[Event] = asyncio.Queue()
            await manager.send_reconnect_status("bot", request, queue)
            (event,) = await heard(queue)
            assert event["type"] == ("complete" if request == "good" else "error")
        assert (event["message"], event["error_code"]) == ("no", "E")
        assert await manager.add_listener("bot", "none", queue) is False


@pytest.mark.feature(80)
async def test_every_listener_hears_the_same_with_ids_and_dicts_of_its_own() -> None:
    async with opened() as manager:
        queues: list[asyncio.Queue[Event]] = [asyncio.Queue() for _ in range(3)]
        await manager.create_task("bot", "r", "p")
        for queue in queues[:2]:
            await manager.add_listener("bot", "r", queue)
        await manager.start_execution("bot", "r", Runner(*STORY))
        told = [await heard(queue) for queue in queues[:2]]
        await manager.add_listener("bot", "r", queues[2])
        told.append(await heard(queues[2]))
        assert told[0] == told[1] == told[2]
        told[0][1].pop("_event_id")
        assert "_event_id" in told[1][1]


@pytest.mark.feature(72, 73)
async def test_a_message_reaches_the_runner_and_is_told_once() -> None:
    async with opened() as manager:
        runner = Runner(held=True)
        await begun(manager, runner)
        queue: asyncio.Queue[Event] = asyncio.Queue()
        await manager.add_listener("bot", "r", queue)
        await manager.add_intervention("bot", "r", "faster", "ann", ["/tmp/a.png"])
        runner.gate.set()
        events = await heard(queue)
        assert runner.got == [{"text": "faster", "user": "ann", "attachment_paths": ["/tmp/a.png"]}]
        sent = [event for event in events if event["type"] == "intervention_sent"]
        assert [(event["user"], event["text"]) for event in sent] == [("ann", "faster")]


@pytest.mark.feature(12, 13, 50)
async def test_the_runner_gets_what_was_asked_for() -> None:
    async with opened() as manager:
        runner, other = Runner(*STORY), Runner(*STORY)
        await begun(manager, runner, allowed_tools=["Read"], use_mcp=False, resume_session_id="s",
                    attachment_paths=["/tmp/a"])  # fmt: skip
        await begun(manager, other, "bare")
        await over(manager)
        await over(manager, "bare")
        (asked,), (bare,) = runner.asked, other.asked
        assert (asked["prompt"], asked["allowed_tools"]) == ("look into it", ["Read"])
        assert (asked["use_mcp"], asked["resume_session_id"], asked["attachment_paths"]) == (
            False,
            "s",
            ["/tmp/a"],
        )
        assert (bare["allowed_tools"], bare["disallowed_tools"], bare["use_mcp"]) == (None, None, True)
        assert "attachment_paths" not in bare


@pytest.mark.feature(41)
async def test_a_run_without_an_end_and_one_that_raises_are_errors() -> None:
    class Broken(Runner):
        async def execute(self, **asked: Any) -> AsyncIterator[Event]:
            yield {"type": "text_delta", "card_id": "c", "text": "half"}
            raise ValueError("boom")

    async with opened() as manager:
        await begun(manager, Runner(), "empty")
        task_id = await begun(manager, Broken(), "broken")
        assert (await over(manager, "empty")).error == "The runner ended without a result."
        assert (await over(manager, "broken")).error == "boom"
        said = await manager.manager.timeline(task_id, types=["message.completed"])
        assert b"half" in said.items[0].data


@pytest.mark.feature(41)
async def test_an_event_that_is_not_right_is_a_warning_and_the_run_goes_on() -> None:
    bad: list[Event] = [
        {"type": "memory", "used_gb": "much"}, {"type": "context_usage", "used_tokens": 1.5}, {},
    ]  # fmt: skip
    async with opened() as manager:
        task_id = await begun(manager, Runner(*bad, *STORY))
        assert (await over(manager)).result == "Done."
        assert (await manager.manager.get(task_id)).row.warnings == 2


@pytest.mark.feature(33)
async def test_a_run_waits_for_its_place_and_no_longer() -> None:
    class Full:
        @asynccontextmanager
        async def acquire(self, **options: float) -> AsyncIterator[None]:
            if options == {"timeout": 5.0}:
                raise RuntimeError("no place in time")
            yield

    async with opened() as manager:
        await manager.create_task("bot", "r", "p")
        assert await manager.start_execution("bot", "r", Runner(*STORY), Full())
        assert (await over(manager)).error == "no place in time"


@pytest.mark.feature(38, 61)
async def test_a_cancel_stops_the_runner_and_ends_the_task() -> None:
    async with opened() as manager:
        runner = Runner(STORY[1], held=True)
        task_id = await begun(manager, runner)
        assert manager.is_execution_running("bot", "r")
        assert await manager.start_execution("bot", "r", runner) is False
        await runner.begun.wait()
        await manager.manager.cancel(task_id)
        task = await over(manager)
        assert (task.status, runner.stopped) == (TaskStatus.ERROR, 1)

        async def left() -> bool:
            return not await asyncio.to_thread(manager.is_execution_running, "bot", "r")

        await until(left)
        assert await manager.start_execution("bot", "r", runner) is False
        assert await manager.start_execution("bot", "none", runner) is False
