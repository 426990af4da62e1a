"""The service has one door, a private socket; who stands in it is kept awake."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import psutil
import pytest

from tasktui.service import sse
from tasktui.store.memory import MemoryStore
from tests.contract.managers import reach, remote, spec


@pytest.mark.feature(151, 152)
async def test_an_owner_listens_on_no_port(own_home: Path) -> None:
    """No page in a browser can ask it anything, whatever names lead to this machine."""
    before = {one.laddr for one in psutil.Process().net_connections(kind="inet")}
    async with remote(own_home, MemoryStore()) as room:
        task = await room.manager.submit(spec("quick"))
        await room.manager.wait(task.id, timeout_s=30)
        assert {one.laddr for one in psutil.Process().net_connections(kind="inet")} <= before
        doors = {str(one.laddr) for one in psutil.Process().net_connections(kind="unix")}
        assert str(own_home / "tasktui.sock") in doors


@pytest.mark.feature(84)
async def test_a_quiet_stream_is_kept_alive(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sse.KEEP_ALIVE_S == 15
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.02)
    async with remote(own_home, MemoryStore()) as room, asyncio.timeout(40):
        task = await room.manager.submit(spec("wait"))
        await reach(room, task.id, "task.status")
        transport = httpx.AsyncHTTPTransport(uds=str(own_home / "tasktui.sock"))
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://x", timeout=40) as client,
            client.stream("GET", f"/v1/tasks/{task.id}/events") as answer,
        ):
            pings = 0
            async for piece in answer.aiter_text():  # to its end: a stream that is left open warns
                pings += piece.count(": still here")
                if pings > 1:
                    room.executor.open_gate("go")
            assert pings > 1
        # such lines are no events for those who read them as such
        names = [event.type async for event in room.manager.subscribe(task.id, after=3)]
        assert names == ["stream.snapshot", "task.finished", "stream.end"]
