from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tasktui.domain.errors import FencedError, OwnerError
from tasktui.service.asking import answers
from tasktui.service.owner import LOCK_NAME, OwnerLock, read_owner
from tasktui.service.presence import is_stopped
from tasktui.service.reach import Nearby
from tasktui.service.reviving import Reviver
from tasktui.service.starting import start_owner

SMALL = (sys.executable, str(Path(__file__).with_name("small_owner.py")))
BOUND_S = 40
"""For what surely comes, on a busy machine."""


@pytest.fixture(autouse=True)
def ended(own_home: Path) -> Iterator[None]:
    """Ends the owner that a test started."""
    yield
    info = read_owner(own_home)
    if info is not None:
        os.kill(info.pid, signal.SIGTERM)
        deadline = time.monotonic() + BOUND_S
        while read_owner(own_home) and time.monotonic() < deadline:
            time.sleep(0.02)


@contextmanager
def stopped_stranger(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A stopped process, such as an editor, whose number stands in a lock that nobody holds."""
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        told = {"pid": stranger.pid, "epoch": 1, "socket": str(home / "tasktui.sock"), "version": "1"}
        (home / LOCK_NAME).write_text(json.dumps(told))
        stranger.send_signal(signal.SIGSTOP)
        until_stopped(stranger.pid)
        yield stranger
        assert stranger.poll() is None, "it lives"
    finally:
        stranger.kill()
        stranger.wait(timeout=10)


def test_an_owner_is_started_in_a_session_of_its_own_and_answers(own_home: Path) -> None:
    start_owner(own_home, command=SMALL, wait_s=BOUND_S)
    info = read_owner(own_home)
    assert info is not None
    assert answers(own_home)
    assert os.getsid(info.pid) == info.pid
    log = own_home / "log" / "tasktui.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert Path(f"/proc/{info.pid}/fd/1").readlink() == log
    assert Path(f"/proc/{info.pid}/fd/0").readlink() == Path(os.devnull)


def test_one_that_answers_is_left_alone(own_home: Path) -> None:
    start_owner(own_home, command=SMALL, wait_s=BOUND_S)
    start_owner(own_home, command=("/bin/false",))
    assert len((own_home / "owners.txt").read_text().split()) == 1


def test_ten_at_once_start_one(own_home: Path) -> None:
    code = (
        "import pathlib, sys; from tasktui.service.starting import start_owner;"
        "start_owner(pathlib.Path(sys.argv[1]), command=sys.argv[2:], wait_s=40)"
    )
    starters = [subprocess.Popen([sys.executable, "-c", code, str(own_home), *SMALL]) for _ in range(10)]
    assert [starter.wait(timeout=50) for starter in starters] == [0] * 10
    assert len((own_home / "owners.txt").read_text().split()) == 1


def test_one_that_meets_an_owner_that_is_ending_is_started_again(own_home: Path, tmp_path: Path) -> None:
    ending = OwnerLock.acquire(own_home)
    assert ending is not None
    tries, before = tmp_path / "tries", {*psutil.Process().children()}
    command = ("/bin/sh", "-c", f'echo >> "{tries}"; exec "$@"', "sh", *SMALL)
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(start_owner, own_home, command=command, wait_s=BOUND_S)
        deadline = time.monotonic() + BOUND_S
        while not tries.exists() or not before.issuperset(psutil.Process().children()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        ending.release()
        starting.result()
    assert answers(own_home)
    assert tries.read_text() == "\n\n"


def test_one_that_cannot_start_is_an_error_with_its_log(own_home: Path) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no such thing')")
    with pytest.raises(OwnerError, match=r"code 1.*tasktui\.log"):
        start_owner(own_home, command=command)
    assert "no such thing" in (own_home / "log" / "tasktui.log").read_text()


def test_one_that_never_answers_is_an_error_in_time(own_home: Path) -> None:
    with pytest.raises(OwnerError, match="in time"):
        start_owner(own_home, command=("/bin/sleep", "3"), wait_s=0.5)


def test_what_the_machine_refuses_is_an_error_with_a_sentence(own_home: Path) -> None:
    with pytest.raises(OwnerError, match=r"can be started: No such file"):
        start_owner(own_home, command=("/no/such/program",))
    (own_home / "owner.starting").unlink()
    (own_home / "owner.starting").mkdir()
    with pytest.raises(OwnerError, match=r"can be started: Is a directory .*owner\.starting"):
        start_owner(own_home, command=SMALL, wait_s=BOUND_S)


@pytest.mark.parametrize("way", [lambda home: start_owner(home, command=SMALL, wait_s=BOUND_S), Reviver])
def test_a_stranger_that_has_the_number_of_an_owner_that_died_is_left_alone(
    own_home: Path, way: Callable[[Path], Callable[[], None] | None]
) -> None:
    with stopped_stranger(own_home) as stranger:
        if (revive := way(own_home)) is not None:
            revive()
        info = read_owner(own_home)
        assert info is not None
        assert info.pid != stranger.pid
        assert answers(own_home)
        assert is_stopped(stranger.pid)


def test_nobody_is_told_to_end_a_stranger(own_home: Path) -> None:
    way = Nearby(own_home)
    with stopped_stranger(own_home):
        assert "kill" not in way.nobody().message + way.lost()
    start_owner(own_home, command=SMALL, wait_s=BOUND_S)
    info = read_owner(own_home)
    assert info is not None
    os.kill(info.pid, signal.SIGSTOP)
    until_stopped(info.pid)
    try:
        assert f"kill -9 {info.pid}" in way.nobody().message
        assert f"kill -CONT {info.pid}" in way.lost()
    finally:
        os.kill(info.pid, signal.SIGCONT)


def until_stopped(pid: int) -> None:
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


def test_one_that_is_stopped_is_an_error_at_once_and_replaced_when_it_stays_so(own_home: Path) -> None:
    start_owner(own_home, command=SMALL, wait_s=BOUND_S)
    info = read_owner(own_home)
    assert info is not None
    os.kill(info.pid, signal.SIGSTOP)
    until_stopped(info.pid)
    with pytest.raises(OwnerError, match=f"kill -CONT {info.pid}"):
        start_owner(own_home, command=("/bin/false",))
    times = iter([0.0, 9.9, 10.0])
    revive = Reviver(own_home, after_s=10.0, clock=lambda: next(times))
    with pytest.raises(OwnerError, match="another takes over after 10 s"):
        revive()
    revive()
    fresh = read_owner(own_home)
    assert fresh is not None
    assert fresh.pid != info.pid
    assert answers(own_home)
    os.kill(info.pid, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(info.pid, 0)[1]) == FencedError.exit_code
