"""FAULTS 8: the connection dies under requests, again and again: nothing is done twice, nothing is missed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tasktui.domain.errors import ManagerClosedError, OwnerError, TaskConflictError
from tasktui.domain.requests import Message
from tasktui.service.client import RemoteManager
from tasktui.service.distant import Distant
from tasktui.store.memory import MemoryStore
from tests.contract.attached import attached, over_stdio
from tests.contract.managers import Room, local, reach, spec

pytestmark = pytest.mark.timeout(150)


@asynccontextmanager
async def shaky(home: Path) -> AsyncIterator[tuple[Room, RemoteManager, asyncio.Future[None]]]:
    """A manager, and one that has it over pipes whose program is killed all the time."""
    way = over_stdio(home)
    async with (
        asyncio.timeout(100),
        local(home, MemoryStore()) as room,
        attached(home, room.manager, reach=way) as remote,
    ):
        assert isinstance(remote, RemoteManager)
        killing = asyncio.ensure_future(_kill(way))
        try:
            yield room, remote, killing
        finally:
            killing.cancel()
            await asyncio.wait({killing})


async def _kill(way: Distant) -> None:
    moments = random.Random(3)
    while True:
        await asyncio.sleep(moments.uniform(0.05, 0.8))
        # only once it was of use
        if way.connected() and way._program is not None:
            with suppress(ProcessLookupError):
                way._program._process.kill()


async def _submitted(remote: RemoteManager, number: int) -> str:
    """Submit until it is taken, as a person would."""
    while True:
        try:
            return (await remote.submit(spec("quick"), task_id=f"task-{number}")).id
        except TaskConflictError:
            # what was said to be unclear had been done
            return f"task-{number}"
        except OwnerError:
            await asyncio.sleep(0.1)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasktui.service.distant.FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr("tasktui.service.distant.LONGEST_PAUSE_S", 0.1)


@pytest.mark.feature(74)
async def test_each_task_and_message_is_there_once(own_home: Path) -> None:
    async with shaky(own_home) as (room, remote, _):
        listening = await room.manager.submit(spec("wait"))
        await reach(room, listening.id, "task.started")
        made = await asyncio.gather(*(_submitted(remote, number) for number in range(60)))
        assert sorted(made) == sorted(f"task-{number}" for number in range(60))
        assert (await room.manager.counts()).total == 61
        message = Message("hurry", client_token="t1")
        arrived = 0
        while arrived < 10:
            with suppress(OwnerError):
                await remote.intervene(listening.id, message)
                arrived += 1
            await asyncio.sleep(0.1)
        assert len((await room.manager.detail(listening.id)).interventions) == 1


async def test_a_subscription_over_a_shaky_connection_misses_and_doubles_nothing(own_home: Path) -> None:
    async with shaky(own_home) as (room, remote, killing):
        heard: list[int] = []

        async def follow() -> None:
            async for event in remote.subscribe():
                gid = getattr(event, "gid", None)
                if gid is not None:
                    heard.append(gid)

        following = asyncio.ensure_future(follow())
        for number in range(40):
            task = await room.manager.submit(spec("quick"), task_id=f"t{number}")
            await room.manager.wait(task.id, timeout_s=30)
            await asyncio.sleep(0.05)
        wanted = [event.gid async for event in _all(room)]
        killing.cancel()
        while heard[-1:] != wanted[-1:]:
            await asyncio.sleep(0.05)
        following.cancel()
        await asyncio.wait({following})
        assert heard == list(range(1, wanted[-1] + 1)), "each once, in order"


async def _all(room: Room) -> AsyncIterator[object]:
    for number in range(40):
        for event in (await room.manager.timeline(f"t{number}")).items:
            yield event


def _sleeps(process: psutil.Process) -> bool:
    try:
        return process.cmdline() == ["sleep", "20"]
    except psutil.Error:
        return False


async def test_who_hangs_up_while_it_connects_leaves_nothing(own_home: Path) -> None:
    way = Distant(
        ("sh", "-c", "exec sleep 20"), name="slow", explain=lambda failure: failure.why, version="1"
    )
    connecting = asyncio.ensure_future(way.revive())
    mine = psutil.Process()
    while not any(map(_sleeps, mine.children())):
        await asyncio.sleep(0.01)
    await way.close()
    connecting.cancel()
    await asyncio.wait({connecting})
    async with asyncio.timeout(20):
        while any(map(_sleeps, mine.children())):
            await asyncio.sleep(0.02)
    with pytest.raises(ManagerClosedError):
        await way.revive()
