"""FAULTS 9 on the screen: the owner dies or is stopped under attached dashboards, and they work on."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from bench.pty import PtyApp
from tasktui.service.asking import answers
from tasktui.service.owner import LOCK_NAME, read_owner
from tasktui.service.presence import is_stopped
from tests.faults.desks import (
    ROOT,
    TASKTUI,
    end_owner,
    owned_by,
    served,
    shows,
    stop,
    stop_between_writes,
    submit,
    task,
    tasktui,
    until,
)

PATIENCE_S = 40
"""Ten screens share two cores with the tests beside."""
MID_TRANSACTION = Path(__file__).with_name("mid_transaction_owner.py")

pytestmark = pytest.mark.xdist_group("hostile")


@contextmanager
def screens(home: Path, count: int, owner: int) -> Iterator[list[PtyApp]]:
    """Dashboards that are attached to this owner."""
    with ExitStack() as stack:
        argv = [*TASKTUI, "--home", str(home)]
        made = [
            stack.enter_context(PtyApp(argv, cols=120, rows=35, cwd=ROOT, env={"TASKTUI_HOME": str(home)}))
            for _ in range(count)
        ]
        for screen in made:
            screen.wait_screen(shows(f"attached to {owner}"), timeout_s=PATIENCE_S)
        yield made


def waiting(home: Path, go: Path, ran: Path, name: str) -> str:
    command = f"echo ran >> {ran}; until [ -e {go} ]; do sleep 0.05; done; exit 7"
    made = submit(home, command, name=name)
    until(ran.exists, what="the task runs")
    return made


def next_owner(home: Path, former: int) -> int:
    """Return the process that owns the directory once it is another."""
    until(lambda: not owned_by(home, former) and answers(home), PATIENCE_S, "another owner answers")
    info = read_owner(home)
    assert info is not None
    return info.pid


def owners(home: Path) -> list[tuple[str, int]]:
    """Return who began to own the directory, as the log has it."""
    with closing(sqlite3.connect(f"file:{home / 'tasktui.db'}?mode=ro", uri=True)) as connection:
        query = (
            "SELECT type, json_extract(data, '$.epoch') FROM events WHERE type LIKE 'owner.%' ORDER BY gid"
        )
        return list(connection.execute(query))


def last_fact(home: Path) -> int:
    with closing(sqlite3.connect(f"file:{home / 'tasktui.db'}?mode=ro", uri=True)) as connection:
        (gid,) = connection.execute("SELECT max(gid) FROM events").fetchone()
    return int(gid)


@pytest.mark.timeout(150)
def test_ten_screens_come_back_to_one_new_owner(own_home: Path, tmp_path: Path) -> None:
    go, ran = tmp_path / "go", tmp_path / "ran"
    with served(own_home) as first:
        kept = waiting(own_home, go, ran, "kept")
        with screens(own_home, 10, first.pid) as ten:
            marks = [screen.mark() for screen in ten]
            first.kill()
            first.wait(timeout=10)
            owner = next_owner(own_home, first.pid)
            for screen in ten:
                screen.wait_screen(shows(f"attached to {owner}", "1 running", "kept"), timeout_s=PATIENCE_S)
            # by what was written, for a toast goes while others are looked at; no word of it is torn
            for screen, mark in zip(ten, marks, strict=True):
                screen.wait_for(b"gone;", PATIENCE_S, since=mark)
                assert sum("gone;" in line for line in screen.screen()) <= 1, "said once"
            assert [epoch for _, epoch in owners(own_home)] == [1, 2], "no other wrote"
            go.touch()
            for screen in ten:
                screen.wait_screen(shows("0 running", "1 failed"), timeout_s=PATIENCE_S)
            until(lambda: owned_by(own_home, owner))
            assert {screen.process.poll() for screen in ten} == {None}
            row = task(own_home, kept)
            assert (row["exit_code"], row["run_no"], ran.read_text()) == (7, 1, "ran\n")


def test_a_screen_says_that_its_owner_is_stopped_and_has_it_replaced(own_home: Path, tmp_path: Path) -> None:
    go, ran = tmp_path / "go", tmp_path / "ran"
    with served(own_home) as stopped:
        kept = waiting(own_home, go, ran, "kept")
        with screens(own_home, 1, stopped.pid) as (screen,):
            stop_between_writes(own_home, stopped.pid)
            screen.wait_screen(shows("is stopped", f"kill -CONT {stopped.pid}"), timeout_s=PATIENCE_S)
            owner = next_owner(own_home, stopped.pid)
            screen.wait_screen(shows(f"attached to {owner}", "1 running"), timeout_s=PATIENCE_S)
            seen = last_fact(own_home)
            stopped.send_signal(signal.SIGCONT)
            assert stopped.wait(timeout=PATIENCE_S) == 6, "it ends by itself"
            assert last_fact(own_home) == seen, "and writes nothing"
            until(lambda: owned_by(own_home, owner))
            go.touch()
            screen.wait_screen(shows("1 failed"), timeout_s=PATIENCE_S)
            assert (task(own_home, kept)["exit_code"], ran.read_text()) == (7, "ran\n")


def test_one_stopped_in_the_middle_of_a_transaction_is_replaced(own_home: Path) -> None:
    """It has the database for as long as it stands, so it is ended."""
    argv = [sys.executable, str(MID_TRANSACTION), str(own_home)]
    holder = subprocess.Popen(argv, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"in the middle\n"
        stop(holder.pid)
        with served(own_home, "--take-over") as new:
            until(lambda: owned_by(own_home, new.pid))
            assert holder.wait(timeout=PATIENCE_S) == -signal.SIGKILL
            assert submit(own_home, "true")
    finally:
        holder.kill()
        holder.communicate(timeout=10)
        end_owner(own_home)


def test_a_stranger_is_not_ended_for_the_number_in_a_lock_that_nobody_holds(own_home: Path) -> None:
    with served(own_home):
        pass
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        told = {"pid": stranger.pid, "epoch": 1, "socket": str(own_home / "tasktui.sock"), "version": "1"}
        (own_home / LOCK_NAME).write_text(json.dumps(told))
        stop(stranger.pid)
        with closing(sqlite3.connect(own_home / "tasktui.db", isolation_level=None)) as busy:
            busy.execute("BEGIN EXCLUSIVE")
            ran = tasktui("--home", str(own_home), "serve", "--take-over")
            busy.execute("ROLLBACK")
        assert ran.returncode not in {0, None}, "somebody has the database"
        assert stranger.poll() is None
        assert is_stopped(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait(timeout=10)
