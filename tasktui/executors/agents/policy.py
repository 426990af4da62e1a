"""Who may decide about a tool call: the rules of the task first, then a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeAlias

Policy: TypeAlias = Literal["ask", "reads", "allow", "deny"]
"""`ask` a person · `reads` are allowed, the rest is asked · `allow` all · `deny` all."""
READS: Final = frozenset({"read", "search", "think", "fetch_local"})
"""Kinds of tools that change nothing and reach nobody."""
_ASKS_NOBODY: Final = frozenset({
    "yolo", "bypasspermissions", "dontask", "auto-approve", "danger-full-access", "full-access",
    "agent-full-access",
})  # fmt: skip


def asks_nobody(mode: str | None) -> bool:
    """Tell whether an agent asks for no permission in a mode, by the agents' own words for such modes."""
    return mode is not None and mode.lower() in _ASKS_NOBODY


@dataclass(frozen=True, slots=True)
class Rules:
    """What a task allows its agent without asking.

    Patterns are a tool's name, or a name and what it would run in brackets: `Read`, `Bash(git status*)`;
    `*` stands for anything. A pattern with brackets never allows a line that chains commands, and denies one
    in which any link matches.
    """

    policy: Policy = "ask"
    allowed: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()

    def decide(self, tool: str, kind: str | None, subject: str) -> bool | None:
        """Return whether a call is allowed; None when a person is to say.

        Args:
            tool: the tool's name in the agent's words.
            kind: what sort of tool it is (`read`, `edit`, `execute` …), where the agent says.
            subject: what it would run or touch: a command line, a path.
        """
        if any(_matches(pattern, tool, subject, loosely=True) for pattern in self.disallowed):
            return False
        if self.policy == "deny":
            return False
        if self.policy == "allow" or any(_matches(pattern, tool, subject) for pattern in self.allowed):
            return True
        return True if self.policy == "reads" and kind in READS else None

    def forbidding(self, tool: str, subject: str) -> str:
        """Return which rule denies a call, in words."""
        found = (rule for rule in self.disallowed if _matches(rule, tool, subject, loosely=True))
        rule = next(found, None)
        return f"the policy {self.policy}" if rule is None else f"the rule {rule}"

    def ruling(self, tool: str, subject: str) -> str:
        """Return by what a call is denied, for a sentence about it."""
        rules = (pattern for pattern in self.disallowed if _matches(pattern, tool, subject, loosely=True))
        rule = next(rules, None)
        return f"the policy {self.policy}" if rule is None else f"the rule {rule}"


_CHAIN: Final = re.compile(r"[;&|`\n<>]|\$\(")
"""What makes one command line of several, or sends it elsewhere."""


def _matches(pattern: str, tool: str, subject: str, *, loosely: bool = False) -> bool:
    name, bracket, inside = pattern.partition("(")
    if not fnmatchcase(tool.lower(), name.strip().lower()):
        return False
    if not bracket:
        return True
    inside = inside.removesuffix(")")
    if loosely:
        parts = (subject, *_CHAIN.split(subject))
        return any(fnmatchcase(part.strip(), inside) for part in parts)
    return not _CHAIN.search(subject) and fnmatchcase(subject.strip(), inside)
