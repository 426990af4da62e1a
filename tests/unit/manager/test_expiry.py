"""Deadlines and standing decisions of requests outlive the owner and the run."""

from __future__ import annotations

from pathlib import Path

from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.requests import Answer
from tasktui.domain.status import Reason, Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Listen
from tests.unit.manager.local_manager import opened

HOUR_MS = 3_600_000


async def test_a_deadline_that_passed_while_nobody_owned_the_task_is_acted_on(tmp_path: Path) -> None:
    async with opened(tmp_path, {}, durable=True) as place:
        asked = InputRequested(request_id="q", question="?", expires_at=place.clock.now() + HOUR_MS)
        place.executor.scripts["ask"] = [asked, Listen()]
        task_id = await place.submit("ask")
        await place.reach(task_id, "input.requested")
        await place.crash()
        place.clock.jump_ms = 2 * HOUR_MS
        await place.open()
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert [heard.decision for heard in place.executor.heard] == ["expired"]


async def test_a_decision_for_the_task_holds_in_its_next_run_and_under_its_next_owner(tmp_path: Path) -> None:
    request = ApprovalRequested(request_id="a", summary="rm", tool="bash")
    failed = Outcome(Status.FAILED, Reason.EXIT_NONZERO, exit_code=1)
    scripts = {"twice": [request, Listen(), failed]}
    limits = Limits(abandon_s=0.1, let_go_s=0.1, retry_backoff_s=0.01)
    async with opened(tmp_path, scripts, durable=True, limits=limits) as place:
        task_id = await place.submit("twice", retries=1)
        await place.reach(task_id, "approval.requested")
        await place.crash()
        await place.open()
        await place.manager.answer(task_id, Answer(decision="allow", scope="task"))
        row = await place.manager.wait(task_id)
        assert (row.status, row.run_no) == (Status.FAILED, 2)
        assert [heard.decision for heard in place.executor.heard] == ["allow", "allow"]
        assert (await place.types(task_id)).count("approval.resolved") == 2
