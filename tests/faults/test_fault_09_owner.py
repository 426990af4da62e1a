"""FAULTS 9, and 16 for the socket: one writer, a quick successor, a stopped one fenced, nobody else."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.errors import OwnerError
from tasktui.service.asking import answers, call
from tasktui.service.client import RemoteManager
from tasktui.service.owner import read_owner
from tests.faults.desks import stop, stop_between_writes
from tests.integration.executors.processes import best

pytestmark = pytest.mark.timeout(180)
PROGRAM = Path(__file__).parent.parent / "integration" / "service" / "small_owner.py"


@contextmanager
def owner(home: Path, *arguments: str, epoch: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """A process that tries to own the directory; ended at the end, stopped or not."""
    env = os.environ | {"TASKTUI_HOME": str(home), "EPOCH": str(epoch)}
    process = subprocess.Popen([sys.executable, str(PROGRAM), *arguments], env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def until(reached: Callable[[], bool], within_s: float = 40) -> float:
    """Wait for a condition; return how long it took."""
    begun = time.monotonic()
    while not reached():
        assert time.monotonic() - begun < within_s, "not in time"
        time.sleep(0.005)
    return time.monotonic() - begun


def knocking(home: Path) -> int:
    """How many sockets lead to the owner: its own, and one for each that knocks and is not let in yet."""
    info = read_owner(home)
    assert info is not None
    path = f" {info.socket}"
    return sum(line.endswith(path) for line in Path("/proc/net/unix").read_text().splitlines())


def owned_by(home: Path, pid: int) -> bool:
    info = read_owner(home)
    return info is not None and info.pid == pid and answers(home)


def owner_epoch(home: Path) -> int:
    info = read_owner(home)
    return 0 if info is None else info.epoch


def test_of_ten_instances_one_owns_and_the_others_leave(own_home: Path) -> None:
    env = os.environ | {"TASKTUI_HOME": str(own_home)}
    ten = [subprocess.Popen([sys.executable, str(PROGRAM)], env=env) for _ in range(10)]
    try:
        until(lambda: sum(process.poll() == 0 for process in ten) == 9, within_s=60)
        (last,) = [process for process in ten if process.poll() is None]
        until(lambda: owned_by(own_home, last.pid))
        assert (own_home / "owners.txt").read_text().split() == [str(last.pid)]
    finally:
        for process in ten:
            process.kill()
            process.wait(timeout=10)


def test_after_a_hard_death_the_next_owns_at_once(own_home: Path) -> None:
    with owner(own_home) as first:
        until(lambda: owned_by(own_home, first.pid))
        first.kill()
        first.wait(timeout=10)
        with pytest.raises(OwnerError):
            call(own_home, "GET", "/v1/health")
        with owner(own_home, epoch=2) as second:
            until(lambda: owned_by(own_home, second.pid))
            assert call(own_home, "GET", "/v1/health")["pid"] == second.pid


async def test_a_stopped_owner_is_an_error_in_three_seconds_that_says_what_to_do(own_home: Path) -> None:
    with owner(own_home) as stopped:
        until(lambda: owned_by(own_home, stopped.pid))
        stop(stopped.pid)
        for asked in (("GET", "/v1/counts"), ("POST", "/v1/tasks", {"spec": {}})):

            async def ask(_: int, asked: tuple[Any, ...] = asked) -> float:
                begun = time.monotonic()
                with pytest.raises(OwnerError, match=f"kill -CONT {stopped.pid}"):
                    await asyncio.to_thread(call, own_home, *asked)
                return time.monotonic() - begun

            assert await best(ask, 3) < 3
        assert not answers(own_home)


async def test_an_attached_screen_is_told_so_too(own_home: Path) -> None:
    with owner(own_home) as stopped:
        until(lambda: owned_by(own_home, stopped.pid))
        await asyncio.to_thread(stop, stopped.pid)

        async def ask(_: int) -> float:
            remote = RemoteManager(own_home)
            begun = time.monotonic()
            with pytest.raises(OwnerError, match=f"kill -CONT {stopped.pid}"):
                await remote.counts()
            took_s = time.monotonic() - begun
            await remote.close()
            return took_s

        assert await best(ask, 3) < 3


def test_an_owner_that_only_takes_long_is_waited_for(own_home: Path) -> None:
    with owner(own_home) as slow:
        until(lambda: owned_by(own_home, slow.pid))
        stop(slow.pid)
        before = knocking(own_home)
        with ThreadPoolExecutor(1) as asking:
            told = asking.submit(call, own_home, "GET", "/v1/health")
            # the second asks, after a while of silence, whether it is there at all
            until(lambda: knocking(own_home) == before + 2)
            os.kill(slow.pid, signal.SIGCONT)
            assert told.result(timeout=40)["ok"]


def test_a_stopped_owner_that_was_replaced_ends_when_it_wakes_and_touches_nothing(own_home: Path) -> None:
    with owner(own_home) as stopped:
        until(lambda: owned_by(own_home, stopped.pid))
        stop_between_writes(own_home, stopped.pid)
        with owner(own_home) as refused:
            assert refused.wait(timeout=40) == 0, "without being told to, nobody takes over"
        with owner(own_home, "--take-over", epoch=2) as new:
            until(lambda: owned_by(own_home, new.pid) and owner_epoch(own_home) == 2)
            os.kill(stopped.pid, signal.SIGCONT)
            assert stopped.wait(timeout=40) == 6
            info = read_owner(own_home)
            assert info is not None
            assert (info.pid, info.epoch) == (new.pid, 2)
            assert call(own_home, "GET", "/v1/health")["pid"] == new.pid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_reads_and_controls_nothing() -> None:
    folder = Path(tempfile.mkdtemp(prefix="tasktui-other-"))
    folder.chmod(0o755)
    home = folder / "home"
    with owner(home) as process:
        until(lambda: owned_by(home, process.pid))
        code = (
            "import json, os, socket, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "said = {}\n"
            "def attempt(name, act):\n"
            "    try:\n"
            "        act(); said[name] = 'done'\n"
            "    except PermissionError:\n"
            "        said[name] = 'refused'\n"
            "home = sys.argv[1]\n"
            "attempt('list', lambda: os.listdir(home))\n"
            "attempt('lock', lambda: open(home + '/owner.lock').read())\n"
            "attempt('write', lambda: open(home + '/new', 'w'))\n"
            "attempt('connect', lambda: socket.socket(socket.AF_UNIX).connect(home + '/tasktui.sock'))\n"
            "attempt('kill', lambda: os.kill(int(sys.argv[2]), 15))\n"
            "print(json.dumps(said))\n"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code, str(home), str(process.pid)],
            capture_output=True, text=True, timeout=50, check=True,
        )  # fmt: skip
        assert set(json.loads(ran.stdout).values()) == {"refused"}
    shutil.rmtree(folder)
