"""FAULTS 21: a widget that fails ends neither manager nor tasks; the screen says so and starts over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.pty import PtyApp
from tasktui.service.asking import answers
from tests.faults.desks import ROOT, end_owner, shows, submit, task, tasktui, text, until, waiting

pytestmark = pytest.mark.xdist_group("hostile")
PROGRAM = Path(__file__).parent / "broken_screen.py"


@contextmanager
def broken(home: Path, times: str) -> Iterator[PtyApp]:
    """A dashboard whose list fails to draw `boom`."""
    try:
        argv = [sys.executable, str(PROGRAM), times, "--home", str(home)]
        with PtyApp(argv, cols=120, rows=35, cwd=ROOT) as app:
            until(lambda: answers(home), what="the owner answers")
            yield app
    finally:
        end_owner(home)


def test_a_widget_that_fails_once(own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with broken(own_home, "once") as app:
        kept = waiting(own_home, go, "kept")
        app.wait_screen(shows("kept"))
        submit(own_home, f"until [ -e {go} ]; do sleep 0.05; done; exit 7", name="boom")
        # at once, for it is said for a while only
        app.wait_screen(shows("The screen failed", "ZeroDivisionError"))
        app.wait_screen(shows("boom", "kept", "2 running"))
        assert task(own_home, kept)["status"] == "running"
        app.send(b"?")
        app.wait_screen(shows("Keys in"))
        app.send(b"\x1b")
        go.touch()
        app.wait_screen(shows("2 failed"))
        assert task(own_home, kept)["exit_code"] == 7


def test_a_widget_that_fails_every_time(own_home: Path, tmp_path: Path) -> None:
    """Then the screen ends and says why; the work goes on."""
    go = tmp_path / "go"
    with broken(own_home, "always") as app:
        kept = waiting(own_home, go, "kept")
        waiting(own_home, go, "boom")
        assert app.wait_exit(50) == 1, "a script sees that nobody left by hand"
        assert b"Your tasks are not touched" in app.bytes_since()
        assert b"ZeroDivisionError" in app.bytes_since(), text(app)
        shown = tasktui("--home", str(own_home), "show", kept, "--json")
        assert '"running"' in shown.stdout
        go.touch()
        waited = tasktui("--home", str(own_home), "wait", kept)
        assert waited.returncode == 1, waited.stderr
        assert task(own_home, kept)["exit_code"] == 7
