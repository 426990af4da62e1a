from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tasktui.domain.errors import OwnerError, RefusedError
from tasktui.service import peer
from tasktui.service.client import RemoteManager
from tasktui.service.light import answers, call
from tasktui.service.owner import OwnerLock
from tasktui.service.server import Service, serving
from tasktui.service.sockets import listen

BOUND_S = 40
"""For the first answer, which loads what answers, on a busy machine."""


@asynccontextmanager
async def owner(home: Path) -> AsyncIterator[tuple[OwnerLock, Service]]:
    """An owner in this process; of tasks it answers that nobody does."""
    lock = OwnerLock.acquire(home)
    assert lock is not None
    nobody = RemoteManager(home / "nobody")
    async with serving(nobody, lock, version="1.2.3") as service:
        lock.announce(1)
        yield lock, service
    lock.release()
    await nobody.close()


def http(path: Path) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=str(path)), base_url="http://x", timeout=40
    )


async def test_the_owner_says_who_it_is_to_quick_commands(own_home: Path) -> None:
    async with owner(own_home):
        told = await asyncio.to_thread(call, own_home, "GET", "/v1/health")
        assert told == {"ok": True, "pid": os.getpid(), "api": 1, "oldest": 1, "version": "1.2.3"}
        assert await asyncio.to_thread(answers, own_home, within_s=BOUND_S)
    assert not answers(own_home)


async def test_an_owner_loads_its_application_when_somebody_asks(own_home: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tasktui.service.light import answers\n"
        "from tasktui.service.owner import OwnerLock\n"
        "from tasktui.service.server import serving\n"
        "home = Path(sys.argv[1])\n"
        "async def main():\n"
        "    lock = OwnerLock.acquire(home)\n"
        "    async with serving(None, lock):\n"
        "        lock.announce(1)\n"
        "        await asyncio.sleep(0)\n"
        "        before = 'fastapi' in sys.modules\n"
        "        reached = await asyncio.to_thread(answers, home, within_s=40)\n"
        "        print(lock.socket.exists(), before, reached, 'fastapi' in sys.modules)\n"
        "    print(lock.socket.exists())\n"
        "asyncio.run(main())\n"
    )
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, str(own_home)],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert ran.stdout.splitlines() == ["True False True True", "False"], ran.stderr


async def test_an_owner_that_nobody_asks_ends_in_order(own_home: Path) -> None:
    async with asyncio.timeout(20), owner(own_home) as (lock, _):
        assert lock.socket.exists()
    assert not lock.socket.exists()


@pytest.mark.feature(151)
async def test_the_socket_and_its_directory_are_for_nobody_else(own_home: Path) -> None:
    before = os.umask(0)
    try:
        async with owner(own_home) as (lock, _):
            assert stat.S_IMODE(lock.socket.stat().st_mode) == 0o600
            assert stat.S_IMODE(lock.socket.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


async def test_a_long_data_directory_is_reached_through_the_temporary_folder(own_home: Path) -> None:
    home = own_home.parent / ("x" * 120)
    async with owner(home) as (lock, _):
        assert lock.socket.parent != home
        assert (await asyncio.to_thread(call, home, "GET", "/v1/health"))["ok"]
    assert not lock.socket.exists()


async def test_a_stale_socket_is_replaced_and_ours_is_removed_at_the_end(own_home: Path) -> None:
    own_home.mkdir(mode=0o700)
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(own_home / "tasktui.sock"))
    stale.close()
    async with owner(own_home) as (lock, _):
        assert await asyncio.to_thread(answers, own_home, within_s=BOUND_S)
    assert not lock.socket.exists()


