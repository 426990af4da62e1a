"""System 000 in its own words: requests of clients, sessions, messages, results that wait to be acked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktui.compat.soul import (
    TaskConflictError,
    TaskManager,
    TaskNotFoundError,
    TaskNotRunningError,
    TaskStatus,
    get_task_manager,
    init_task_manager,
    set_task_manager,
)
from tasktui.domain.errors import CapacityError, ManagerClosedError, StateError
from tasktui.domain.filter import parse_filter
from tasktui.domain.query import TaskQuery
from tests.compat.soul_runs import Runner, opened, until


@pytest.fixture
def nobody() -> Iterator[None]:
    set_task_manager(None)
    yield
    set_task_manager(None)


# --- A, B, C: identity, creation, states


@pytest.mark.feature(1, 24)
async def test_a_request_from_its_creation_to_its_result() -> None:
    async with opened() as manager:
        task = await manager.create_task("bot", "req-1", "say hello")
        assert (task.key, task.status, task.completed_at) == ("bot:req-1", TaskStatus.RUNNING, None)
        assert (task.result, task.error, task.result_delivered) == (None, None, False)
        done = await manager.complete_task("bot", "req-1", "hello", claude_session_id="sess-1")
        assert done is not None
        assert (done.status, done.result, done.claude_session_id) == ("completed", "hello", "sess-1")
        assert await manager.get_task("bot", "req-1") == done
        assert done.completed_at is not None
        assert done.to_dict()["status"] == "completed"
        assert await manager.get_task("bot", "other") is None
        assert await manager.complete_task("bot", "other", "x") is None
        assert await manager.error_task("bot", "other", "x") is None


@pytest.mark.feature(24)
async def test_an_error_and_a_long_result() -> None:
    async with opened() as manager:
        await manager.create_task("bot", "bad", "p")
        failed = await manager.error_task("bot", "bad", "no luck")
        assert failed is not None
        assert (failed.status, failed.error, failed.result) == (TaskStatus.ERROR, "no luck", None)
        await manager.create_task("bot", "long", "p")
        whole = "ü" * 100_000
        long = await manager.complete_task("bot", "long", whole)
        assert long is not None
        assert long.result == whole


@pytest.mark.feature(12, 13, 50)
async def test_all_of_a_request_is_kept(own_home: Path) -> None:
    async with opened(own_home) as manager:
        await manager.create_task(
            "bot", "r", " first line\nsecond ", resume_session_id="sess-0", allowed_tools=["Read"],
            disallowed_tools=["NotebookEdit", "TodoWrite"], use_mcp=False, attachment_paths=["/tmp/a.png"],
        )  # fmt: skip
        await manager.create_task("bot", "bare", "")
        await manager.complete_task("bot", "r", "x")
    async with opened(own_home) as manager:
        task, bare = await manager.get_task("bot", "r"), await manager.get_task("bot", "bare")
        assert task is not None
        assert bare is not None
        assert (task.prompt, task.resume_session_id, task.use_mcp) == (
            " first line\nsecond ",
            "sess-0",
            False,
        )
        assert (task.allowed_tools, task.disallowed_tools) == (["Read"], ["NotebookEdit", "TodoWrite"])
        assert task.attachment_paths == ["/tmp/a.png"]
        assert (bare.prompt, bare.allowed_tools, bare.use_mcp) == ("", None, True)


@pytest.mark.feature(19)
async def test_a_running_request_conflicts_and_a_finished_one_stays_as_history() -> None:
    async with opened() as manager:
        first = await manager.create_task("bot", "r", "p")
        with pytest.raises(TaskConflictError, match="already running: bot:r"):
            await manager.create_task("bot", "r", "p")
        await manager.complete_task("bot", "r", "one")
        second = await manager.create_task("bot", "r", "p")
        assert second.task_id != first.task_id
        assert [task.result for task in await manager.get_tasks_by_client("bot")] == ["one", None]


@pytest.mark.feature(11)
async def test_tasks_are_listed_by_client() -> None:
    async with opened() as manager:
        for client, request in (("a", "1"), ("b", "1"), ("a", "2")):
            await manager.create_task(client, request, "p")
        assert [task.key for task in await manager.get_tasks_by_client("a")] == ["a:1", "a:2"]
        assert [task.key for task in manager.get_running_tasks()] == ["a:1", "b:1", "a:2"]
        assert await manager.get_tasks_by_client("nobody") == []


@pytest.mark.feature(6)
async def test_a_task_is_found_by_its_session_also_after_its_end() -> None:
    async with opened() as manager:
        for number in (1, 2):
            await manager.create_task("bot", f"r{number}", "p")
            manager.register_session(f"sess-{number}", "bot", f"r{number}")
        found = manager.get_task_by_session("sess-2")
        assert found is not None
        assert found.request_id == "r2"
        assert manager.get_task_by_session("none") is None
        manager.register_session("sess-3", "bot", "nothing")
        assert manager.get_task_by_session("sess-3") is None
        await manager.complete_task("bot", "r2", "x")
        late = manager.get_task_by_session("sess-2")
        assert late is not None
        assert late.status == "completed"
        await manager.ack_task("bot", "r2")
        assert manager.get_task_by_session("sess-2") is None


# --- H: messages


@pytest.mark.feature(69, 72)
async def test_messages_are_queued_and_polled_in_order() -> None:
    async with opened() as manager:
        await manager.create_task("bot", "r", "p")
        assert await manager.get_intervention("bot", "r") is None
        assert await manager.add_intervention("bot", "r", "faster", "ann") == 1
        assert await manager.add_intervention("bot", "r", "look", "bob", ["/tmp/a.png"]) == 2
        assert await manager.get_intervention("bot", "r") == {
            "text": "faster", "user": "ann", "attachment_paths": [],
        }  # fmt: skip
        assert await manager.add_intervention("bot", "r", "third", "ann") == 2
        second = await manager.get_intervention("bot", "r")
        assert second == {"text": "look", "user": "bob", "attachment_paths": ["/tmp/a.png"]}
        assert (await manager.get_intervention("bot", "r") or {})["text"] == "third"
        assert await manager.get_intervention("bot", "r") is None
        assert await manager.get_intervention("bot", "none") is None


@pytest.mark.feature(69, 70)
async def test_messages_need_a_running_task() -> None:
    async with opened() as manager:
        with pytest.raises(TaskNotFoundError):
            await manager.add_intervention("bot", "r", "x", "ann")
        with pytest.raises(TaskNotFoundError):
            await manager.add_intervention_by_session("sess", "x", "ann")
        await manager.create_task("bot", "r", "p")
        manager.register_session("sess", "bot", "r")
        assert await manager.add_intervention_by_session("sess", "x", "ann") == 1
        assert (await manager.get_intervention("bot", "r") or {})["text"] == "x"
        await manager.complete_task("bot", "r", "done")
        for refused in (
            manager.add_intervention("bot", "r", "x", "ann"),
            manager.add_intervention_by_session("sess", "x", "ann"),
        ):
            with pytest.raises(TaskNotRunningError):
                await refused


@pytest.mark.feature(71)
async def test_messages_that_nobody_took_are_told_of_as_expired_and_are_bounded() -> None:
    async with opened() as manager:
        task = await manager.create_task("bot", "r", "p")
        for number in range(100):
            await manager.add_intervention("bot", "r", f"{number}", "ann")
        with pytest.raises(CapacityError):
            await manager.add_intervention("bot", "r", "one more", "ann")
        await manager.get_intervention("bot", "r")
        await manager.complete_task("bot", "r", "done")
        rows = (await manager.manager.detail(task.task_id)).interventions
        assert [row.state for row in rows] == ["delivered"] + ["expired"] * 99


# --- J, N: keeping and delivery


@pytest.mark.feature(97, 105)
async def test_what_was_stored_is_there_after_a_restart(own_home: Path) -> None:
    async with opened(own_home) as manager:
        assert await manager.load() == 0
        await manager.create_task("bot", "r", "p")
        await manager.complete_task("bot", "r", "kept")
        await manager.save()
    async with opened(own_home) as manager:
        assert await manager.load() == 1
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert task.result == "kept"


@pytest.mark.feature(104)
async def test_without_a_path_nothing_outlives_the_manager() -> None:
    async with opened() as manager:
        await manager.create_task("bot", "r", "p")
    async with opened() as manager:
        assert await manager.load() == 0


@pytest.mark.feature(134, 135)
async def test_a_result_waits_until_it_is_acked() -> None:
    async with opened() as manager:
        await manager.create_task("bot", "r", "p")
        assert await manager.mark_delivered("bot", "r") is False
        await manager.complete_task("bot", "r", "x")
        undelivered = TaskQuery(parse_filter("client:bot undelivered:yes", now=0))
        assert await manager.manager.count(undelivered) == 1
        assert await manager.mark_delivered("bot", "r") is True
        assert await manager.manager.count(undelivered) == 0
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert (task.result_delivered, task.result) == (True, "x")
        assert await manager.ack_task("bot", "r") is True
        assert await manager.get_task("bot", "r") is None
        assert await manager.get_tasks_by_client("bot") == []
        assert await manager.ack_task("bot", "r") is False
        assert await manager.mark_delivered("bot", "r") is False


@pytest.mark.feature(136)
async def test_cleaning_up_spares_what_nobody_acked_and_what_a_runner_works_on() -> None:
    async with opened() as manager:
        ids = {}
        for request in ("acked", "kept", "runs", "orphan"):
            ids[request] = (await manager.create_task("bot", request, "p")).task_id
        for request in ("acked", "kept"):
            await manager.complete_task("bot", request, "x")
        await manager.start_execution("bot", "runs", Runner(held=True))
        await manager.ack_task("bot", "acked")
        assert await manager.cleanup_old_tasks(max_age_hours=24) == 0
        assert await manager.cleanup_old_tasks(max_age_hours=-1) == 2
        assert await manager.cleanup_old_tasks(max_age_hours=-1) == 0
        left = await manager.manager.page(TaskQuery())
        assert {row.id for row in left.items} == {ids["kept"], ids["runs"], ids["orphan"]}
        orphan = await manager.get_task("bot", "orphan")
        assert orphan is not None
        assert (orphan.status, orphan.error) == (
            TaskStatus.ERROR, "Running for too long without anybody who works on it.",
        )  # fmt: skip
        assert manager.get_stats()["running"] == 1


@pytest.mark.feature(163)
async def test_stats_count_what_is_there() -> None:
    async with opened() as manager:
        assert manager.get_stats() == {"total": 0, "running": 0, "completed": 0, "error": 0}
        for request in "abcd":
            await manager.create_task("bot", request, "p")
        await manager.complete_task("bot", "a", "x")
        await manager.error_task("bot", "b", "x")
        await manager.complete_task("bot", "c", "x")
        await manager.ack_task("bot", "c")
        assert manager.get_stats() == {"total": 3, "running": 1, "completed": 1, "error": 1}


# --- S: one for a process, and its end


@pytest.mark.feature(164, 165, 168)
@pytest.mark.usefixtures("nobody")
async def test_the_singleton(own_home: Path) -> None:
    with pytest.raises(RuntimeError, match="not initialized"):
        get_task_manager()
    made = init_task_manager(storage_path=own_home)
    assert get_task_manager() is made
    await made.create_task("bot", "r", "p")
    another = TaskManager()
    set_task_manager(another)
    assert get_task_manager() is another
    await made.shutdown(timeout=0.1)
    assert await made.shutdown() == await another.shutdown() == 0
    with pytest.raises(ManagerClosedError):
        await made.get_task("bot", "r")


@pytest.mark.feature(61, 166)
async def test_running_tasks_are_canceled_within_the_time(own_home: Path) -> None:
    async with opened(own_home) as manager:
        await manager.create_task("bot", "done", "p")
        await manager.complete_task("bot", "done", "x")
        for request in ("a", "b"):
            await manager.create_task("bot", request, "p")
        assert await manager.cancel_running_tasks(timeout=0.2) == 2
        assert manager.get_running_tasks() == []
        canceled = await manager.get_task("bot", "a")
        assert canceled is not None
        assert (canceled.status, canceled.error) == (TaskStatus.ERROR, "Task canceled: canceled")
        assert await manager.cancel_running_tasks() == 0


@pytest.mark.feature(67)
async def test_a_session_has_its_time() -> None:
    async with opened(session_timeout_s=0.2) as manager:
        await manager.create_task("bot", "r", "p")

        async def ended() -> bool:
            return not await asyncio.to_thread(manager.get_running_tasks)

        await until(ended)
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert (task.status, task.error) == (TaskStatus.ERROR, "Not done in its time.")


async def test_an_ack_of_what_runs_is_refused() -> None:
    async with opened() as manager:
        await manager.create_task("bot", "r", "p")
        with pytest.raises(StateError):
            await manager.ack_task("bot", "r")
