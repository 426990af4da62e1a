"""A task that waits longer than it may ends, whatever is in the way; one that started in time does not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.errors import StoreError
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.status import Reason, Status
from tasktui.manager import queue_deadlines
from tasktui.manager.limits import Limits
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import at_rest, opened

FAILS = Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 1", "test", exit_code=1)


class Full(MemoryStore):
    """Has no room, once, for an end."""

    full = True

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if self.full and any(event.type == "task.finished" for one in batch for event in one.events):
            self.full = False
            raise StoreError
        return await super().commit(batch)


async def test_a_deadline_that_could_not_be_stored_is_stored_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_deadlines, "AFTER_TROUBLE_S", 0.01, raising=False)
    async with opened(tmp_path, {"quick": []}, store=Full()) as place:
        task_id = await place.submit("quick", held=True, queue_timeout_s=0.1)
        row = await place.manager.wait(task_id, timeout_s=10)
        assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.QUEUE_TIMEOUT)


async def test_a_task_that_waits_for_its_next_run_started_in_time(tmp_path: Path) -> None:
    limits = Limits(retry_backoff_s=1)
    async with opened(tmp_path, {"fails": [FAILS]}, limits=limits) as place:
        task_id = await place.submit("fails", retries=1, queue_timeout_s=0.5)
        await place.reach(task_id, "task.requeued")
        await at_rest(place)  # the deadline has passed
        row = await place.manager.wait(task_id, timeout_s=10)
        assert (row.status, row.run_no) == (Status.FAILED, 2)
