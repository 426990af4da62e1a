"""Clocks that jump, deadlines, grace, and cancels that race with the end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.events.people import InputRequested
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.requests import Answer
from tasktui.domain.status import TERMINAL, Reason, Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Deaf, Gate, Listen, Pause
from tests.unit.manager.local_manager import opened, until

HOUR_MS = 3_600_000
SCRIPTS = {
    "quick": [],
    "gated": [Gate("go")],
    "short": [Pause(0.1)],
    "deaf": [Deaf(), Gate("end")],
    "deaf for ever": [Deaf(), Gate("never"), TaskStatus(message="late")],
    "timed out": [Outcome(Status.TIMED_OUT, Reason.WALL_TIMEOUT, source="shim")],
    "ask": [InputRequested(request_id="q", question="?"), Listen()],
}


@pytest.mark.feature(168)
async def test_a_wall_clock_that_jumps_moves_no_deadline_and_no_order(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        first = await place.submit("gated", timeout_s=30)
        await place.reach(first, "task.started")
        place.clock.jump_ms = 24 * HOUR_MS
        second = await place.submit("short", timeout_s=30)
        await place.reach(second, "task.started")
        place.clock.jump_ms = -HOUR_MS
        third = await place.submit("quick")
        place.executor.open_gate("go")
        rows = [await place.manager.wait(task_id) for task_id in (first, second, third)]
        assert [row.status for row in rows] == [Status.COMPLETED] * 3
        assert all(row.duration_ms is not None and 0 <= row.duration_ms < 20_000 for row in rows)
        assert [row.created_seq for row in rows] == sorted(row.created_seq for row in rows)
        assert [event.seq for event in await place.events(first)] == [1, 2, 3]


async def test_a_delayed_task_starts_when_the_wall_clock_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick", held=True)
        await place.manager.hold(task_id, until=place.clock.now() + HOUR_MS)
        place.clock.jump_ms = HOUR_MS
        place.manager._core.scheduler.wake()
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED


@pytest.mark.feature(60, 64)
async def test_the_grace_ends_in_force_and_then_in_giving_up(tmp_path: Path) -> None:
    limits = Limits(cancel_grace_s=0.1, abandon_s=0.1)
    async with opened(tmp_path, SCRIPTS, limits=limits) as place:
        task_id = await place.submit("deaf for ever")
        await place.reach(task_id, "task.started")
        began = time.monotonic()
        await place.manager.cancel(task_id)
        row = await place.manager.wait(task_id)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCEL_FORCED)
        assert time.monotonic() - began > 0.2
        place.executor.open_gate("never")
        await until(lambda: place.manager._core.late_events == 1)
        assert (await place.types(task_id))[-1] == "task.finished"
        assert (await place.manager.stats()).late_events == 1


@pytest.mark.feature(45)
async def test_a_cancel_beats_a_completion_and_the_result_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("deaf")
        await place.reach(task_id, "task.started")
        await place.manager.cancel(task_id)
        place.executor.open_gate("end")
        row = await place.manager.wait(task_id)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED_AFTER_COMPLETION)
        assert (await place.manager.detail(task_id)).result_inline == "done"


async def test_a_deadline_of_the_shim_beats_a_cancel(tmp_path: Path) -> None:
    async with opened(tmp_path, {"late": [Deaf(), Gate("end"), *SCRIPTS["timed out"]]}) as place:
        task_id = await place.submit("late")
        await place.reach(task_id, "task.started")
        await place.manager.cancel(task_id)
        place.executor.open_gate("end")
        row = await place.manager.wait(task_id)
        assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.WALL_TIMEOUT)


async def test_a_task_that_waits_for_a_person_is_not_idle(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("ask", idle_timeout_s=1)
        await place.reach(task_id, "input.requested")
        await asyncio.sleep(1.3)
        await place.manager.answer(task_id, Answer(text="!"))
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED


@pytest.mark.feature(35, 64)
async def test_cancels_that_race_with_starts_and_ends_leave_one_end_each(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        ids = [await place.submit("quick") for _ in range(200)]
        await asyncio.gather(
            *(place.manager.cancel(task_id, force=bool(n % 2)) for n, task_id in enumerate(ids)),
            *(place.manager.cancel(task_id) for task_id in reversed(ids)),
        )
        rows = [await place.manager.wait(task_id) for task_id in ids]
        assert all(row.status in TERMINAL for row in rows)
        for row in rows:
            types = await place.types(row.id)
            assert types.count("task.finished") == 1
            assert types.count("task.cancel_requested") <= 2
            assert ("task.started" in types) == ((row.id, 1) in place.executor.started)
            if row.terminal_reason is Reason.CANCELED_BEFORE_START:
                assert "task.started" not in types
