"""The web front's dashboards: one for each tab, ended with it or with the front; the work goes on."""

from __future__ import annotations

import asyncio
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from bench.replay import Replay
from tasktui.cli.main import call
from tasktui.service.asking import answers
from tasktui.service.starting import start_owner
from tests.faults.desks import submit, task, until
from tests.faults.fronts import LINK, PATIENCE_S, Entered, entered, front
from tests.faults.test_fault_18_secrets import shown_to_all

pytestmark = pytest.mark.timeout(150)
COLUMNS, ROWS = 120, 35
ODD = ("[", "3", "[1]", '["stdin", 5]', '["resize", {"width": "x"}]', "[" * 5000, '["quit"]')
"""What no page of ours says; it changes nothing."""


class Tab:
    """What a browser's tab does, without a browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.screen = Replay(COLUMNS, ROWS)
        self._end: aiohttp.WSMessage | None = None
        self._news = asyncio.Event()

    async def follow(self) -> None:
        """Take what comes, and so answer whether it is there, until the other side closes."""
        kinds = {aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT}
        while (message := await self.socket.receive()).type in kinds:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.screen.feed(message.data)
            self._news.set()
        self._end = message
        self._news.set()

    async def shows(self, words: str) -> None:
        """Wait until these words stand on the screen."""
        async with asyncio.timeout(PATIENCE_S):
            while words not in "\n".join(self.screen.lines):
                assert self._end is None, (words, self._end)
                await self._more()

    async def ended(self) -> None:
        """Wait until the other side closes."""
        async with asyncio.timeout(PATIENCE_S):
            while self._end is None:
                await self._more()
            assert self._end.type is aiohttp.WSMsgType.CLOSE

    async def _more(self) -> None:
        self._news.clear()
        await self._news.wait()


@asynccontextmanager
async def tab(at: Entered) -> AsyncIterator[Tab]:
    url = f"{at.base}{at.room}ws?width={COLUMNS}&height={ROWS}"
    async with aiohttp.ClientSession(headers=at.headers) as client, client.ws_connect(url) as socket:
        made = Tab(socket)
        following = asyncio.ensure_future(made.follow())
        try:
            yield made
        finally:
            following.cancel()
            await asyncio.wait({following})


async def gone(*processes: psutil.Process) -> bool:
    return (await asyncio.to_thread(psutil.wait_procs, processes, PATIENCE_S))[1] == []


async def test_a_tab_is_a_dashboard_while_it_is_open(own_home: Path) -> None:
    with front(own_home) as web:
        at = entered(web.link())
        async with tab(at) as one:
            await one.shows("tasktui")
            await asyncio.to_thread(until, lambda: answers(own_home), what="the owner answers")
            made = await asyncio.to_thread(submit, own_home, "sleep 1000", name="kept")
            await one.shows("kept")
            for odd in ODD:
                await one.socket.send_str(odd)
            await one.socket.send_json(["stdin", "?"])
            await one.shows("Keys in")
            await one.socket.send_json(["ping", "5"])
            (dashboard,) = web.dashboards()
        assert await gone(dashboard)
        assert task(own_home, made)["status"] == "running"
        async with tab(at) as again, tab(at) as other:
            await again.shows("kept")
            await other.shows("kept")
            both = web.dashboards()
            assert len(both) == 2
            await again.shows("attached to")
            await again.socket.send_json(["stdin", "q"])
            await again.shows("Leave tasktui?")
            await again.socket.send_json(["stdin", "q"])
            await again.ended()
            assert (await asyncio.gather(asyncio.to_thread(web.end), other.ended()))[0] == 0
        assert await gone(*both)
        assert task(own_home, made)["status"] == "running"


async def test_a_tab_too_many_is_told_so_and_has_the_place_of_the_next_that_closes(own_home: Path) -> None:
    with front(own_home, "--tabs", "1") as web:
        at = entered(web.link())
        async with tab(at) as first:
            await first.shows("tasktui")
            async with tab(at) as second:
                await second.ended()
                assert "1 dashboards" in "\n".join(second.screen.lines)
        async with tab(at) as third:
            await third.shows("tasktui")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
async def test_however_the_front_ends_its_dashboards_end_too(own_home: Path, number: signal.Signals) -> None:
    with front(own_home) as web:
        async with tab(entered(web.link())) as one:
            await one.shows("tasktui")
            dashboards = web.dashboards()
            assert await asyncio.to_thread(web.end, number) == (0 if number != signal.SIGKILL else -9)
            assert await gone(*dashboards)
            assert len(dashboards) == 1


async def test_whoever_may_only_look_gets_screens_that_only_look(own_home: Path) -> None:
    await asyncio.to_thread(start_owner, own_home, wait_s=PATIENCE_S)
    with front(own_home, "--readonly") as web:
        async with tab(entered(web.link())) as one:
            await one.shows("tasktui")
            (dashboard,) = web.dashboards()
            assert "--readonly" in dashboard.cmdline()
            assert dashboard.environ()["LESSSECURE"] == "1"


def test_a_browser_that_stays_open_is_shown_the_dashboard(own_home: Path, tmp_path: Path) -> None:
    """One that is not handed to the background is waited for until it is closed."""
    browser, opened, closed = tmp_path / "browser", tmp_path / "opened", tmp_path / "closed"
    browser.write_text(f"#!/bin/sh\ntouch {opened}\nuntil [ -e {closed} ]; do sleep 0.05; done\n")
    browser.chmod(0o700)
    with front(own_home, "--open", env={"BROWSER": f"{browser} %s"}) as web:
        try:
            until(opened.exists, what="the browser is opened")
            assert entered(web.link()).room
        finally:
            closed.touch()
        assert web.end() == 0


def test_the_token_stands_nowhere_but_on_the_terminal(own_home: Path, tmp_path: Path) -> None:
    browser, told = tmp_path / "browser", tmp_path / "told"
    browser.write_text(f'#!/bin/sh\necho "$@" > {told}.part; mv {told}.part {told}\n')
    browser.chmod(0o700)
    with front(own_home, "--open", env={"BROWSER": f"{browser} %s"}) as web:
        token = web.link().partition("token=")[2]
        until(told.exists, what="the browser is opened")
        page = Path(told.read_text().strip().removeprefix("file://"))
        assert LINK.findall(page.read_text()) == [web.link()]
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        entered(web.link())
        assert shown_to_all(token) == []
        assert web.end() == 0
        kept = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path for path in kept if token.encode() in path.read_bytes()] == []
        assert not page.exists()
        assert web.printed().count(token) == 1


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.0.7", "example.com", "127.0.0.2"])
def test_a_network_is_refused_with_the_way_that_is_safe(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["web", "--bind", address, "--port", "8123"]) == 7
    assert "ssh -L 8123:127.0.0.1:8123" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert call(["web", "--port", str(port)]) == 5
    assert f"Nothing can listen on port {port}: Address already in use" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["aiohttp", "textual_serve"])
def test_without_the_extra_it_says_how_to_get_it(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert call(["web"]) == 5
    assert "pip install 'tasktui[web]'" in capsys.readouterr().err
