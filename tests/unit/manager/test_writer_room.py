"""How much of a flood waits: as much as fits beside the transaction under way, and then the flood does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tasktui.domain.errors import DiskFullError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.manager.bus import Bus
from tasktui.manager.clock import SystemClock
from tasktui.manager.writer import BATCH_EVENTS, ROOM_EVENTS, Writer
from tasktui.store.memory import MemoryStore
from tests.contract.facts import running

FACT = NewEvent("a", 1, 5, TaskStatus(message="on"))


class SlowStore(MemoryStore):
    """Commits when it may; refuses while `full`."""

    full = False

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.may.set()
        self.busy = asyncio.Event()

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        self.busy.set()
        await self.may.wait()
        if self.full:
            raise DiskFullError
        return await super().commit(batch)

    async def stored(self) -> int:
        """Return how many facts of the flood are there."""
        return len((await self.timeline("a", types=[TaskStatus.TYPE], limit=100_000)).items)


@asynccontextmanager
async def writing() -> AsyncIterator[tuple[SlowStore, Writer]]:
    store = SlowStore()
    await running(store, "a")
    store.busy.clear()
    writer = Writer(store, Bus(store, SystemClock(), 100), lambda _: None)
    writer.start(0)
    try:
        yield store, writer
    finally:
        store.may.set()
        await writer.close()


def flood(writer: Writer, facts: int) -> None:
    for _ in range(facts):
        writer.post(FACT)


async def has_room(writer: Writer) -> bool:
    """Whether a flood may go on; what is ready to happen happens first."""
    room = asyncio.ensure_future(writer.room())
    for _ in range(5):
        await asyncio.sleep(0)
    room.cancel()
    return room.done() and not room.cancelled()


async def test_the_next_transaction_gathers_while_one_is_written() -> None:
    async with writing() as (store, writer):
        store.may.clear()
        flood(writer, BATCH_EVENTS)
        await store.busy.wait()
        flood(writer, ROOM_EVENTS)
        assert await has_room(writer)
        flood(writer, 1)
        assert not await has_room(writer)
        store.may.set()
        async with asyncio.timeout(10):
            await writer.room()
    assert await store.stored() == BATCH_EVENTS + ROOM_EVENTS + 1


async def test_what_goes_back_into_the_line_waits_again() -> None:
    async with writing() as (store, writer):
        store.may.clear()
        store.full = True
        flood(writer, ROOM_EVENTS + 1)
        await store.busy.wait()
        assert await has_room(writer)
        flood(writer, ROOM_EVENTS // 2)
        assert await has_room(writer)
        store.may.set()
        async with asyncio.timeout(10):
            while await has_room(writer):
                await asyncio.sleep(0)
        assert writer.degraded
        store.full = False
        async with asyncio.timeout(10):
            await writer.room()
    assert await store.stored() == ROOM_EVENTS + 1 + ROOM_EVENTS // 2
