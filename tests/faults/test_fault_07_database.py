"""FAULTS 7: a newer database is read, a broken one rebuilt, by the real commands and the real dashboard."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.pty import PtyApp
from tests.faults.desks import ROOT, TASKTUI, end_owner, served, shows, submit, task, tasktui, text, until

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
def used(own_home: Path) -> Path:
    """A data directory in which tasks ended, without an owner now."""
    with served(own_home):
        for code in (0, 3):
            made = submit(own_home, f"echo said; exit {code}", name=f"ended {code}")
            ended(own_home, made)
    return own_home


def ended(home: Path, made: str) -> None:
    until(lambda: task(home, made).get("exit_code") is not None)


def newer(home: Path) -> None:
    with sqlite3.connect(home / "tasktui.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def garbled(home: Path) -> bytes:
    path = home / "tasktui.db"
    for beside in home.glob("tasktui.db-*"):
        beside.unlink()
    path.write_bytes(b"no database at all\n" * 4000)
    return path.read_bytes()


def test_a_newer_database_is_listed_with_a_sentence(used: Path) -> None:
    newer(used)
    for words in (["ls"], ["show", "task_"], ["search", "said"]):
        read = tasktui("--home", str(used), *words)
        assert "newer tasktui" in read.stderr, words
        assert "Traceback" not in read.stderr
    listed = tasktui("--home", str(used), "ls")
    assert listed.returncode == 0
    assert "ended 3" in listed.stdout
    assert not list(used.glob("*corrupt*"))


def test_a_newer_database_on_the_dashboard(used: Path) -> None:
    newer(used)
    argv: Sequence[str] = [*TASKTUI, "--home", str(used)]
    try:
        with PtyApp(argv, cols=120, rows=35, cwd=ROOT) as app:
            app.wait_screen(shows("ended 0", "ended 3"))
            app.wait_screen(shows("newer tasktui"))
            app.send(b"j")
            app.wait_quiet()
            assert app.process.poll() is None, text(app)
    finally:
        end_owner(used)
    assert not list(used.glob("*corrupt*"))


@pytest.mark.feature(100)
def test_nothing_is_changed_in_a_newer_database(used: Path) -> None:
    newer(used)
    before = (used / "tasktui.db").read_bytes()
    refused = tasktui("--home", str(used), "run", "-d", "--", "true")
    end_owner(used)
    assert refused.returncode != 0
    assert "newer tasktui" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (used / "tasktui.db").read_bytes() == before


@pytest.mark.feature(97)
def test_a_broken_database_is_moved_aside_and_rebuilt_by_the_next_owner(used: Path) -> None:
    before = garbled(used)
    with served(used):
        listed = tasktui("--home", str(used), "ls")
        assert {"ended 0", "ended 3"} <= {word for word in ("ended 0", "ended 3") if word in listed.stdout}
        new = submit(used, "exit 4")
        until(lambda: task(used, new).get("exit_code") == 4)
    (aside,) = used.glob("*corrupt*")
    assert aside.read_bytes() == before
