"""What a task allows its agent without asking: rules by name and by what would run."""

from __future__ import annotations

import pytest

from tasktui.executors.agents.policy import Policy, Rules


@pytest.mark.parametrize(
    ("policy", "kind", "decision"),
    [
        ("ask", "read", None), ("ask", "execute", None), ("reads", "read", True), ("reads", "search", True),
        ("reads", "edit", None), ("reads", "fetch", None), ("reads", None, None), ("allow", "execute", True),
        ("deny", "read", False),
    ],
)  # fmt: skip
def test_the_policy_of_a_task(policy: Policy, kind: str | None, decision: bool | None) -> None:
    assert Rules(policy).decide("Tool", kind, "x") is decision


@pytest.mark.parametrize(
    ("pattern", "tool", "subject", "decision"),
    [
        ("Read", "Read", "/etc/passwd", True),
        ("read", "Read", "x", True),
        ("mcp__*", "mcp__git__log", "x", True),
        ("Bash(git status*)", "Bash", "git status -s", True),
        ("Bash(git status*)", "Bash", "git push", None),
        ("Bash(git status*)", "Edit", "git status", None),
        ("Bash(git status*)", "Bash", "git status; rm -rf /", None),
        ("Bash(git status*)", "Bash", "git status && reboot", None),
        ("Bash(git status*)", "Bash", "git status $(reboot)", None),
        ("Bash(git status*)", "Bash", "git status `reboot`", None),
        ("Bash(git status*)", "Bash", "git status | sh", None),
        ("Bash(git status*)", "Bash", "git status > /etc/passwd", None),
        ("Bash(git status*)", "Bash", "git status\nreboot", None),
    ],
)
def test_a_pattern_allows_no_more_than_it_says(
    pattern: str,
    tool: str,
    subject: str,
    decision: bool | None,
) -> None:
    assert Rules("ask", (pattern,)).decide(tool, "execute", subject) is decision


@pytest.mark.parametrize("subject", ["rm x", "rm -rf / && echo", "  rm y  "])
def test_what_is_disallowed_stays_so_whatever_else_allows_it(subject: str) -> None:
    rules = Rules("allow", ("Bash",), ("Bash(rm *)",))
    assert rules.decide("bash", "execute", subject) is False
    assert rules.forbidding("bash", subject) == "the rule Bash(rm *)"


@pytest.mark.parametrize("subject", ["ls; rm x", "true && rm -r y", "echo `rm z`", "a | rm -", "a\nrm b"])
def test_what_is_disallowed_is_found_in_a_chain(subject: str) -> None:
    assert Rules("allow", disallowed=("Bash(rm *)",)).decide("Bash", "execute", subject) is False


def test_the_policy_is_named_when_no_rule_denies() -> None:
    assert Rules("deny").forbidding("Read", "x") == "the policy deny"
