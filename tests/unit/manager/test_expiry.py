"""Deadlines and standing decisions of requests outlive the owner and the run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.errors import StoreError
from tasktui.domain.events.base import Data
from tasktui.domain.events.people import (
    ApprovalExpired,
    ApprovalRequested,
    InputExpired,
    InputRequested,
    InputResponded,
)
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.requests import Answer, TaskDetail
from tasktui.domain.status import Reason, Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Listen
from tasktui.manager.talk import UNANSWERED
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened, until

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


@pytest.mark.parametrize(
    ("asked", "expired", "decision"),
    [
        (InputRequested(request_id="q", question="?"), InputExpired, "expired"),
        (ApprovalRequested(request_id="q", summary="rm", tool="bash"), ApprovalExpired, "deny"),
    ],
)
async def test_an_expiry_that_the_task_was_not_told_of_is_told_by_the_next_owner(
    tmp_path: Path, asked: Data, expired: type[InputExpired | ApprovalExpired], decision: str
) -> None:
    """Nobody can answer it any more: the task would wait for ever."""
    async with opened(tmp_path, {"ask": [asked, Listen()]}, durable=True) as place:
        task_id = await place.submit("ask")
        await place.reach(task_id, asked.TYPE)
        await place.store_fact(task_id, expired(request_id="q", reason=UNANSWERED))
        await place.crash()
        await place.open()
        assert (await place.manager.wait(task_id, timeout_s=10)).status is Status.COMPLETED
        assert [heard.decision for heard in place.executor.heard] == [decision]


class Failing(MemoryStore):
    """Cannot be read, or not be written, once the answer is there."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable = self.unwritable = False
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def detail(self, task_id: str) -> TaskDetail | None:
        if self.unreadable:
            raise StoreError
        return await super().detail(task_id)

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if any(isinstance(event.data, InputResponded) for change in batch for event in change.events):
            if self.unwritable:
                self.reached.set()
                await self.go_on.wait()
                raise StoreError
            self.unreadable = True
        return await super().commit(batch)


async def test_an_answer_that_is_stored_reaches_the_task_though_it_cannot_be_read_again(
    tmp_path: Path,
) -> None:
    asked = InputRequested(request_id="q", question="?")
    store = Failing()
    async with opened(tmp_path, {"ask": [asked, Listen()]}, store=store) as place:
        task_id = await place.submit("ask")
        await place.reach(task_id, asked.TYPE)
        with pytest.raises(StoreError):
            await place.manager.answer(task_id, Answer(text="yes"))
        assert (await place.manager.wait(task_id, timeout_s=10)).status is Status.COMPLETED
        assert [heard.text for heard in place.executor.heard] == ["yes"]


async def test_a_question_expires_whose_deadline_passed_while_its_answer_could_not_be_stored(
    tmp_path: Path,
) -> None:
    store = Failing()
    store.unwritable = True
    async with opened(tmp_path, {}, store=store) as place:
        asked = InputRequested(request_id="q", question="?", expires_at=place.clock.now() + 400)
        place.executor.scripts["ask"] = [asked, Listen()]
        task_id = await place.submit("ask")
        await place.reach(task_id, asked.TYPE)
        answering = asyncio.ensure_future(place.manager.answer(task_id, Answer(text="yes")))
        await store.reached.wait()
        crew = place.manager._core.crew
        await until(lambda: all(member.get_name() != "deadline of q" for member in crew._members))
        store.go_on.set()
        with pytest.raises(StoreError):
            await answering
        assert (await place.manager.wait(task_id, timeout_s=10)).status is Status.COMPLETED
        assert [heard.decision for heard in place.executor.heard] == ["expired"]
