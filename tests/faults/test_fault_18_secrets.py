"""FAULTS 18, as far as it exists: a secret of the environment is in no argv, log, answer or lasting file."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import psutil
import pytest

from tasktui.service.asking import call
from tests.faults.desks import dashboard, served, submit, task, tasktui, until

pytestmark = pytest.mark.timeout(150)


def holders(folder: Path, secret: str) -> list[str]:
    """The files below a folder in which the secret stands."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if _holds(path, secret.encode())
    )


def _holds(path: Path, secret: bytes) -> bool:
    try:
        return path.is_file() and secret in path.read_bytes()
    except FileNotFoundError:  # it went meanwhile
        return False


def shown_to_all(secret: str) -> list[int]:
    """The processes on whose command line it stands."""
    found = []
    for process in psutil.process_iter():
        try:
            if secret in " ".join(process.cmdline()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:  # it has ended
        return "sh"


def answers_about(home: Path, made: str) -> str:
    """Everything that the owner tells about a task and the whole."""
    paths = [
        f"/v1/tasks/{made}{rest}" for rest in ("", "/detail", "/timeline", "/output", "/tools", "/artifacts")
    ]
    told = [call(home, "GET", path) for path in [*paths, "/v1/stats"]]
    return json.dumps(told, default=str)


@pytest.mark.feature(153)
def test_the_environment_of_a_task(own_home: Path, tmp_path: Path) -> None:
    given, inherited = secrets.token_hex(16), secrets.token_hex(16)
    go = tmp_path / "go"
    with served(own_home):
        script = f"until [ -e {go} ]; do sleep 0.05; done; echo ${{#TOKEN}} ${{#API_KEY}}"
        env = {"API_KEY": inherited, "TASKTUI_HOME": str(own_home), "TOKEN": given}
        ran = tasktui("run", "-d", "--env-from", "TOKEN", "--", "sh", "-c", script, env=env)
        assert ran.returncode == 0, ran.stderr
        made = ran.stdout.strip()
        until(lambda: task(own_home, made)["status"] == "running")
        for secret in (given, inherited):
            assert shown_to_all(secret) == []
            assert holders(own_home, secret) in ([], [f"tasks/{made}/env"])
            assert secret not in answers_about(own_home, made)
        private = own_home / "tasks" / made / "env"
        assert not private.exists() or private.stat().st_mode & 0o777 == 0o600
        go.touch()
        until(lambda: task(own_home, made)["status"] == "completed")
        assert b"32 32" in (own_home / "tasks" / made / "out.log").read_bytes(), "the task has them"
        until(lambda: holders(own_home, given) + holders(own_home, inherited) == [])
        for secret in (given, inherited):
            assert secret not in answers_about(own_home, made)
            assert secret not in (own_home.parent / "serve.log").read_text()


def test_the_environment_of_the_one_who_opened_the_dashboard(own_home: Path) -> None:
    secret = secrets.token_hex(16)
    with dashboard(own_home, env={"GITHUB_TOKEN": secret}) as app:
        made = submit(own_home, "echo done", name="other", env={"PATH": os.environ["PATH"]})
        until(lambda: task(own_home, made)["status"] == "completed")
        assert secret.encode() not in app.bytes_since()
        assert holders(own_home, secret) == []
        assert shown_to_all(secret) == []


def test_a_prompt_given_to_the_command_line_is_only_on_the_command_that_gave_it(own_home: Path) -> None:
    word = secrets.token_hex(16)
    with served(own_home):
        made = submit(own_home, f"sleep 300 # {word}", name=word)
        until(lambda: task(own_home, made)["status"] == "running")
        ours = [pid for pid in shown_to_all(word) if _name(pid) not in {"sh", "sleep", "dash"}]
        assert ours == [], "neither the owner nor a supervisor shows it"
        call(own_home, "POST", f"/v1/tasks/{made}/cancel", {"force": True})
        until(lambda: task(own_home, made)["status"] == "canceled")
