"""A message that comes while the next run is being claimed has a verdict, or is refused at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tasktui.domain.errors import NotRunningError
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.requests import Message, TaskDetail
from tasktui.domain.status import Reason, Status
from tasktui.manager.limits import Limits
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened

FAILS = Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 1", "test", exit_code=1)


class Slow(MemoryStore):
    """Takes its time, once, over what a further run is told of the former ones."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.looks = 0

    async def detail(self, task_id: str) -> TaskDetail | None:
        detail = await super().detail(task_id)
        if detail is not None and detail.task.row.run_no:
            self.looks += 1
            if self.looks == 2:  # the first was for its spec
                self.reached.set()
                await self.go_on.wait()
        return detail


async def test_a_message_does_not_go_to_a_run_that_comes_to_nothing(tmp_path: Path) -> None:
    """The claim was refused for the message, and the message waited for ever: no other run knew of it."""
    store = Slow()
    async with opened(tmp_path, {"fails": [FAILS]}, store=store, limits=Limits(retry_backoff_s=0)) as place:
        task_id = await place.submit("fails", retries=1)
        await store.reached.wait()
        with pytest.raises(NotRunningError):
            await place.manager.intervene(task_id, Message("hurry"))
        store.go_on.set()
        assert (await place.manager.wait(task_id)).run_no == 2
        assert (await place.manager.detail(task_id)).interventions == ()
