"""A caller that stops waiting leaves nothing half done: what is stored takes effect, too."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.status import Status
from tasktui.manager.scripted import Gate
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import Place, opened, until


class Slow(MemoryStore):
    """Takes its time over facts of one type."""

    def __init__(self) -> None:
        super().__init__()
        self.over = ""
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if any(event.type == self.over for change in batch for event in change.events):
            self.reached.set()
            await self.go_on.wait()
        return await super().commit(batch)


async def give_up(store: Slow, work: Coroutine[Any, Any, object], event_type: str) -> None:
    """Ask for something and stop waiting while it is being stored."""
    store.over = event_type
    asking = asyncio.ensure_future(work)
    await store.reached.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    store.go_on.set()


async def test_a_task_that_was_released_starts_though_nobody_waits_for_that(tmp_path: Path) -> None:
    store = Slow()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        task_id = await place.submit("quick", held=True)
        await give_up(store, place.manager.release(task_id), "task.released")
        assert (await place.manager.wait(task_id, timeout_s=10)).status is Status.COMPLETED


async def test_a_hold_with_an_end_ends_though_nobody_waits_for_it(tmp_path: Path) -> None:
    store = Slow()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        task_id = await place.submit("quick", held=True)
        until_ms = place.clock.now() + 300
        await give_up(store, place.manager.hold(task_id, until=until_ms), "task.held")
        assert (await place.manager.wait(task_id, timeout_s=10)).status is Status.COMPLETED


async def test_a_lane_takes_its_new_limit_though_nobody_waits_for_that(tmp_path: Path) -> None:
    store = Slow()
    async with opened(tmp_path, {"stays": [Gate("go")]}, store=store) as place:
        await place.manager.set_lane("narrow", limit=1)
        tasks = [await place.submit("stays", lane="narrow") for _ in range(2)]
        await until(lambda: len(running(place)) == 1)
        await give_up(store, place.manager.set_lane("narrow", limit=2), "lane.changed")
        await until(lambda: running(place) == set(tasks))
        place.executor.open_gate("go")


def running(place: Place) -> set[str]:
    return set(place.executor.contexts)
