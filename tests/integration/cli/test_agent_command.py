"""`tasktui agent` as a person types it: what it says when the agent asks, and when the owner knows it not."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from tests.integration.cli.conftest import PATIENCE_S, Shell

OWN = f"""
[agents.mine]
protocol = "acp"
argv = {json.dumps([sys.executable, "-m", "tasktui.cli.demo.agent"])}
intervene = "steer"
resume = "none"
"""


def settings(at: Path) -> dict[str, str]:
    """The environment of commands that know the agent `mine`."""
    file = at / "config.toml"
    file.write_text(OWN)
    return {"TASKTUI_CONFIG": str(file), "DEMO_PACE": "0"}


def test_a_question_of_an_agent_ends_before_the_way_to_answer_it(
    fresh: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings(tmp_path).items():
        monkeypatch.setenv(name, value)
    follower = fresh.start("agent", "mine", "repair it")
    assert follower.stderr is not None
    try:
        line = next(line for line in follower.stderr if "It asks: " in line)
    finally:
        follower.send_signal(signal.SIGINT)
        follower.communicate(timeout=PATIENCE_S)
    assert "Leave it to me. Answer with: tasktui approve task_" in line


def test_an_agent_that_is_newer_than_the_owner_is_told_with_what_to_do(fresh: Shell, tmp_path: Path) -> None:
    fresh.submit("true")
    env = settings(tmp_path)
    ran = fresh("agent", "mine", "repair it", **env)
    assert ran.returncode == 2
    assert f"The settings name it now, but the owner read them when it began. Say kill {fresh.owner}," in (
        ran.stderr
    )
    unknown = fresh("agent", "nobody", "repair it", **env)
    assert "the owner read them" not in unknown.stderr
    again = fresh("agent", "mine", "go on", "--resume", "s-1", **env)
    assert again.returncode == 2


def test_what_keeps_an_agent_from_working_is_one_line(fresh: Shell) -> None:
    bare = {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "", "LLM_KEY_ENV": "", "LLM_BASE_URL": ""}
    ran = fresh("agent", "llm", "tidy", "--model", "anthropic:some-model", **bare)
    assert ran.returncode == 1
    assert "set the variable ANTHROPIC_API_KEY. Model by API key is not logged in." in ran.stderr


def test_a_second_owner_is_told_who_is_the_first(fresh: Shell) -> None:
    fresh.submit("true")
    ran = fresh("serve")
    assert ran.returncode == 6
    assert f"Process {fresh.owner} owns {fresh.home} already." in ran.stderr
    assert f"kill {fresh.owner}" in ran.stderr
