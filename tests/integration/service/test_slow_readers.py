"""A reader of events that stops reading slows nobody, holds a bounded number of them, and misses none."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.records import StoredEvent
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.executors.external import EXTERNAL
from tasktui.manager.limits import Limits
from tasktui.service.places import socket_path
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.attached import attached
from tests.contract.managers import Room, local

EVENTS = 8_000
WORDS = "x" * 500


class Stalled:
    """Somebody who asks for a stream and then reads only when told to."""

    def __init__(self, home: Path, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self._socket.connect(str(socket_path(home)))
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self._socket.setblocking(False)

    async def read_until(self, last: str) -> str:
        """Return what came, once it holds this."""
        loop, told = asyncio.get_running_loop(), b""
        async with asyncio.timeout(40):
            while last.encode() not in told[-8_192:]:
                told += await loop.sock_recv(self._socket, 262_144)
        return told.decode()

    def close(self) -> None:
        self._socket.close()


def frames(told: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in told.splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines if line.endswith("}")]


async def flood(room: Room, task_id: str) -> None:
    for _ in range(EVENTS // 500):
        status = TaskStatus(message=WORDS)
        await asyncio.gather(*(room.manager.report(task_id, status) for _ in range(500)))


@pytest.mark.feature(84)
async def test_a_reader_that_stops_reading_holds_up_nothing_and_misses_nothing(own_home: Path) -> None:
    own_home.mkdir(mode=0o700)
    async with (
        local(own_home, SQLiteStore(own_home / "tasktui.db")) as room,
        attached(own_home, room.manager),
    ):
        made = await room.manager.submit(TaskSpec(work=CustomWork(executor=EXTERNAL)))
        reader = Stalled(own_home, "/v1/events")
        head = await reader.read_until("task.started")
        # it reads nothing from here on; were the manager to wait for it, this would not end
        async with asyncio.timeout(50):
            await flood(room, made.id)
            while (stats := await room.manager.stats()).events <= EVENTS:
                await asyncio.sleep(0.01)
        assert stats.lag_events <= Limits().subscriber_events
        newest = stats.events
        told = frames(head + await reader.read_until(f"id: {newest}\n"))
        reader.close()
        gids = [one["gid"] for one in told if "gid" in one]
        assert gids == sorted(set(gids)), "in order, none twice"
        assert set(range(gids[0], newest)) <= set(gids), "none is missing"
        assert "stream.gap" in {one["type"] for one in told}
        assert (await room.manager.stats()).gaps >= 1


async def test_a_stream_goes_on_behind_the_last_id(own_home: Path) -> None:
    own_home.mkdir(mode=0o700)
    async with (
        local(own_home, SQLiteStore(own_home / "tasktui.db")) as room,
        attached(own_home, room.manager),
    ):
        one = await room.manager.submit(TaskSpec(work=CustomWork(executor=EXTERNAL), client_id="me"))
        other = await room.manager.submit(TaskSpec(work=CustomWork(executor=EXTERNAL), client_id="you"))
        for message in "abcdef":
            for task in (one, other):
                await room.manager.report(task.id, TaskStatus(message=message))
                await at(room, task.id, message)
        place = await at(room, one.id, "d")
        gid, seq = place.gid, place.seq
        for path, last, missed in (
            ("/v1/events", gid, ["d", "e", "e", "f", "f"]),
            ("/v1/events?client_id=me", gid, ["e", "f"]),
            (f"/v1/tasks/{one.id}/events", seq, ["e", "f"]),
            (f"/v1/tasks/{one.id}/events?after=1", seq, ["e", "f"]),
        ):
            found = await read_until_f(own_home, path, last)
            assert found == missed, path


async def at(room: Room, task_id: str, message: str) -> StoredEvent:
    """The event that says this, once it is stored."""
    async with asyncio.timeout(30):
        async for event in room.manager.subscribe(task_id):
            if isinstance(event, StoredEvent) and f'"{message}"' in event.data.decode():
                return event
    raise AssertionError(message)


async def read_until_f(home: Path, path: str, last: int) -> list[str]:
    """The words of a stream, until those of all tasks in it have come."""
    wanted, found = 2 if path == "/v1/events" else 1, []
    transport = httpx.AsyncHTTPTransport(uds=str(socket_path(home)))
    async with (
        asyncio.timeout(30),
        httpx.AsyncClient(transport=transport, base_url="http://x", timeout=40) as client,
        client.stream("GET", path, headers={"Last-Event-ID": str(last)}) as answer,
    ):
        lines = answer.aiter_lines()
        async for line in lines:
            if line.startswith("data: ") and '"task.status"' in line:
                found.append(json.loads(line.removeprefix("data: "))["data"]["message"])
            if found.count("f") == wanted:
                break
        await lines.aclose()
    return found
