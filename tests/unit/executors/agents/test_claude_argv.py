"""How Claude Code and Qwen Code are started, and the diffs that their calls and those of others show."""

from __future__ import annotations

from typing import Any

import pytest

from tasktui.executors.agents import diffs
from tasktui.executors.agents.claude.argv import claude_argv, qwen_argv
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start

CLAUDE = (
    "claude -p --output-format stream-json --input-format stream-json --verbose --include-partial-messages "
    "--replay-user-messages --permission-prompt-tool stdio"
)
QWEN = "qwen --output-format stream-json --input-format stream-json --include-partial-messages --channel=SDK"
ASKS = "--approval-mode=default"
CLAUDE_ASKS = "--permission-mode=default"
"""Said always: the person's own settings may name a mode that lets calls pass."""


def claude(**more: Any) -> str:
    return " ".join(claude_argv(Start(shipped()["claude"], "a secret prompt", "/srv", **more)))


def qwen(**more: Any) -> str:
    return " ".join(qwen_argv(Start(shipped()["qwen-stream"], "a secret prompt", "/srv", **more)))


def test_the_prompt_and_its_files_are_in_no_command_line() -> None:
    assert claude(attachments=("/a.txt",)) == f"{CLAUDE} {CLAUDE_ASKS}"
    assert qwen(attachments=("/a.txt",)) == f"{QWEN} {ASKS}"


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ({"model": "-big"}, f"--model=-big {CLAUDE_ASKS}"),
        ({"mode": "plan"}, "--permission-mode=plan"),
        ({"mode": "acceptEdits"}, "--permission-mode=acceptEdits"),
        (
            {"session_id": "--dangerously-skip-permissions"},
            f"{CLAUDE_ASKS} --resume=--dangerously-skip-permissions",
        ),
        ({"mcp": False}, f"{CLAUDE_ASKS} --strict-mcp-config"),
        (
            {"rules": Rules(allowed=("Read", "mcp__x", "Bash(git *)", "Web*"))},
            f"{CLAUDE_ASKS} --allowedTools=Read,mcp__x",
        ),
        (
            {"rules": Rules(disallowed=("Write", "Bash(rm *)"))},
            f"{CLAUDE_ASKS} --disallowedTools=Write --disallowedTools=Bash(rm *)",
        ),
    ],
)
def test_options_of_claude_code(more: dict[str, Any], options: str) -> None:
    assert claude(**more) == f"{CLAUDE} {options}"


@pytest.mark.parametrize("policy", ["ask", "allow"])
def test_the_agent_always_asks_whoever_answers(policy: Any) -> None:
    for mode in ("yolo", "bypassPermissions"):
        assert claude(mode=mode, rules=Rules(policy)) == f"{CLAUDE} {CLAUDE_ASKS}"
    assert qwen(mode="yolo", rules=Rules(policy)) == f"{QWEN} {ASKS}"


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ({"model": "m", "session_id": "s"}, f"--model=m {ASKS} --resume=s"),
        ({"mode": "plan"}, "--approval-mode=plan"),
        ({"rules": Rules(disallowed=("edit", "write_file"))}, f"{ASKS} --exclude-tools=edit,write_file"),
        ({"mcp": False}, f"{ASKS} --allowed-mcp-server-names="),
    ],
)
def test_options_of_qwen_code(more: dict[str, Any], options: str) -> None:
    assert qwen(**more) == f"{QWEN} {options}"


def test_nothing_changed_is_no_diff() -> None:
    assert diffs.unified("a", "x\n", "x\n") == ""
    assert diffs.patched("a", []) == ""


def test_a_text_too_long_to_compare_is_shown_as_replaced() -> None:
    before, after = "a\n" * diffs.MAX_COMPARED, "b\n"
    lines = diffs.unified("/srv/a", before, after).splitlines()
    assert lines[:4] == ["--- a/srv/a", "+++ b/srv/a", f"@@ -1,{diffs.MAX_COMPARED} +1,1 @@", "-a"]
    assert (len(lines), lines[-1]) == (diffs.MAX_COMPARED + 4, "+b")
    assert diffs.unified("a", "", "b\n" * (diffs.MAX_COMPARED + 1)).splitlines()[:3] == [
        "--- /dev/null", "+++ b/a", f"@@ -0,0 +1,{diffs.MAX_COMPARED + 1} @@",
    ]  # fmt: skip
