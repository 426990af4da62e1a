"""Places for tabs: the next one has that of a dashboard that is ending, and none of one in use."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from tasktui.web.tabs import Tabs
from tests.integration.web.stubborn import STUBBORN


@asynccontextmanager
async def one_place() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    tabs = Tabs((sys.executable, "-c", STUBBORN), os.environ, most=1)
    app = web.Application()
    app.add_routes([web.get("/ws", tabs.open)])
    async with TestClient(TestServer(app)) as client:
        yield client


async def shown(socket: ClientWebSocketResponse) -> str:
    async with asyncio.timeout(40):
        return (await socket.receive_bytes()).decode()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasktui.web.tabs._WAIT_S", 0.3)
    monkeypatch.setattr("tasktui.web.terminal.GRACE_S", 0.5)


async def test_a_tab_waits_for_the_place_of_a_dashboard_that_ends_slowly() -> None:
    """As a reload does on a busy machine."""
    async with one_place() as client:
        first = await client.ws_connect("/ws")
        assert "up" in await shown(first)
        await first.close()
        async with client.ws_connect("/ws") as second:
            assert "up" in await shown(second)


async def test_a_tab_waits_for_no_dashboard_in_use() -> None:
    async with one_place() as client, client.ws_connect("/ws") as first:
        assert "up" in await shown(first)
        async with client.ws_connect("/ws") as second:
            assert "which is the limit" in await shown(second)
