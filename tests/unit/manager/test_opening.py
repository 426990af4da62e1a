"""What waits when an owner opens: as much starts as there is room for, and everything ends."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from tasktui.domain.errors import FencedError, StoreError
from tasktui.domain.ports.executor import Capabilities
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Gate, ScriptedExecutor
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.connecting import connect_writer
from tasktui.store.sqlite.store import SQLiteStore
from tasktui.store.sqlite.writer import Writer
from tests.unit.manager.local_manager import DURABLE, Place, opened, until

ROOM = Limits(max_running=6, default_lane=2, abandon_s=0.1, let_go_s=0.1)
LANES = ("one", "two", "three", "four", "five")
EACH = 12


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_of_many_that_wait_as_many_start_as_there_is_room(tmp_path: Path, kind: str) -> None:
    store = MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "tasktui.db")
    async with opened(tmp_path, {"gated": [Gate("go")]}, store=store, limits=ROOM) as place:
        for lane in LANES:
            await place.manager.set_lane(lane, paused=True)
        ids = [await place.submit("gated", lane=lane) for _ in range(EACH) for lane in LANES]
        await place.crash()
        if isinstance(store, SQLiteStore):
            await store.close()
            place.store = SQLiteStore(store.path)
        await place.open()
        for lane in LANES:
            await place.manager.set_lane(lane, paused=False)
        await until(lambda: len(place.executor.started) >= ROOM.max_running)
        await place.manager._core.scheduler.idle()
        rows = [(await place.manager.get(task_id)).row for task_id, _ in place.executor.started]
        assert len(rows) == ROOM.max_running
        assert max(Counter(row.lane for row in rows).values()) <= ROOM.default_lane
        place.executor.open_gate("go")
        ended = [await place.manager.wait(task_id) for task_id in ids]
        assert {row.status for row in ended} == {Status.COMPLETED}
        assert sorted(place.executor.started) == sorted((task_id, 1) for task_id in ids)


class Overtaken(ScriptedExecutor):
    """In the middle of the recovery another process becomes the owner."""

    file: Path

    def capabilities(self, spec: TaskSpec) -> Capabilities:
        Writer(connect_writer(self.file)).take_epoch(os.getpid())
        return super().capabilities(spec)


def _of_a_pool(thread: threading.Thread) -> bool:
    """Whether it is one of the loop's own: a second one is made when the first is not back in line yet."""
    return thread.name.startswith("asyncio_")


async def test_an_opening_that_is_overtaken_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "tasktui.db"
    scripts = {"gated": [Gate("go")]}
    before = set(threading.enumerate())
    async with opened(tmp_path, scripts, store=SQLiteStore(file), durable=True) as place:
        for _ in range(3):
            await place.reach(await place.submit("gated"), "task.started")
        await place.crash()
        await place.store.close()
        late = Overtaken(scripts, capabilities=DURABLE)
        late.file = file
        with pytest.raises(FencedError):
            await Place(tmp_path, SQLiteStore(file), late).open()
        assert {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}} == set()
        # the pool of the loop, and no connection: what closed one is told of it before its thread has ended
        await until(lambda: all(_of_a_pool(thread) for thread in set(threading.enumerate()) - before))


async def test_a_store_that_cannot_even_be_read_says_why(tmp_path: Path) -> None:
    file = tmp_path / "tasktui.db"
    file.mkdir()
    with pytest.raises(StoreError, match="The database cannot be used: unable to open"):
        await Place(tmp_path, SQLiteStore(file), ScriptedExecutor({})).open()
