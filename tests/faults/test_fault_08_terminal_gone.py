"""FAULTS 8: the terminal goes away, in whatever way: tasks go on, and a screen comes back to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bench.pty import PtyApp
from tasktui.service.asking import answers
from tasktui.service.owner import read_owner
from tests.faults.corpus import VOCABULARY, foreign
from tests.faults.desks import (
    TASKTUI,
    dashboard,
    end_owner,
    gone,
    shows,
    stored,
    task,
    tasktui,
    until,
    waiting,
)

HOLDER = """
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
print(pid, flush=True)
while True:
    os.read(fd, 65536)
"""
"""Holds the terminal of a program, as sshd's child does."""
TAKEN = b"\x1b[?1049h"
"""Switches to the other screen of the terminal: the first that a dashboard does."""


def cpu_share(process: psutil.Process, over_s: float = 1.0) -> float:
    before = process.cpu_times()
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun >= over_s)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / (time.monotonic() - begun)


def has_left_its_screen(pid: int) -> None:
    """Wait until a process holds no terminal any more and does next to nothing; one that spins never does."""
    streams = [Path(f"/proc/{pid}/fd/{fd}") for fd in (0, 1, 2)]
    until(lambda: {one.readlink() for one in streams} == {Path(os.devnull)}, what="the terminal let go")
    until(lambda: cpu_share(psutil.Process(pid)) < 0.1, what="it rests")


def comes_back(home: Path, made: str, go: Path) -> None:
    """Open a new dashboard on the work, let the task end, and see its code."""
    with dashboard(home) as again:
        again.wait_screen(shows("kept", "running"))
        go.touch()
        again.wait_screen(shows("1 failed"))
        assert stored(home, made).exit_code == 7


def test_a_closed_terminal_leaves_an_owner_without_a_screen(own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with dashboard(own_home) as app:
        made = waiting(own_home, go)
        app.hang_up()
        owner = psutil.Process(app.process.pid)
        has_left_its_screen(owner.pid)
        info = read_owner(own_home)
        assert info is not None
        assert info.pid == owner.pid, "the same process goes on"
        until(lambda: answers(own_home), what="it answers")
        assert task(own_home, made)["status"] == "running"
        comes_back_attached(own_home, made, go, owner)
        assert app.wait_exit() == 0, "without work it ends"
        end_owner(own_home)  # the screen that came back may have asked for another


def comes_back_attached(home: Path, made: str, go: Path, owner: psutil.Process) -> None:
    with PtyApp([*TASKTUI, "--home", str(home)], cols=120, rows=35) as again:
        again.wait_screen(shows("kept", "running"))
        assert not gone(owner)
        go.touch()
        again.wait_screen(shows("1 failed"))
        assert stored(home, made).exit_code == 7


def test_a_hang_up_without_work_ends_it(own_home: Path) -> None:
    with dashboard(own_home) as app:
        app.hang_up()
        assert app.wait_exit() == 0


def test_a_leader_that_keeps_the_hang_up_to_itself(own_home: Path, tmp_path: Path) -> None:
    """As under `make run`: the kernel tells the session's leader alone, which waits for us."""
    go = tmp_path / "go"
    argv = ["sh", "-c", 'trap : HUP; "$@"; exit $?', "sh", *TASKTUI, "--home", str(own_home)]
    with PtyApp(argv, cols=120, rows=35) as leader:
        leader.wait_screen(shows("run by this screen"))
        until(lambda: answers(own_home), what="the owner answers")
        made = waiting(own_home, go)
        info = read_owner(own_home)
        assert info is not None
        assert info.pid != leader.process.pid
        leader.hang_up()
        owner = psutil.Process(info.pid)
        has_left_its_screen(owner.pid)
        comes_back_attached(own_home, made, go, owner)
        assert leader.wait_exit() == 0, "without work it ends"
        end_owner(own_home)  # the screen that came back may have asked for another


def test_the_holder_of_the_terminal_is_killed(own_home: Path, tmp_path: Path) -> None:
    """As when sshd's child dies: no goodbye, the terminal is just gone."""
    go = tmp_path / "go"
    argv = [sys.executable, "-c", HOLDER, *TASKTUI, "--home", str(own_home)]
    holder = subprocess.Popen(argv, stdout=subprocess.PIPE, env=os.environ | {"COLUMNS": "", "TERM": "xterm"})
    assert holder.stdout is not None
    pid = int(holder.stdout.readline())
    try:
        until(lambda: answers(own_home), what="the owner answers")
        made = waiting(own_home, go)
        owner = psutil.Process(pid)
        holder.kill()
        holder.wait(timeout=10)
        has_left_its_screen(pid)
        assert task(own_home, made)["status"] == "running"
        comes_back(own_home, made, go)
        until(lambda: gone(owner), what="without work it ends")
    finally:
        holder.kill()
        holder.communicate(timeout=10)
        end_owner(own_home)


def test_the_owner_is_killed_with_its_terminal(own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with dashboard(own_home) as app:
        made = waiting(own_home, go)
        app.process.send_signal(signal.SIGKILL)
        app.wait_exit()
        comes_back(own_home, made, go)


def is_given_back(written: bytes) -> None:
    """See that what was switched on in the terminal was switched off again."""
    for on, off in ((TAKEN, b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?1000h", b"\x1b[?1000l")):
        assert written.rfind(off) > written.rfind(on), (on, off)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_screen_is_built_is_not_lost(own_home: Path, number: signal.Signals) -> None:
    with PtyApp([*TASKTUI, "--home", str(own_home)], cols=120, rows=35) as app:
        app.wait_for(TAKEN)
        app.process.send_signal(number)
        assert app.wait_exit() == 0
        is_given_back(app.bytes_since())
        assert not answers(own_home)


def test_a_terminal_that_goes_away_while_the_screen_is_built(own_home: Path) -> None:
    with PtyApp([*TASKTUI, "--home", str(own_home)], cols=120, rows=35) as app:
        app.wait_for(TAKEN)
        app.hang_up()
        assert app.wait_exit() == 0
        assert not answers(own_home)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_dashboard_leaves_the_terminal_sane(
    own_home: Path, tmp_path: Path, number: signal.Signals
) -> None:
    go = tmp_path / "go"
    with dashboard(own_home) as app:
        made = waiting(own_home, go)
        app.process.send_signal(number)
        app.wait_exit()
        is_given_back(app.bytes_since())
        assert foreign(app.bytes_since(), VOCABULARY) == []
        shown = tasktui("--home", str(own_home), "show", made, "--json")
        assert '"running"' in shown.stdout
        comes_back(own_home, made, go)


def test_a_dashboard_that_was_stopped_and_continued_still_takes_keys_and_ends(own_home: Path) -> None:
    with dashboard(own_home) as app:
        for _ in range(2):
            app.process.send_signal(signal.SIGSTOP)
            until(lambda: psutil.Process(app.process.pid).status() == psutil.STATUS_STOPPED)
            app.process.send_signal(signal.SIGCONT)
        for _ in range(3):
            app.send(b"?")
            app.wait_screen(shows("Keys in"))
            app.send(b"?")
            app.wait_screen(lambda lines: not shows("Keys in")(lines))
        app.send(b"q")
        assert app.wait_exit() == 0
