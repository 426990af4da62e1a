"""Work of a caller, and a paused task, outlive the owner."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.events.people import InterventionDelivered
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.requests import Message
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.manager.scripted import Gate, Pause
from tests.unit.manager.local_manager import DURABLE, opened

DONE = Outcome(Status.COMPLETED, Reason.COMPLETED, result="ok")


async def test_work_of_a_caller_outlives_the_owner_with_its_messages(tmp_path: Path) -> None:
    async with opened(tmp_path, {}) as place:
        task = await place.manager.submit(TaskSpec(work=CustomWork(executor="external")))
        sent = await place.manager.intervene(task.id, Message("hi"))
        await place.crash()
        await place.open()
        await place.manager.report(task.id, InterventionDelivered(intervention_id=sent.intervention_id))
        row = await place.manager.finish(task.id, DONE)
        assert (row.status, row.run_no) == (Status.COMPLETED, 1)
        assert (await place.manager.detail(task.id)).interventions[0].state == "delivered"


async def test_a_task_stays_paused_under_its_next_owner_and_is_not_idle(tmp_path: Path) -> None:
    assert DURABLE.reattach
    scripts = {"slow": [TaskStatus(message="a"), Gate("go"), TaskStatus(message="b"), Pause(0.01)]}
    async with opened(tmp_path, scripts) as place:
        place.executor._capabilities = type(DURABLE)(reattach=True, pause=True)
        task_id = await place.submit("slow", idle_timeout_s=1)
        await place.reach(task_id, "task.status")
        await place.manager.pause(task_id)
        await place.crash()
        await place.open()
        place.executor.open_gate("go")
        waited = await _times_out(place.manager.wait(task_id, timeout_s=1.3))
        assert waited
        assert (await place.types(task_id)).count("task.status") == 1
        await place.manager.resume(task_id)
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED


async def _times_out(wait: Awaitable[object]) -> bool:
    try:
        await wait
    except TimeoutError:
        return True
    return False
