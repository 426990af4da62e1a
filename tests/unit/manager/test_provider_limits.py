"""A run that ended at its provider's limit: the task waits in sight, and goes on in the same session."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasktui.domain.events.lifecycle import TaskLinked
from tasktui.domain.ports.executor import Capabilities, Outcome
from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.manager import provider_limits
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Gate, Step
from tests.unit.manager.local_manager import Place, opened, until

HOUR_MS = 3_600_000
CAN_RESUME = Capabilities(resume=True, reattach=True)
WHY = "Claude Code is at its provider's limit"


def limited(after_ms: int = HOUR_MS, status: Status = Status.FAILED) -> Outcome:
    """Return the end of a run at a limit that ends later."""
    return Outcome(
        status, Reason.ERROR, error="limit reached", error_code="agent_limit",
        retry_at_ms=int(time.time() * 1000) + after_ms, retry_why=WHY,
    )  # fmt: skip


async def held(place: Place, task_id: str, run: int = 1) -> None:
    """Return when the task waits after a run."""
    while True:
        row = (await place.manager.get(task_id)).row
        if row.held and row.run_no == run:
            return
        await asyncio.sleep(0.002)


async def data_of(place: Place, task_id: str, event_type: str) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in await place.events(task_id) if event.type == event_type]


async def test_the_task_waits_in_sight_and_starts_by_itself_when_the_limit_ends(tmp_path: Path) -> None:
    scripts = {"work": [limited()]}
    async with opened(tmp_path, scripts) as place:
        task_id = await place.submit("work")
        await held(place, task_id)
        row = (await place.manager.get(task_id)).row
        assert (row.status, row.held_reason) == (Status.QUEUED, WHY)
        assert row.held_until is not None
        assert abs(row.held_until - place.clock.now() - HOUR_MS) < 20_000
        assert await data_of(place, task_id, "task.error") == [
            {"message": "Run 1 ended: limit reached", "code": "agent_limit"}
        ]
        place.executor.scripts["work"] = []
        place.clock.jump_ms = HOUR_MS + 1_000
        place.manager._core.scheduler.wake()
        row = await place.manager.wait(task_id)
        assert (row.status, row.run_no, row.held) == (Status.COMPLETED, 2, False)


async def test_a_person_lets_it_start_before(tmp_path: Path) -> None:
    async with opened(tmp_path, {"work": [limited()]}) as place:
        task_id = await place.submit("work")
        await held(place, task_id)
        place.executor.scripts["work"] = []
        await place.manager.release(task_id)
        assert (await place.manager.wait(task_id)).run_no == 2


async def test_waits_are_no_retries(tmp_path: Path) -> None:
    failed = Outcome(Status.FAILED, Reason.ERROR, error="broken")
    async with opened(tmp_path, {"work": [limited()]}, limits=Limits(retry_backoff_s=0.0)) as place:
        task_id = await place.submit("work", retries=1)
        await held(place, task_id)
        await place.manager.release(task_id)
        await held(place, task_id, 2)
        place.executor.scripts["work"] = [failed]
        await place.manager.release(task_id)
        row = await place.manager.wait(task_id)
        assert (row.status, row.run_no) == (Status.FAILED, 4), "two waits, one run, one retry of it"


async def test_too_many_waits_end_in_failure(tmp_path: Path) -> None:
    async with opened(tmp_path, {"work": [limited()]}) as place:
        task_id = await place.submit("work")
        for run in range(1, provider_limits.MOST_WAITS + 1):
            await held(place, task_id, run)
            await place.manager.release(task_id)
        row = await place.manager.wait(task_id)
        assert (row.status, row.error_code) == (Status.FAILED, "agent_limit")
        assert row.run_no == provider_limits.MOST_WAITS + 1


async def test_a_limit_does_not_outlive_a_cancel_or_a_success(tmp_path: Path) -> None:
    scripts: dict[str, Sequence[Step]] = {
        "canceled": [Gate("go"), limited()],
        "done": [limited(status=Status.COMPLETED)],
    }
    async with opened(tmp_path, scripts) as place:
        canceled = await place.submit("canceled")
        await place.reach(canceled, "task.started")
        await place.manager.cancel(canceled)
        place.executor.open_gate("go")
        assert (await place.manager.wait(canceled)).status is Status.CANCELED
        assert (await place.manager.wait(await place.submit("done"))).status is Status.COMPLETED


async def agent(place: Place) -> str:
    work = AgentWork(preset="claude", prompt="go")
    return (await place.manager.submit(TaskSpec(work=work, session_id="a-word-of-somebody"))).id


def session(place: Place, task_id: str) -> str | None:
    work = place.executor.contexts[task_id].spec.work
    assert isinstance(work, AgentWork)
    return work.resume_session_id


async def test_the_next_run_takes_up_the_session_of_the_last(tmp_path: Path) -> None:
    async with opened(tmp_path, {"go": [TaskLinked(session_id="s1"), limited()]}) as place:
        place.executor._capabilities = CAN_RESUME
        task_id = await agent(place)
        await held(place, task_id)
        assert session(place, task_id) is None
        place.executor.scripts["go"] = [TaskLinked(session_id="s2"), limited()]
        await place.manager.release(task_id)
        await held(place, task_id, 2)
        assert session(place, task_id) == "s1"
        requeues = await data_of(place, task_id, "task.requeued")
        assert [data["resume_session_id"] for data in requeues] == ["s1", "s2"]


async def test_an_owner_that_takes_over_such_a_run_knows_its_session_and_its_waits(tmp_path: Path) -> None:
    async with opened(tmp_path, {"go": [TaskLinked(session_id="s1"), limited()]}) as place:
        place.executor._capabilities = CAN_RESUME
        task_id = await agent(place)
        await held(place, task_id)
        place.executor.scripts["go"] = [TaskLinked(session_id="s2"), Gate("go"), limited()]
        await place.manager.release(task_id)
        await until(lambda: place.executor.contexts[task_id].run == 2)
        await place.manager.close("detach")
        await place.open()
        await until(lambda: place.executor.contexts[task_id].adopted)
        assert session(place, task_id) == "s1"
        waits = place.manager._core.runs[task_id].waits
        assert (waits.number, waits.session_id) == (1, "s2")
        place.executor.open_gate("go")
        await held(place, task_id, 2)


async def test_a_session_that_cannot_be_taken_up_is_begun_anew(tmp_path: Path) -> None:
    async with opened(tmp_path, {"go": [TaskLinked(session_id="s1"), limited()]}) as place:
        task_id = await agent(place)
        await held(place, task_id)
        place.executor.scripts["go"] = []
        await place.manager.release(task_id)
        await place.manager.wait(task_id)
        assert session(place, task_id) is None
