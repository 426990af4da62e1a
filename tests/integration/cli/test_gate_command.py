"""`tasktui gate`: a check with its verdict as the exit code."""

from __future__ import annotations

import pytest

from tests.integration.cli.conftest import Shell


@pytest.mark.feature(68)
def test_a_gate_exits_with_its_verdict_and_is_shown(shell: Shell) -> None:
    (task,) = shell.objects("run", "-d", "--json", "--", "true")
    assert shell("wait", task["id"]).returncode == 0
    good = shell("gate", task["id"], "--name", "test", "--", "sh", "-c", "echo fine")
    assert (good.returncode, good.stdout.startswith("test passed: fine, log ")) == (0, True)
    assert shell("gate", task["id"], "--", "false").returncode == 1
    assert shell("gate", task["id"], "--timeout", "1s", "--", "sleep", "60").returncode == 124
    assert shell("gate", task["id"], "--timeout", "1h", "--", "true").returncode == 2
    assert shell("gate", task["id"]).returncode == 2
    (shown,) = shell.objects("show", task["id"], "--json")
    assert sorted(gate["status"] for gate in shown["gates"]) == ["failed", "passed", "timeout"]


@pytest.mark.feature(130)
def test_an_attempt_that_is_not_there_is_said_so(shell: Shell) -> None:
    (task,) = shell.objects("run", "-d", "--json", "--", "true")
    assert shell("gate", task["id"], "--attempt", "none").returncode == 3
