"""What a screen is told when more changed than one change set tells."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.requests import Interest
from tasktui.domain.rows import Counts
from tasktui.domain.status import Status
from tasktui.domain.tail import MOST
from tasktui.manager.limits import Limits
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened


async def test_of_many_rows_that_changed_that_of_the_task_looked_at_is_told(tmp_path: Path) -> None:
    """Nothing else would tell: it has ended, and nothing will happen to it any more."""
    async with opened(tmp_path, {"quick": []}, limits=Limits(changed_rows=1)) as place:
        shown = await place.submit("quick", held=True)
        changes = place.manager.changes(Interest(task_id=shown, min_interval_s=0))
        assert [row.status for row in (await anext(changes)).rows] == [Status.QUEUED]
        for task_id in [await place.submit("quick") for _ in range(3)]:
            await place.manager.wait(task_id)
        await place.manager.release(shown)
        await place.manager.wait(shown)
        told = await anext(changes)
        assert told.reread
        assert [(row.id, row.status) for row in told.rows] == [(shown, Status.COMPLETED)]


async def test_messages_that_did_not_fit_are_read_again(tmp_path: Path) -> None:
    said = [MessageCompleted(message_id=f"m{number}", content="x") for number in range(MOST)]
    async with opened(tmp_path, {"says": said}) as place:
        shown = await place.submit("says", held=True)
        changes = place.manager.changes(Interest(task_id=shown, min_interval_s=0))
        await anext(changes)
        await place.manager.release(shown)
        await place.manager.wait(shown)
        told = await anext(changes)
        assert (len(told.tail), told.reread) == (MOST, True)
        assert [row.status for row in told.rows] == [Status.COMPLETED]


class Counting(MemoryStore):
    """Counts in its own time, as a database does that is read beside what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def counts(self) -> Counts:
        counts = await super().counts()
        self.counted.set()
        await self.go_on.wait()
        return counts


async def test_an_end_that_is_stored_while_is_counted_is_counted_in_the_next(tmp_path: Path) -> None:
    """Nothing else would correct the head of a screen: it would say «1 running» until morning."""
    store = Counting()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        changes = place.manager.changes(Interest(min_interval_s=0))
        await anext(changes)
        store.go_on.clear()
        store.counted.clear()
        ended = await place.submit("quick", held=True)
        told = asyncio.ensure_future(anext(changes))
        await store.counted.wait()
        await place.manager.release(ended)
        await place.manager.wait(ended)
        store.go_on.set()
        last = await told
        while [row.status for row in last.rows] != [Status.COMPLETED]:
            last = await anext(changes)
        assert last.counts is not None
        assert last.counts.by_status == ((Status.COMPLETED, 1),)
