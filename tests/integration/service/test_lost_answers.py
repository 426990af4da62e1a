"""A connection that breaks after a request was sent: done, or clearly not; never done twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tasktui.domain.errors import TaskConflictError
from tasktui.domain.query import TaskQuery
from tasktui.domain.requests import Message
from tasktui.domain.status import Status
from tasktui.service.client import RemoteManager
from tasktui.service.link import LostAnswerError
from tasktui.service.owner import LOCK_NAME, OwnerLock
from tasktui.service.server import serving
from tasktui.store.memory import MemoryStore
from tests.contract.managers import Room, local, reach, spec


@dataclass
class Wire:
    """Stands between a client and the real socket; passes requests on and may swallow an answer."""

    real: str
    cut: set[str] = field(default_factory=set)
    """Whose next answer is lost: beginnings of request lines."""
    sent: list[str] = field(default_factory=list)

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self.real)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await self._message(reader)
                line = request.split(b" HTTP")[0].decode()
                self.sent.append(line)
                there_writer.write(request)
                answer = await self._message(there_reader)
                cut = {start for start in self.cut if line.startswith(start)}
                if cut:
                    self.cut -= cut
                    break
                writer.write(answer)
        for end in (writer, there_writer):
            end.close()
            with suppress(ConnectionError):
                await end.wait_closed()

    @staticmethod
    async def _message(reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return head + (await reader.readexactly(int(length[0].split(b":")[1])) if length else b"")


@asynccontextmanager
async def broken(home: Path) -> AsyncIterator[tuple[Room, Wire, RemoteManager]]:
    """A manager, and one attached to it over a wire that can break."""
    lock = OwnerLock.acquire(home)
    assert lock is not None
    front = home / "front"
    front.mkdir(mode=0o700)
    wire = Wire(str(lock.socket))
    told = {"pid": 1, "epoch": 1, "socket": str(front / "s"), "version": ""}
    (front / LOCK_NAME).write_text(json.dumps(told))
    async with asyncio.timeout(50), local(home, MemoryStore()) as room, serving(room.manager, lock):
        server = await asyncio.start_unix_server(wire.pass_on, front / "s")
        remote = RemoteManager(front)
        yield room, wire, remote
        await remote.close()
        server.close()
        await server.wait_closed()
    lock.release()


async def test_a_task_whose_answer_was_lost_is_found_not_made_twice(own_home: Path) -> None:
    async with broken(own_home) as (room, wire, remote):
        wire.cut.add("POST /v1/tasks")
        task = await remote.submit(spec("quick"))
        assert [line for line in wire.sent if line.startswith("POST")] == ["POST /v1/tasks"]
        assert (await room.manager.counts()).total == 1
        assert (await room.manager.get(task.id)).id == task.id


async def test_an_id_that_was_given_is_asked_for_again_too(own_home: Path) -> None:
    async with broken(own_home) as (room, wire, remote):
        wire.cut.add("POST /v1/tasks")
        assert (await remote.submit(spec("quick"), task_id="mine")).id == "mine"
        wire.cut.add("POST /v1/tasks")
        with pytest.raises(TaskConflictError, match="mine"):
            await remote.submit(spec("other"), task_id="mine")
        assert (await room.manager.counts()).total == 1


async def test_a_key_that_another_has_is_a_conflict_after_a_lost_answer_too(own_home: Path) -> None:
    async with broken(own_home) as (_, wire, remote):
        first = await remote.submit(spec("wait", exclusive_key="gpu"))
        wire.cut.add("POST /v1/tasks")
        with pytest.raises(TaskConflictError) as said:
            await remote.submit(spec("quick", exclusive_key="gpu"))
        assert said.value.details["holder"] == first.id


async def test_a_cancel_is_never_sent_twice_for_the_second_one_kills(own_home: Path) -> None:
    async with broken(own_home) as (room, wire, remote):
        task = await remote.submit(spec("deaf"))
        await reach(room, task.id, "task.started")
        wire.cut.add("POST /v1/tasks/")
        with pytest.raises(LostAnswerError, match="Look whether it was done"):
            await remote.cancel(task.id)
        assert sum(line.endswith("/cancel") for line in wire.sent) == 1
        row = (await room.manager.get(task.id)).row
        assert row.cancel_requested_at is not None
        assert row.status is Status.RUNNING
        await room.manager.cancel(task.id, force=True)


@pytest.mark.feature(74)
async def test_a_message_is_sent_again_and_arrives_once(own_home: Path) -> None:
    async with broken(own_home) as (room, wire, remote):
        task = await remote.submit(spec("wait"))
        await reach(room, task.id, "task.started")
        wire.cut.add("POST /v1/tasks/")
        await remote.intervene(task.id, Message("hurry"))
        assert sum(line.endswith("/intervene") for line in wire.sent) == 2
        assert len((await room.manager.detail(task.id)).interventions) == 1


async def test_what_only_reads_is_asked_again(own_home: Path) -> None:
    async with broken(own_home) as (_, wire, remote):
        wire.cut |= {"GET /v1/counts", "POST /v1/tasks/page"}
        assert (await remote.counts()).total == 0
        assert (await remote.page(TaskQuery())).items == ()