async def test_the_socket_of_one_that_took_over_is_left_alone(own_home: Path) -> None:
    ended = asyncio.Event()
    old = OwnerLock.acquire(own_home)
    assert old is not None
    nobody = RemoteManager(own_home / "nobody")
    async with asyncio.timeout(20), serving(nobody, old, on_fenced=ended.set):
        new = OwnerLock.acquire(own_home, take_over=True)
        assert new is not None
        bound = listen(new.socket)
        await ended.wait()
    assert new.socket.exists()
    bound.close()
    old.release()
    new.release()


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "NOT_FOUND"),
        ("GET", "/v1/tasks/", None, 404, "NOT_FOUND"),
        ("DELETE", "/v1/counts", None, 405, "INVALID"),
        ("POST", "/v1/tasks", b"{", 400, "INVALID"),
        ("POST", "/v1/tasks", b'"x"', 400, "INVALID"),
        ("POST", "/v1/tasks", b'{"spec": {"work": {"kind": "shell"}}}', 400, "INVALID"),
        ("POST", "/v1/tasks", b'{"spec": {"work": {"kind": "shell", "argv": ["\\ud800"]}}}', 400, "INVALID"),
        ("POST", "/v1/tasks", b"[" * 100_000, 400, "INVALID"),
        ("POST", "/v1/tasks", b"x" * 9_000_000, 413, "INVALID"),
        ("POST", "/v1/tasks/t/cancel", b'{"force": "maybe"}', 400, "INVALID"),
        ("POST", "/v1/tasks/t/cancel", b'{"unknown": 1}', 400, "INVALID"),
        ("GET", "/v1/tasks?limit=0", None, 400, "INVALID"),
        ("GET", "/v1/tasks?filter=status:purple", None, 400, "BAD_FILTER"),
        ("GET", f"/v1/tasks/t/timeline?after_seq={10**30}", None, 400, "INVALID"),
        ("GET", f"/v1/tasks/t/output?offset=-{10**30}", None, 400, "INVALID"),
        ("GET", "/v1/tasks/t/wait?timeout_s=nan", None, 400, "INVALID"),
        ("GET", "/v1/counts", None, 503, "NO_OWNER"),
        ("POST", "/v1/changes/nothing", b"{}", 404, "NOT_FOUND"),
    ],
)
@pytest.mark.feature(21)
async def test_every_refusal_is_typed(
    own_home: Path, method: str, path: str, content: bytes | None, status: int, code: str
) -> None:
    async with owner(own_home) as (lock, _), http(lock.socket) as client:
        answer = await client.request(
            method, path, content=content, headers={"content-type": "application/json"}
        )
    assert answer.status_code == status
    told = json.loads(answer.content)["error"]
    assert told["code"] == code
    assert told["message"]


async def test_activity_says_for_how_long_nobody_needed_it(own_home: Path) -> None:
    async with owner(own_home) as (lock, service), http(lock.socket) as client:
        async with asyncio.timeout(20):
            while service.activity.idle_s() < 0.05:
                await asyncio.sleep(0.01)
        asked = time.monotonic()
        await client.get("/v1/health")
        assert service.activity.idle_s() <= time.monotonic() - asked, "it was loaded for the first one"
        before = service.activity.idle_s()
        await client.get("/v1/health")
        assert service.activity.idle_s() >= before, "who asks whether it is there does not need it"
        asked = time.monotonic()
        async with asyncio.timeout(20), client.stream("GET", "/v1/openapi.json") as answer:
            await answer.aread()
            while service.activity.open:
                await asyncio.sleep(0.01)
        assert service.activity.idle_s() <= time.monotonic() - asked


async def test_the_api_is_described(own_home: Path) -> None:
    async with owner(own_home) as (lock, _), http(lock.socket) as client:
        told = (await client.get("/v1/openapi.json")).json()
    assert told["info"]["version"] == "1.2.3"
    assert "/v1/tasks/{task_id}/cancel" in told["paths"]


def test_nobody_is_an_error_that_says_what_to_do(own_home: Path) -> None:
    with pytest.raises(OwnerError, match="tasktui serve"):
        call(own_home, "GET", "/v1/health")


def test_a_socket_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        peer.require_same_user(ours)
        mine = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
        with pytest.raises(RefusedError):
            peer.require_same_user(ours)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.feature(151)
async def test_another_user_is_turned_away_at_the_door_even_if_it_stands_open(tmp_path: Path) -> None:
    home = Path("/tmp") / f"tasktui-door-{os.getpid()}"
    async with owner(home) as (lock, _):
        home.chmod(0o755)
        lock.socket.chmod(0o777)
        code = (
            "import os, socket, sys; os.setgid(65534); os.setuid(65534)\n"
            "s = socket.socket(socket.AF_UNIX); s.settimeout(30)\n"
            "try:\n"
            "    s.connect(sys.argv[1]); s.sendall(b'GET /v1/health HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n"
            "    print(s.recv(99))\n"
            "except (BrokenPipeError, ConnectionResetError):\n"
            "    print(b'')\n"
        )
        ran = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", code, str(lock.socket)],
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert ran.stdout.strip() == "b''", ran.stderr
        home.chmod(0o700)
        assert await asyncio.to_thread(answers, home, within_s=BOUND_S), "the next one is let in"
    for path in home.iterdir():
        path.unlink()
    home.rmdir()
