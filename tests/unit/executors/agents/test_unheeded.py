"""What is told of an agent before it begins: what it lacks, and which wishes it does not heed."""

from __future__ import annotations

from typing import Any

import pytest

from tasktui.domain.events.lifecycle import TaskStatus, TaskWarning
from tasktui.executors.agents.codex.exec import argv as exec_argv
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tasktui.executors.agents.unheeded import told_before


def warnings(preset: str, **more: Any) -> list[str]:
    facts = told_before(Start(shipped()[preset], "x", "/", **more))
    return [fact.message for fact in facts if isinstance(fact, TaskWarning)]


@pytest.mark.parametrize("preset", sorted(shipped()))
def test_usual_wishes_are_heeded(preset: str) -> None:
    rules = Rules("deny") if preset == "codex-exec" else Rules()
    assert warnings(preset, rules=rules, mode="agent") == []


@pytest.mark.parametrize("preset", ["gemini", "opencode", "qwen", "vibe", "claude-acp", "codex-acp"])
def test_an_agent_of_the_protocol_keeps_its_own_servers(preset: str) -> None:
    (told,) = warnings(preset, mcp=False)
    assert told.startswith(f"{shipped()[preset].title} starts the MCP servers of its own settings")


@pytest.mark.parametrize("preset", ["claude", "qwen-stream", "codex", "codex-exec", "llm"])
def test_the_others_do_without(preset: str) -> None:
    assert not any("MCP" in told for told in warnings(preset, mcp=False))
    if preset == "codex-exec":
        assert "mcp_servers={}" in exec_argv(Start(shipped()[preset], "x", "/", mcp=False))


def test_one_that_asks_nobody_says_so() -> None:
    told = warnings("codex-exec", rules=Rules("ask", allowed=("shell",)), mode="dreamy")
    assert [text.removeprefix("Codex (exec) ") for text in told] == [
        "asks nobody: its sandbox decides what it may do.",
        "knows no patterns of tools: its sandbox decides what it may do.",
        "has no mode dreamy: it works as usual.",
    ]
    assert warnings("codex", mode="dreamy") == ["Codex has no mode dreamy: it works as usual."]
    assert warnings("llm", mode="plan") == ["Model by API key has no mode plan: it works as usual."]


def test_what_an_agent_lacks_is_a_line_of_its_task() -> None:
    facts = list(told_before(Start(shipped()["vibe"], "x", "/")))
    assert facts == [TaskStatus(message="Mistral Vibe has no mode in which it only plans.")]
    assert list(told_before(Start(shipped()["claude"], "x", "/"))) == []
