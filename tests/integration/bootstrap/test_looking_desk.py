"""`tasktui --readonly` under a real terminal: what is stored, or the owner's tasks where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.pty import PtyApp
from tasktui.service.owner import read_owner
from tests.faults.desks import ROOT, TASKTUI, served, submit, task, tasktui, until

ENV = {"PATH": os.environ["PATH"]}


@contextmanager
def watcher(home: Path, *words: str) -> Iterator[PtyApp]:
    with PtyApp([*TASKTUI, "--home", str(home), "--readonly"], cols=140, rows=30, cwd=ROOT) as app:
        app.wait_screen(
            lambda lines: all(any(word in line for line in lines) for word in words), timeout_s=40
        )
        yield app


def says(app: PtyApp, *words: str) -> None:
    app.wait_screen(lambda lines: all(any(word in line for line in lines) for word in words), timeout_s=40)


@pytest.mark.timeout(180)
def test_a_watcher_sees_an_owner_s_tasks_and_can_do_nothing_to_them(own_home: Path) -> None:
    with served(own_home) as owner:
        made = submit(own_home, "echo here; read line", name="long one", env=ENV)
        until(lambda: task(own_home, made)["status"] == "running")
        with watcher(own_home, f"read-only, attached to {owner.pid}", "long one") as app:
            for key in (b"x", b"X", b"i", b"n", b"Q"):
                app.send(key)
                says(app, "Read-only")
            assert task(own_home, made)["cancel_requested_at"] is None
            assert task(own_home, made)["status"] == "running"
        tasktui("--home", str(own_home), "cancel", "--force", made)


@pytest.mark.timeout(180)
def test_without_an_owner_none_is_started_and_what_is_stored_is_shown(own_home: Path) -> None:
    with served(own_home):
        made = submit(own_home, "echo said so", name="from yesterday", env=ENV)
        until(lambda: task(own_home, made)["status"] == "completed")
        # its shim goes after it has told the end, and takes this along
        until(lambda: not (own_home / "tasks" / made / "ctl").exists())
    kept = {path: path.stat().st_mtime_ns for path in (own_home / "tasks").rglob("*")}
    with watcher(own_home, "nobody runs tasks", "from yesterday") as app:
        app.send(b"r")
        says(app, "Read-only")
        info = read_owner(own_home)
        assert info is None or not Path(f"/proc/{info.pid}").exists(), "nobody became the owner"
        with served(own_home) as owner:
            says(app, f"read-only, attached to {owner.pid}")
    assert {path: path.stat().st_mtime_ns for path in (own_home / "tasks").rglob("*")} == kept


def test_an_empty_place_is_left_as_it_is(own_home: Path) -> None:
    with watcher(own_home, "nothing to look at"):
        assert not own_home.exists()


@pytest.mark.parametrize(
    "words",
    [("run", "-d", "--", "true"), ("cancel", "x"), ("serve",), ("token",), ("lanes", "a", "--limit", "3")],
)
def test_commands_that_act_are_refused(own_home: Path, words: tuple[str, ...]) -> None:
    ran = tasktui("--home", str(own_home), "--readonly", *words)
    assert (ran.returncode, ran.stdout) == (7, ""), ran.stderr
    assert not own_home.exists()
