"""FAULTS 9 with the real owners: one of ten, a quick successor for who is attached, a stopped one fenced."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tasktui.domain.errors import OwnerError
from tasktui.domain.query import EVERYTHING
from tasktui.service.asking import answers
from tasktui.service.client import RemoteManager
from tasktui.service.owner import read_owner
from tasktui.service.starting import start_owner
from tests.faults.desks import (
    PATIENCE_S,
    dashboard,
    end,
    end_owner,
    owned_by,
    serve,
    served,
    shows,
    stop_between_writes,
    task,
    tasktui,
    until,
    waiting,
)


def owner_pid(home: Path) -> int:
    info = read_owner(home)
    return info.pid if info is not None and answers(home) else 0


def epoch_of(home: Path) -> int:
    with sqlite3.connect(f"file:{home / 'tasktui.db'}?mode=ro", uri=True) as connection:
        (epoch,) = connection.execute("SELECT epoch FROM state").fetchone()
    connection.close()
    return int(epoch)


@pytest.mark.timeout(180)
def test_of_ten_started_at_once_one_owns(own_home: Path) -> None:
    ten = [serve(own_home) for _ in range(10)]
    try:
        until(lambda: sum(process.poll() is not None for process in ten) == 9, within_s=120)
        (last,) = [process for process in ten if process.poll() is None]
        until(lambda: owned_by(own_home, last.pid))
        assert epoch_of(own_home) == 1, "no other wrote"
        assert {process.returncode for process in ten} == {None, 6}
    finally:
        for process in ten:
            end(process)


async def test_who_is_attached_works_on_when_the_owner_is_killed(own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    begun = time.monotonic()
    with served(own_home) as first:
        start_s = time.monotonic() - begun
        made = waiting(own_home, go)
        remote = RemoteManager(own_home, revive=lambda: start_owner(own_home, wait_s=PATIENCE_S))
        assert (await remote.get(made)).row.title == "kept"
        first.kill()
        first.wait(timeout=10)
        begun = time.monotonic()
        async with asyncio.timeout(60):
            while True:
                try:
                    assert (await remote.get(made)).row.status == "running"
                    break
                except OwnerError:
                    await asyncio.sleep(0.05)
        gap = time.monotonic() - begun
        assert gap < 3 + 4 * start_s, "about as long as an owner takes to start on this machine now"
        until(lambda: owner_pid(own_home) not in {0, first.pid})
        go.touch()
        row = await remote.wait(made, timeout_s=30)
        assert (row.exit_code, row.run_no) == (7, 1), "the shim was taken over"
        await remote.close()


def test_a_stopped_owner_is_told_of_within_three_seconds_and_replaced(own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with served(own_home) as stopped:
        made = waiting(own_home, go)
        begun = time.monotonic()
        tasktui("--home", str(own_home), "show", made)
        command_s = time.monotonic() - begun
        stop_between_writes(own_home, stopped.pid)
        begun = time.monotonic()
        told = tasktui("--home", str(own_home), "cancel", made)
        took_s = time.monotonic() - begun
        assert told.returncode == 6
        assert f"{stopped.pid}" in told.stderr
        assert took_s < 3 + 1 + 4 * command_s, "and the time that a command takes here now"
        with served(own_home, "--take-over") as new:
            assert epoch_of(own_home) == 2
            seen = last_fact(own_home)
            stopped.send_signal(signal.SIGCONT)
            assert stopped.wait(timeout=50) == 6, "it ends by itself"
            until(lambda: owned_by(own_home, new.pid))
            assert [fact for fact in facts_after(own_home, seen) if fact != "task.recovered"] == []
            go.touch()
            until(lambda: task(own_home, made).get("exit_code") == 7)
            assert task(own_home, made)["run_no"] == 1


def last_fact(home: Path) -> int:
    with sqlite3.connect(f"file:{home / 'tasktui.db'}?mode=ro", uri=True) as connection:
        (gid,) = connection.execute("SELECT max(gid) FROM events").fetchone()
    connection.close()
    return int(gid)


def facts_after(home: Path, gid: int) -> list[str]:
    with sqlite3.connect(f"file:{home / 'tasktui.db'}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT type FROM events WHERE gid > ?", (gid,)).fetchall()
    connection.close()
    return [name for (name,) in rows]


async def test_a_stopped_dashboard_is_replaced_under_an_attached_one(own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with dashboard(own_home) as app:
        made = waiting(own_home, go)
        stop_between_writes(own_home, app.process.pid)
        remote = RemoteManager(own_home)
        with pytest.raises(OwnerError, match=str(app.process.pid)):
            await remote.page(EVERYTHING)
        with served(own_home, "--take-over"):
            assert (await remote.get(made)).row.status == "running"
            os.kill(app.process.pid, signal.SIGCONT)
            app.wait_screen(shows("attached to"))
            go.touch()
            row = await remote.wait(made, timeout_s=30)
            assert (row.exit_code, row.run_no) == (7, 1)
            app.wait_screen(shows("1 failed"))
            app.send(b"q")
            app.wait_exit()
        await remote.close()
    end_owner(own_home)
