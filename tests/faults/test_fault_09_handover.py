"""FAULTS 9, in order: an owner that is asked to leave hands over; what happens before the next is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tasktui.bootstrap.headless import AlreadyOwnedError
from tasktui.domain.errors import OwnerError
from tasktui.service.asking import answers, call
from tasktui.service.owner import read_owner
from tasktui.service.starting import start_owner
from tests.faults.desks import PATIENCE_S, served, submit, task, tasktui, until

ASKING = (
    "until [ -e GO ]; do sleep 0.05; done; "
    """echo '{"type":"input.requested","data":{"request_id":"q1","question":"Go on?"}}' """
    ">> $TASKTUI_EVENTS; touch ASKED; until grep -qs q1 $TASKTUI_INBOX; do sleep 0.05; done; exit 5"
)


def leave(owner: subprocess.Popen[bytes]) -> None:
    owner.send_signal(signal.SIGTERM)
    assert owner.wait(timeout=50) == 0


def reached(home: Path, task_id: str, **fields: Any) -> None:
    until(lambda: fields.items() <= task(home, task_id).items(), what=f"{task_id}: {fields}")


def test_what_happens_between_two_owners_is_kept(own_home: Path, tmp_path: Path) -> None:
    go, end, asked, ran = (tmp_path / name for name in ("go", "end", "asked", "ran"))
    with served(own_home, env={"TASKTUI_LANES": "one=1"}) as first:
        line = f"echo ran >> {ran}; "
        ends = submit(own_home, f"{line}until [ -e {go} ]; do sleep 0.05; done; exit 7")
        asks = submit(own_home, ASKING.replace("GO", str(go)).replace("ASKED", str(asked)))
        stays = submit(own_home, f"until [ -e {end} ]; do sleep 0.05; done; exit 3", lane="one")
        waits = submit(own_home, "exit 4", lane="one")
        for running in (ends, asks, stays):
            reached(own_home, running, status="running")
        until(ran.exists)
        leave(first)
        assert read_owner(own_home) is None
        go.touch()
        status = own_home / "tasks" / ends / "status.json"
        until(lambda: status.exists() and asked.exists(), what="an end and a question without an owner")
        with served(own_home, env={"TASKTUI_LANES": "one=1"}):
            reached(own_home, ends, status="failed", exit_code=7, run_no=1)
            reached(own_home, asks, status="running", attention="input")
            assert task(own_home, stays)["status"] == "running"
            assert task(own_home, waits)["status"] == "queued"
            call(own_home, "POST", f"/v1/tasks/{asks}/answer", {"text": "yes"})
            end.touch()
            reached(own_home, asks, exit_code=5, run_no=1)
            reached(own_home, stays, exit_code=3, run_no=1)
            reached(own_home, waits, exit_code=4, run_no=1)
            assert ran.read_text() == "ran\n"


def submitted(home: Path, command: str) -> str:
    """Submit a task to an owner in the background, which ends if nobody asks for a second."""
    while True:
        start_owner(home, wait_s=PATIENCE_S)
        with suppress(OwnerError):
            return submit(home, command)


def test_an_owner_in_the_background_stays_while_there_is_work_and_ends_when_there_is_none(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    monkeypatch.setenv("TASKTUI_IDLE_EXIT_S", "1")
    made = submitted(own_home, f"until [ -e {go} ]; do sleep 0.05; done")
    info = read_owner(own_home)
    assert info is not None
    beyond = time.monotonic() + 3
    until(lambda: time.monotonic() > beyond)
    assert task(own_home, made)["status"] == "running"
    go.touch()
    until(lambda: os.waitpid(info.pid, os.WNOHANG)[0] == info.pid, what="it ends by itself")
    assert read_owner(own_home) is None
    assert not answers(own_home)
    assert tasktui("--home", str(own_home), "wait", made).returncode == 0


def test_one_that_came_too_late_leaves_and_says_so_only_where_nobody_waits_for_it(own_home: Path) -> None:
    with served(own_home) as first:
        late = tasktui("--home", str(own_home), "serve")
        assert late.returncode == AlreadyOwnedError.exit_code
        assert "owns" in late.stderr
        quiet = tasktui("serve", "--background", env={"TASKTUI_HOME": str(own_home)})
        assert (quiet.returncode, quiet.stderr) == (0, "")
        assert first.poll() is None
