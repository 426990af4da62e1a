"""`tasktui doctor` sees what is wrong, and says what to do about it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from tasktui.cli.checks import leftovers
from tasktui.cli.checks.finding import Finding
from tasktui.cli.session import Session
from tests.faults.desks import until

if TYPE_CHECKING:
    from pathlib import Path

    from tasktui.executors.run_files import RunHead
    from tests.integration.cli.conftest import Shell

PATIENCE_S = 25


def findings(shell: Shell, exits: int = 0) -> dict[str, tuple[str, str]]:
    ran = shell("doctor", "--json")
    assert (ran.returncode, ran.stderr) == (exits, "")
    lines = map(json.loads, ran.stdout.splitlines())
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        # of several about one thing the worst
        if line["what"] not in found or line["level"] in {"warn", "bad"}:
            found[line["what"]] = (line["level"], f"{line['says']} {line['todo']}".strip())
    return found


def test_a_healthy_directory_is_fine(fresh: Shell) -> None:
    fresh.submit("true")
    found = findings(fresh)
    assert {what for what, (level, _) in found.items() if level == "bad"} == set()
    assert found["data"] == ("ok", f"{fresh.home} (0700)")
    assert found["socket"][1].endswith("(0600)")
    assert {"sqlite", "agents", "processes", "temporary", "logout"} <= found.keys()
    assert f"process {fresh.owner}" in found["owner"][1]
    assert found["owner"][1].endswith("answers")
    assert found["database"][1].startswith("1 task, ")


def test_nothing_there_is_no_fault_and_nothing_is_made(fresh: Shell) -> None:
    assert findings(fresh)["data"][0] == "note"
    assert not fresh.home.exists()


def test_a_directory_that_others_may_read_is_one(fresh: Shell) -> None:
    fresh.home.mkdir()
    fresh.home.chmod(0o755)
    level, says = findings(fresh, exits=1)["data"]
    assert level == "bad"
    assert f"chmod 700 {fresh.home}" in says
    fresh.home.chmod(0o700)


def test_a_stopped_owner_and_a_dead_one(fresh: Shell) -> None:
    fresh.submit("true")
    assert fresh.owner is not None
    owner = psutil.Process(fresh.owner)
    owner.suspend()
    try:
        assert f"kill -CONT {owner.pid}" in findings(fresh, exits=1)["owner"][1]
    finally:
        owner.resume()
    owner.kill()
    psutil.wait_procs([owner], timeout=PATIENCE_S)
    level, says = findings(fresh)["owner"]
    assert (level, "has died" in says) == ("warn", True)


def test_what_a_task_left_running_is_found(fresh: Shell) -> None:
    left = subprocess.Popen(
        ["sleep", "60"], env={**os.environ, "TASKTUI_HOME": str(fresh.home), "TASKTUI_MARK": "left-behind"}
    )
    strange = subprocess.Popen(
        ["sleep", "60"], env={**os.environ, "TASKTUI_HOME": "/another", "TASKTUI_MARK": "another"}
    )
    try:
        level, says = findings(fresh)["leftovers"]
    finally:
        for process in (left, strange):
            process.kill()
            process.wait(PATIENCE_S)
    assert level == "warn"
    assert str(left.pid) in says.split("End")[0]
    assert str(strange.pid) not in says.split("End")[0]


def test_a_running_task_is_no_leftover(fresh: Shell) -> None:
    task = fresh.submit("sleep", "60")
    fresh.running(task)
    assert findings(fresh)["leftovers"] == ("ok", "none; 1 tasks run")


def test_a_task_that_begins_while_it_looks_is_no_leftover(
    fresh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, begun = leftovers._running, list[subprocess.Popen[bytes]]()

    def slowly(home: Path) -> list[RunHead]:
        heads = running(home)
        mark = {"TASKTUI_HOME": str(fresh.home), "TASKTUI_MARK": "just-begun"}
        begun.append(subprocess.Popen(["sleep", "60"], env=os.environ | mark))
        return heads

    monkeypatch.setattr(leftovers, "_running", slowly)
    try:
        found = [one for one in leftovers.look(Session({"home": fresh.home})) if one.what == "leftovers"]
    finally:
        for process in begun:
            process.kill()
            process.wait(PATIENCE_S)
    assert (len(begun), [one.level for one in found]) == (1, ["ok"])


def test_a_supervisor_of_which_nothing_is_stored_is_found(fresh: Shell) -> None:
    task = fresh.submit("sleep", "60")
    fresh.running(task)
    assert fresh.owner is not None
    owner = psutil.Process(fresh.owner)
    shim = psutil.Process(json.loads((fresh.home / "tasks" / task / "run.json").read_bytes())["shim"])
    owner.kill()
    psutil.wait_procs([owner], timeout=PATIENCE_S)
    for path in fresh.home.glob("tasktui.db*"):
        path.unlink()
    try:
        level, says = findings(fresh)["leftovers"]
        assert level == "warn"
        assert f"Process {shim.pid} supervises {task}, but no such task is stored" in says
        assert f"kill {shim.pid}" in says
    finally:
        # a shim ends by itself once its last process is gone
        for process in (*shim.children(recursive=True), shim):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def rested(shell: Shell) -> bool:
    """Whether the owner has written nothing for half a second."""
    return time.time() - (shell.home / "tasktui.db-wal").stat().st_mtime > 0.5


def test_an_owner_whose_epoch_is_over_is_fenced(fresh: Shell) -> None:
    fresh.submit("true", options=("--hold",))
    # one that writes after that finds out by itself, and lets go
    until(lambda: rested(fresh), what="the owner has nothing to write")
    with closing(sqlite3.connect(fresh.home / "tasktui.db")) as connection, connection:
        connection.execute("UPDATE state SET epoch = epoch + 1")
    level, says = findings(fresh, exits=1)["owner"]
    assert (level, "is fenced" in says, f"kill {fresh.owner}" in says) == ("bad", True, True)


def test_few_descriptors_are_said_with_the_way_to_more(fresh: Shell) -> None:
    argv = [sys.executable, "-m", "tasktui", "doctor", "--json"]
    ran = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -n 256; exec "$@"', "-", *argv], capture_output=True, text=True, check=True,
        env=os.environ | {"TASKTUI_HOME": str(fresh.home)}, timeout=PATIENCE_S,
    )  # fmt: skip
    (files,) = [one for line in ran.stdout.splitlines() if (one := json.loads(line))["what"] == "files"]
    assert (files["level"], "256" in files["says"], "LimitNOFILE=" in files["todo"]) == ("warn", True, True)


def test_what_is_wrong_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="what is to be done"):
        Finding("bad", "owner", "does not answer")
