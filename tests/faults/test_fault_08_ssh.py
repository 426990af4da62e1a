"""FAULTS 8 over a real ssh: its process, sshd's, the network go; tasks go on, the screen comes back."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from bench.pty import PtyApp
from tasktui.service.asking import answers, call
from tasktui.service.owner import read_owner
from tests.faults.desks import end_owner, gone, shows, stored, task, text, until, waiting
from tests.sshd import Cable, Sshd, laid_cable, machine, sshd

TASKTUI = (sys.executable, "-m", "tasktui")
AWAY = "Trying again"
REFUSAL = re.compile("▌ (box cannot be reached|The connection to box)")
"""What is said beside the banner of whatever is asked for meanwhile."""


@pytest.fixture
def box(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with machine(own_home, tmp_path, monkeypatch) as running:
        yield running


@contextmanager
def distant_dashboard() -> Iterator[PtyApp]:
    with PtyApp([*TASKTUI, "--host", "box"], cols=120, rows=35) as app:
        app.wait_screen(shows("box, run by"))
        yield app
        app.send(b"q")
        assert app.wait_exit() == 0, text(app)


def ssh_of(app: PtyApp, *, but: psutil.Process | None = None) -> psutil.Process:
    """The ssh that a dashboard runs, once it is one that lives, and another than that."""
    found: list[psutil.Process] = []

    def is_one() -> bool:
        children = psutil.Process(app.process.pid).children(recursive=True)
        found[:] = [one for one in children if _is_ssh(one)]
        return len(found) == 1 and found[0] != but

    until(is_one, what="one ssh")
    return found[0]


def _is_ssh(process: psutil.Process) -> bool:
    try:
        return process.name() == "ssh" and not gone(process)
    except psutil.NoSuchProcess:
        return False


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill them; one may be gone with another."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def facts(home: Path, made: str) -> list[str]:
    return [event["type"] for event in call(home, "GET", f"/v1/tasks/{made}/timeline")["items"]]


def is_back(lines: list[str]) -> bool:
    return shows("kept", "running")(lines) and not shows(AWAY)(lines)


def cancels_once(app: PtyApp, home: Path, made: str) -> None:
    """Cancel the task from the screen: it is done there, once."""
    app.send(b"x")
    app.wait_screen(shows("Cancel this task?"))
    app.send(b"x")
    until(lambda: task(home, made)["status"] == "canceled", what="the task is canceled")
    app.wait_screen(shows("1 canceled"))
    told = facts(home, made)
    assert told.count("task.cancel_requested") == 1
    assert told.count("task.started") == 1
    assert told.count("task.finished") == 1


@pytest.mark.parametrize("victim", ["ssh", "sshd's child"])
def test_a_dead_end_of_the_connection_is_told_and_made_good(
    box: Sshd, own_home: Path, tmp_path: Path, victim: str
) -> None:
    with distant_dashboard() as app:
        made = waiting(own_home, tmp_path / "go")
        app.wait_screen(is_back)
        first = ssh_of(app)
        listening = psutil.Process(box.process.pid)
        listening.suspend()  # so that it is away for as long as it takes to see that
        kill([first] if victim == "ssh" else box.children())
        app.wait_screen(shows("box, not connected", AWAY))
        listening.resume()
        app.wait_screen(is_back)
        assert task(own_home, made)["status"] == "running"
        ssh_of(app, but=first)
        cancels_once(app, own_home, made)


def test_the_network_goes_and_comes_back(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        laid_cable() as cable,
        machine(own_home, tmp_path, monkeypatch, cable) as box,
        distant_dashboard() as app,
    ):
        made = waiting(own_home, tmp_path / "go")
        app.wait_screen(is_back)
        back = cut_off(box, cable)
        begun = time.monotonic()
        app.wait_screen(shows("box", AWAY), timeout_s=40)
        assert time.monotonic() - begun < 20, "about nine seconds on a machine that is not busy"
        app.send(b"x")
        app.wait_screen(shows("Cancel this task?"))
        app.send(b"x")
        app.wait_screen(lambda lines: any(REFUSAL.search(line) for line in lines))
        assert task(own_home, made)["status"] == "running", "nothing is done behind one's back"
        back()
        app.wait_screen(is_back)
        assert "task.cancel_requested" not in facts(own_home, made), "nor afterwards"
        cancels_once(app, own_home, made)


def cut_off(box: Sshd, cable: Cable | None) -> Callable[[], None]:
    """Let no byte through any more; return what ends that."""
    if cable is not None:
        cable.pull()
        return cable.plug
    silenced = box.children()
    for process in [*silenced, psutil.Process(box.process.pid)]:
        process.suspend()

    def back() -> None:
        for process in [psutil.Process(box.process.pid), *silenced]:
            process.resume()

    return back


@pytest.mark.parametrize("victim", ["ssh", "sshd's child"])
def test_a_terminal_that_ssh_gave_goes_with_its_connection_and_the_owner_goes_on(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victim: str
) -> None:
    go = tmp_path / "go"
    with sshd(tmp_path / "sshd") as box:
        monkeypatch.setenv("PATH", box.path)
        with PtyApp(["ssh", "-t", "box", "tasktui"], cols=120, rows=35) as app:
            app.wait_screen(lambda lines: "run by this screen" in lines[0])
            until(lambda: answers(own_home), what="the owner answers")
            info = read_owner(own_home)
            assert info is not None
            made = waiting(own_home, go)
            if victim == "ssh":
                app.process.send_signal(signal.SIGKILL)
            else:
                kill(box.children())
            app.wait_exit()
        owner = psutil.Process(info.pid)
        until(
            lambda: Path(f"/proc/{info.pid}/fd/0").readlink() == Path(os.devnull), what="it left its screen"
        )
        assert not gone(owner)
        assert task(own_home, made)["status"] == "running"
        with PtyApp(["ssh", "-t", "box", "tasktui"], cols=120, rows=35) as again:
            again.wait_screen(shows("kept", f"attached to {info.pid}"))
            go.touch()
            again.wait_screen(shows("1 failed"))
            ended = stored(own_home, made)
            assert (ended.exit_code, ended.run_no) == (7, 1)
            again.send(b"q")
            assert again.wait_exit() == 0
        until(lambda: gone(owner), what="without work it ends")
        end_owner(own_home)
