"""FAULTS 17: no page of a browser gets anything from the port of the API, and nobody without the token."""

from __future__ import annotations

import asyncio
import logging
import re
import resource
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import Task
from tasktui.service.offer import Offer
from tasktui.service.owner import OwnerLock
from tasktui.service.patience import HEAD_S, WHOLE_S, Impatient
from tasktui.service.recording import InSum
from tasktui.service.server import serving
from tasktui.service.sockets import listen_on_port
from tasktui.service.tokens import token
from tasktui.store.memory import MemoryStore
from tests.contract.managers import local, spec
from tests.faults.desks import address, served, submit, task, tasktui, until

ENDLESS = {"/v1/events", "/v1/changes"}
BODY_TO_COME = b"Content-Length: 9999\r\n\r\n"


@dataclass
class Port:
    """An owner that listens on a port."""

    number: int
    token: str
    looking: str
    manager: Manager
    client: httpx.AsyncClient

    @property
    def good(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def routes(self) -> list[tuple[str, str]]:
        described = (await self.client.get("/v1/openapi.json", headers=self.good)).json()["paths"]
        made = [(method.upper(), path) for path, told in described.items() for method in told]
        return [*made, ("GET", "/v1/openapi.json"), ("GET", "/nowhere"), ("OPTIONS", "/v1/tasks")]

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        where = re.sub(r"{\w+}", "nothing", path)
        return await self.client.request(
            method, where, headers=httpx.Headers(headers, "latin-1"), json={} if method == "POST" else None
        )


@asynccontextmanager
async def listening(home: Path, address: str = "127.0.0.1") -> AsyncIterator[Port]:
    async with local(home, MemoryStore()) as room:
        lock = OwnerLock.acquire(home)
        assert lock is not None
        bound = listen_on_port((address, 0))
        number = bound.getsockname()[1]
        own, looking = token(home, "act"), token(home, "look")
        host = f"[{address}]" if ":" in address else address
        async with (
            serving(room.manager, lock, offer=Offer(bound)),
            httpx.AsyncClient(base_url=f"http://{host}:{number}", timeout=40) as client,
        ):
            lock.announce(1)
            yield Port(number, own, looking, room.manager, client)
        lock.release()


def evil(port: Port) -> list[tuple[int, str, dict[str, str]]]:
    """Headers by which a page, another host's name or a stranger comes: (status, code, headers)."""
    good, there = port.good, f"127.0.0.1:{port.number}"
    return [
        (401, "UNAUTHORIZED", {}),
        (401, "UNAUTHORIZED", {"authorization": "Bearer"}),
        (401, "UNAUTHORIZED", {"authorization": f"Bearer {port.token[:-1]}"}),
        (401, "UNAUTHORIZED", {"authorization": f"Bearer {port.token}x"}),
        (401, "UNAUTHORIZED", {"authorization": port.token}),
        (401, "UNAUTHORIZED", {"authorization": f"Basic {port.token}"}),
        (401, "UNAUTHORIZED", {"authorization": "Bearer é"}),
        (401, "UNAUTHORIZED", {"cookie": f"token={port.token}", "x-token": port.token}),
        (421, "MISDIRECTED", good | {"host": f"evil.example:{port.number}"}),
        (421, "MISDIRECTED", good | {"host": "127.0.0.1"}),
        (421, "MISDIRECTED", good | {"host": f"127.0.0.1.evil.example:{port.number}"}),
        (421, "MISDIRECTED", good | {"host": f"127.0.0.1:{port.number + 1}"}),
        (421, "MISDIRECTED", {"host": "evil.example"}),
        (403, "REFUSED", good | {"origin": "https://evil.example"}),
        (403, "REFUSED", good | {"origin": "null"}),
        (403, "REFUSED", good | {"origin": f"http://localhost:{port.number + 1}"}),
        (403, "REFUSED", good | {"origin": f"https://{there}"}),
        (403, "REFUSED", good | {"sec-fetch-site": "cross-site"}),
        (403, "REFUSED", {"sec-fetch-site": "same-site"}),
    ]


@pytest.mark.feature(151, 152)
async def test_no_header_of_a_page_gets_past_any_route(own_home: Path) -> None:
    async with listening(own_home) as port:
        routes = await port.routes()
        assert len(routes) > 45
        ways = evil(port)
        one_of_each = list({status: way for way in ways for status in [way[0]]}.values())
        asked = [(way, route) for way in one_of_each for route in routes]
        asked += [(way, route) for way in ways for route in (("GET", "/v1/counts"), ("POST", "/v1/tasks"))]
        for (status, code, headers), (method, path) in asked:
            answer = await port.ask(method, path, headers)
            told = (answer.status_code, answer.json()["error"]["code"])
            assert told == (status, code), (method, path, headers)
            assert not any(name.startswith("access-control") for name in answer.headers)
            assert ("www-authenticate" in answer.headers) == (status == 401)
        assert (await port.manager.counts()).total == 0


@pytest.mark.feature(144, 151, 153)
async def test_the_token_lets_in_by_its_header_alone(own_home: Path) -> None:
    async with listening(own_home) as port:
        asked = f"/v1/counts?token={port.token}"
        assert (await port.client.get(asked)).status_code == 401
        for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
            headers = port.good | {"host": f"{host}:{port.number}"}
            assert (await port.client.get("/v1/counts", headers=headers)).status_code == 200
        own_page = port.good | {"origin": f"http://127.0.0.1:{port.number}", "sec-fetch-site": "none"}
        answer = await port.client.get("/v1/counts", headers=own_page)
        assert answer.status_code == 200
        assert not any(name.startswith("access-control") for name in answer.headers)
        preflight = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        assert (await port.client.options("/v1/tasks", headers=preflight)).status_code == 403


async def test_the_token_for_looking_changes_nothing_on_any_route(own_home: Path) -> None:
    async with listening(own_home) as port:
        looking = {"authorization": f"Bearer {port.looking}"}
        task: Task = await port.manager.submit(spec("quick"))
        await port.manager.wait(task.id, timeout_s=30)
        before = (await port.manager.stats()).events
        reading = {"/v1/tasks/page", "/v1/tasks/count", "/v1/changes/{stream}"}
        for method, path in await port.routes():
            if path in ENDLESS:
                continue
            answer = await port.ask(method, path.replace("{task_id}", task.id), looking)
            changes = method != "GET" and path not in reading
            assert (answer.status_code == 403) == (changes or path == "/nowhere"), (method, path)
        assert (await port.manager.stats()).events == before


async def test_a_token_is_replaced_at_once_and_one_that_others_may_read_opens_nothing(own_home: Path) -> None:
    async with listening(own_home) as port:
        fresh = token(own_home, "act", rotate=True)
        assert (await port.client.get("/v1/counts", headers=port.good)).status_code == 401
        assert (await port.client.get("/v1/counts", headers={"authorization": f"Bearer {fresh}"})).is_success
        (own_home / "api.token").chmod(0o644)
        answer = await port.client.get("/v1/counts", headers={"authorization": f"Bearer {fresh}"})
        assert answer.status_code == 401


async def test_the_port_of_the_other_family(own_home: Path) -> None:
    async with listening(own_home, "::1") as port:
        assert (await port.client.get("/v1/counts", headers=port.good)).is_success
        # not by knocking: the number may be somebody else's in the other family
        ours = {one.laddr for one in psutil.Process().net_connections("tcp") if one.laddr.port == port.number}
        assert {one.ip for one in ours if one.ip in {"127.0.0.1", "0.0.0.0", "::"}} == set()
        assert "::1" in {one.ip for one in ours}


@pytest.mark.parametrize(
    "slowly",
    [
        b"GET /v1/counts HTTP/1.1\r\nHost: x\r\nX: ",
        b"POST /v1/tasks HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n" + BODY_TO_COME,
        b"",
    ],
    ids=["headers", "body", "nothing"],
)
async def test_a_request_that_comes_byte_by_byte_is_given_up(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, slowly: bytes
) -> None:
    monkeypatch.setattr(Impatient, "whole_s", 0.3)
    monkeypatch.setattr(Impatient, "head_s", 0.3)
    async with listening(own_home) as port, asyncio.timeout(50):
        if b"%d" in slowly:
            slowly %= (port.number, port.token.encode())
        reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
        writer.write(slowly)

        async def trickle() -> None:
            while not writer.is_closing():
                writer.write(b"a" if slowly and not slowly.endswith(b"\r\n\r\n") else b"")
                await writer.drain()
                await asyncio.sleep(0.02)

        dripping = asyncio.ensure_future(trickle())
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        # who asks next is not to be hurried
        monkeypatch.setattr(Impatient, "whole_s", WHOLE_S)
        monkeypatch.setattr(Impatient, "head_s", HEAD_S)
        assert (await port.client.get("/v1/counts", headers=port.good)).is_success
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        writer.close()


async def test_a_stream_outlives_the_patience_with_requests(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Impatient, "whole_s", 0.1)
    async with listening(own_home) as port, asyncio.timeout(50):
        task = await port.manager.submit(spec("wait"))
        path, told, loop = f"/v1/tasks/{task.id}/events", [], asyncio.get_running_loop()
        began, ending = loop.time(), None
        async with port.client.stream("GET", path, headers=port.good) as answer:
            async for line in answer.aiter_lines():
                told += [line.removeprefix("event: ")] if line.startswith("event: ") else []
                if line == "event: task.status":
                    ending = asyncio.ensure_future(later(port, task.id, 0.4))
        assert loop.time() - began > 0.4
        assert told[-1] == "stream.end"
        assert ending is not None
        await ending


async def later(port: Port, task_id: str, pause_s: float) -> None:
    await asyncio.sleep(pause_s)
    await port.manager.cancel(task_id, force=True)


async def test_headers_without_end_and_bodies_without_end_are_refused(own_home: Path) -> None:
    async with listening(own_home) as port, asyncio.timeout(50):
        reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
        writer.write(b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000)
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()
        answer = await port.client.post(
            "/v1/tasks", headers=port.good | {"content-type": "application/json"}, content=b" " * 9_000_000
        )
        assert answer.status_code == 413


async def test_who_is_known_may_be_slower_than_who_is_not(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Impatient, "head_s", 1.0)
    async with listening(own_home) as port, asyncio.timeout(50):
        ask = f"GET /v1/counts HTTP/1.1\r\nHost: 127.0.0.1:{port.number}\r\n"
        known, unknown = ask + f"Authorization: Bearer {port.token}\r\n\r\n", ask + "\r\n"
        lasted = {}
        for request in (known, unknown):
            reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
            began = asyncio.get_running_loop().time()
            writer.write(request.encode())
            assert (await reader.readline()).startswith(b"HTTP/1.1 ")
            with suppress(ConnectionError):
                await reader.read()
            lasted[request] = asyncio.get_running_loop().time() - began
            writer.close()
        assert 0.9 < lasted[unknown] < 4 < lasted[known]


async def test_knocking_without_a_token_is_counted_and_fills_no_log(
    own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tasktui")
    async with listening(own_home) as port:
        for _ in range(50):
            assert (await port.client.get("/v1/counts")).status_code == 401
            assert (await port.client.get("/v1/counts", headers={"host": "evil"})).status_code == 421
        figures = (await port.client.get("/metrics", headers=port.good)).text
        await port.client.get("/v1/counts", headers=port.good)
    assert 'tasktui_api_requests_total{door="port",status="401"} 50.0' in figures
    lines = [one.getMessage() for one in caplog.records if one.name == "tasktui.service.recording"]
    assert [line for line in lines if "refused" in line] == [
        "port: 1 requests without a token, or of a page, were refused"
    ]
    assert [line.split()[2:4] for line in lines if line.startswith("port GET")] == [
        ["/metrics", "200"],
        ["/v1/counts", "200"],
    ]


def test_a_sum_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    times = iter([1000.0, 1001.0, 1059.0, 1060.0, 1061.0])
    knocks = InSum(logging.getLogger("tasktui.test"), "%d came", clock=lambda: next(times))
    for _ in range(5):
        knocks.add()
    assert [one.getMessage() for one in caplog.records] == ["1 came", "3 came"]


@pytest.mark.timeout(180)
@pytest.mark.feature(151)
def test_a_thousand_silent_connections_leave_the_owner_what_it_needs(own_home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard) if hard > 0 else 4096, hard))
    try:
        with served(own_home, "--listen", "127.0.0.1:0") as owner, ExitStack() as silent:
            psutil.Process(owner.pid).rlimit(psutil.RLIMIT_NOFILE, (512, hard))
            url = address(own_home)
            good = {"authorization": f"Bearer {token(own_home, 'act')}"}
            assert httpx.get(f"{url}/v1/counts", headers=good, timeout=30).is_success
            where = ("127.0.0.1", int(url.rpartition(":")[2].strip("/")))
            begun = time.monotonic()
            for _ in range(1_000):
                silent.enter_context(socket.create_connection(where, timeout=10))
            assert psutil.Process(owner.pid).num_fds() < 512 - 100
            made = submit(own_home, "true")
            until(lambda: task(own_home, made)["status"] == "completed", what="a task runs")

            def is_let_in() -> bool:
                with suppress(httpx.TransportError):
                    return httpx.get(f"{url}/v1/counts", headers=good, timeout=30).is_success
                return False

            until(is_let_in, HEAD_S + 60, "the silent ones are gone")
            log = (own_home / "log" / "tasktui.log").read_text()
            minutes = (time.monotonic() - begun) // 60
            assert 1 <= log.count("connections were closed at once") <= 1 + minutes
            assert "Traceback" not in log
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.feature(151)
def test_an_address_is_told_by_the_owner_alone(own_home: Path) -> None:
    with served(own_home, "--listen", "127.0.0.1:0"):
        assert address(own_home).startswith("http://127.0.0.1:")
        second = tasktui("--home", str(own_home), "serve", "--listen", "127.0.0.1:0")
        assert (second.returncode, second.stdout) == (6, "")
        assert f"owns {own_home} already" in second.stderr
        assert "http" not in second.stderr
