"""How `tasktui web` starts the dashboards of its tabs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tasktui.cli.main import call
from tasktui.cli.session import Session
from tasktui.cli.web import dashboard_command, dashboard_environ

TASKTUI = [sys.executable, "-m", "tasktui"]


def test_a_dashboard_is_attached_to_the_same_directory_with_the_same_options(tmp_path: Path) -> None:
    session = Session({"home": tmp_path, "theme": "light", "mouse": False}, readonly=True)
    options = ["--home", str(tmp_path), "--readonly", "--theme", "light", "--no-mouse"]
    assert dashboard_command(session) == [*TASKTUI, *options, "attach"]
    plain = Session({"home": tmp_path})
    assert dashboard_command(plain) == [*TASKTUI, "--home", str(tmp_path), "attach"]


def test_named_machines_are_named_to_it_and_the_directory_is_theirs() -> None:
    named = Session({}, host_names=("box", "gpu"), home_there="/srv/tasks")
    options = ["--home", "/srv/tasks", "--host", "box", "--host", "gpu"]
    assert dashboard_command(named) == [*TASKTUI, *options, "attach"]
    assert dashboard_command(Session({}, host_names=("box",))) == [*TASKTUI, "--host", "box", "attach"]


def test_with_a_machine_named_it_still_runs_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--host", "nowhere.invalid", "web", "--bind", "0.0.0.0"]) == 7
    assert "listens on this machine alone" in capsys.readouterr().err


def test_its_terminal_is_the_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    monkeypatch.setenv("TERM", "rxvt")
    environ = dashboard_environ(Session({"home": tmp_path}))
    assert "TMUX" not in environ
    assert (environ["TERM"], environ["COLORTERM"]) == ("xterm-256color", "truecolor")
    assert "LESSSECURE" not in environ
    assert dashboard_environ(Session({"home": tmp_path}, readonly=True))["LESSSECURE"] == "1"
