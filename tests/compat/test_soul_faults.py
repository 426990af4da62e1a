"""What was wrong with system 000 is not here: results, events, cancels, files, limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tasktui.compat.soul import TaskManager, TaskStatus
from tasktui.compat.soul.calls import Calls
from tasktui.compat.soul.tasks import RESTARTED, Request
from tasktui.domain.errors import CapacityError, StateError, TaskConflictError
from tests.compat.soul_runs import STORY, Event, Runner, heard, opened


@pytest.mark.feature(134)
async def test_fault_5_an_ack_while_it_runs_loses_nothing() -> None:
    async with opened() as manager:
        runner = Runner(*STORY, held=True)
        await manager.create_task("bot", "r", "p")
        with pytest.raises(StateError):
            await manager.ack_task("bot", "r")
        queue: asyncio.Queue[Event] = asyncio.Queue()
        await manager.add_listener("bot", "r", queue)
        await manager.start_execution("bot", "r", runner)
        runner.gate.set()
        await heard(queue)
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert task.result == "Done."


@pytest.mark.feature(19)
async def test_fault_5_a_new_request_overwrites_no_result_that_nobody_acked() -> None:
    async with opened() as manager:
        for result in ("first", "second"):
            await manager.create_task("bot", "r", "p")
            await manager.complete_task("bot", "r", result)
        newest = await manager.get_task("bot", "r")
        assert newest is not None
        assert newest.result == "second"
        await manager.ack_task("bot", "r")
        older = await manager.get_task("bot", "r")
        assert older is not None
        assert (older.result, older.result_delivered) == ("first", False)


@pytest.mark.feature(97)
async def test_fault_5_a_damaged_file_is_set_aside_and_never_written_over(own_home: Path) -> None:
    async with opened(own_home) as manager:
        await manager.create_task("bot", "r", "p")
        await manager.complete_task("bot", "r", "kept")
    database = own_home / "tasktui.db"
    damaged = b"no database" * 1_000
    database.write_bytes(damaged)
    for name in ("tasktui.db-wal", "tasktui.db-shm"):
        (own_home / name).unlink(missing_ok=True)
    async with opened(own_home) as manager:
        await manager.create_task("bot", "new", "p")
        await manager.save()
    aside = [path for path in own_home.iterdir() if path.is_file() and path.read_bytes() == damaged]
    assert len(aside) == 1
    assert aside[0] != database


@pytest.mark.feature(97)
async def test_fault_5_a_file_of_the_old_system_is_left_alone(own_home: Path) -> None:
    own_home.mkdir(parents=True)
    old = own_home / "tasks.json"
    old.write_text('{"tasks": [')
    async with opened(storage_path=old) as manager:
        await manager.create_task("bot", "r", "p")
        await manager.save()
    assert old.read_text() == '{"tasks": ['
    async with opened(storage_path=old) as manager:
        assert await manager.load() == 1


@pytest.mark.feature(81)
async def test_fault_4_what_is_replayed_comes_before_what_is_live_and_nothing_twice() -> None:
    async with opened() as manager:
        await manager.create_task("bot", "r", "p")
        queue: asyncio.Queue[Event] = asyncio.Queue()

        async def tell() -> None:
            for number in range(200):
                await manager.broadcast("bot", "r", {"type": "progress", "text": f"{number}"})

        telling = asyncio.get_running_loop().create_task(tell())
        await manager.add_listener("bot", "r", queue)
        first = [await queue.get() for _ in range(20)]
        await manager.remove_listener("bot", "r", queue)
        again: asyncio.Queue[Event] = asyncio.Queue()
        await manager.add_listener("bot", "r", again)
        last = first[-1]["_event_id"]
        await manager.send_reconnect_status("bot", "r", again, last_event_id=last)
        await telling
        await manager.complete_task("bot", "r", "x")
        events = await heard(again)
        assert events[0]["type"] == "reconnected"
        texts = [event["text"] for event in (*first, *events) if event["type"] == "progress"]
        assert texts == [f"{number}" for number in range(200)]
        ids = [event["_event_id"] for event in events if "_event_id" in event]
        assert ids == sorted(set(ids))


@pytest.mark.feature(80)
async def test_fault_4_one_consumer_takes_no_id_from_another() -> None:
    async with opened() as manager:
        queues: list[asyncio.Queue[Event]] = [asyncio.Queue(), asyncio.Queue()]
        await manager.create_task("bot", "r", "p")
        for queue in queues:
            await manager.add_listener("bot", "r", queue)
        await manager.broadcast("bot", "r", {"type": "progress", "text": "x"})
        one, other = [await queue.get() for queue in queues]
        assert one.pop("_event_id") == other["_event_id"]
        assert one is not other


@pytest.mark.feature(61)
async def test_fault_6_what_is_canceled_does_not_stay_running() -> None:
    async with opened() as manager:
        runner = Runner(held=True)
        await manager.create_task("bot", "r", "p")
        await manager.start_execution("bot", "r", runner)
        await runner.begun.wait()
        assert await manager.cancel_running_tasks(timeout=20) == 1
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert (task.status, runner.stopped) == (TaskStatus.ERROR, 1)
        await manager.create_task("bot", "r", "the key is free again")


@pytest.mark.feature(61)
async def test_fault_6_a_runner_that_reports_while_it_is_canceled_waits_for_no_lock() -> None:
    class Reporting(Runner):
        def __init__(self, manager: TaskManager) -> None:
            super().__init__(held=True)
            self.manager = manager
            self.reported = False

        async def execute(self, **asked: Any) -> AsyncIterator[Event]:
            try:
                async for event in super().execute(**asked):
                    yield event
            except asyncio.CancelledError:
                await self.manager.error_task("bot", "r", "canceled while it worked")
                self.reported = True
                raise

    async with opened() as manager, asyncio.timeout(20):
        runner = Reporting(manager)
        await manager.create_task("bot", "r", "p")
        await manager.start_execution("bot", "r", runner)
        await runner.begun.wait()
        assert await manager.cancel_running_tasks(timeout=3_600) == 1
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert runner.reported
        assert (task.status, task.error) == (TaskStatus.ERROR, "canceled while it worked")


@pytest.mark.feature(102)
async def test_fault_7_what_ran_before_a_restart_is_in_error_and_its_key_is_free(own_home: Path) -> None:
    manager = TaskManager(own_home)
    await manager.create_task("bot", "r", "p")
    await asyncio.to_thread(manager._room.close, "detach")
    async with opened(own_home) as again:
        async with asyncio.timeout(20):
            while (task := await again.get_task("bot", "r")) is None or task.completed_at is None:
                await asyncio.sleep(0.005)
        assert (task.status, task.error) == (TaskStatus.ERROR, RESTARTED)
        assert again.get_stats()["running"] == 0
        await again.create_task("bot", "r", "p")


@pytest.mark.feature(71, 74)
async def test_fault_8_a_message_has_one_reader_and_one_verdict() -> None:
    async with opened() as manager:
        task = await manager.create_task("bot", "r", "p")
        for number in range(5):
            await manager.add_intervention("bot", "r", f"{number}", "ann")
        got = await asyncio.gather(*(manager.get_intervention("bot", "r") for _ in range(8)))
        texts = sorted(one["text"] for one in got if one is not None)
        assert texts == ["0", "1", "2", "3", "4"]
        await manager.complete_task("bot", "r", "x")
        rows = (await manager.manager.detail(task.task_id)).interventions
        assert [row.state for row in rows] == ["delivered"] * 5


@pytest.mark.feature(33, 34)
async def test_the_limit_is_part_of_the_admission() -> None:
    async with opened() as manager:
        calls = Calls(manager._opened)
        asked = [Request("bot", f"{number}", "p") for number in range(20)]
        made = await asyncio.gather(*(calls.create(one, at_once=3) for one in asked), return_exceptions=True)
        refused = [one for one in made if isinstance(one, CapacityError)]
        assert (len(made) - len(refused), len(refused)) == (3, 17)
        assert refused[0].retry_after_s > 0
        assert manager.get_stats() == {"total": 3, "running": 3, "completed": 0, "error": 0}
        taken = manager.get_running_tasks()[0]
        with pytest.raises(TaskConflictError):
            await calls.create(Request("bot", taken.request_id, "p"), at_once=3)
        await manager.complete_task("bot", taken.request_id, "x")
        assert (await calls.create(Request("bot", "next", "p"), at_once=3)).status == "running"


async def test_the_first_end_holds() -> None:
    async with opened() as manager:
        await manager.create_task("bot", "r", "p")
        await manager.complete_task("bot", "r", "first")
        late = await manager.error_task("bot", "r", "late")
        assert late is not None
        assert (late.status, late.result, late.error) == (TaskStatus.COMPLETED, "first", None)
