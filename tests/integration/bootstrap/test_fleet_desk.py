"""The real dashboard with this machine and another one in one list, over a real ssh."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.desks import dashboard, submit, task, until
from tests.sshd import machine


@pytest.mark.timeout(180)
def test_this_machine_and_one_over_ssh_are_one_list_and_leaving_ends_nothing(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there" / "home"
    config = tmp_path / "config.toml"
    far = f'{{name = "far", destination = "box", command = "tasktui --home {there}"}}'
    config.write_text(f'hosts = [{far}, "nowhere.invalid"]\n')
    with machine(there, tmp_path, monkeypatch):
        task_id = submit(there, "sleep 60", name="over there")
        until(lambda: task(there, task_id)["status"] == "running", what="it runs")
        env = {"TASKTUI_CONFIG": str(config), "PATH": os.environ["PATH"]}
        with dashboard(own_home, env=env) as app:
            app.wait_screen(
                lambda lines: any("over there" in line and " far " in line for line in lines), timeout_s=40
            )
            app.wait_screen(lambda lines: "3 hosts · 1 unreachable" in lines[0], timeout_s=40)
            app.send(b"H")
            app.wait_screen(
                lambda lines: any("no machine nowhere.invalid" in line for line in lines), timeout_s=40
            )
            app.send(b"q")
            app.wait_screen(lambda lines: "3 hosts" in lines[0] and "Hosts" not in lines[0], timeout_s=40)
            app.send(b"q")
            assert app.wait_exit(timeout_s=40) == 0
        assert task(there, task_id)["status"] == "running"
