"""How Claude Code, and Qwen Code which took its protocol over, are started.

Values are joined to their options by `=`: what begins with a dash is no option of its own then.
"""

from __future__ import annotations

from typing import Final

from tasktui.executors.agents.start import Start

BYPASS: Final = frozenset({"bypassPermissions", "yolo"})
"""Modes in which the agent asks nobody; it is never told of them. A task that may allow all has every
question answered at once, rules that deny hold all the same, and Claude Code refuses such a mode to root.
"""
_WILD: Final = frozenset("*?[(,")
_STREAM: Final = ("--output-format", "stream-json", "--input-format", "stream-json")


def claude_argv(start: Start) -> tuple[str, ...]:
    """Return how Claude Code is started; the prompt goes in by its standard input."""
    options = [
        *start.preset.argv, "-p", *_STREAM, "--verbose", "--include-partial-messages",
        "--replay-user-messages", "--permission-prompt-tool", "stdio",
    ]  # fmt: skip
    options += _given("--model", start.model)
    options += _given("--permission-mode", mode_of(start))
    options += _given("--resume", start.session_id)
    options += _given("--allowedTools", ",".join(_plain(start.rules.allowed)))
    options += [f"--disallowedTools={pattern}" for pattern in start.rules.disallowed]
    if not start.mcp:
        options.append("--strict-mcp-config")
    return tuple(options)


def qwen_argv(start: Start) -> tuple[str, ...]:
    """Return how Qwen Code is started."""
    options = [*start.preset.argv, *_STREAM, "--include-partial-messages", "--channel=SDK"]
    options += _given("--model", start.model)
    options += _given("--approval-mode", mode_of(start))
    options += _given("--resume", start.session_id)
    options += _given("--exclude-tools", ",".join(_plain(start.rules.disallowed)))
    if not start.mcp:
        options.append("--allowed-mcp-server-names=")
    return tuple(options)


def mode_of(start: Start) -> str | None:
    """Return the mode in the agent's word, the one in which it asks for one in which it asks nobody.

    None is its default.
    """
    return start.asking_mode if start.agent_mode in BYPASS else start.agent_mode


def _given(option: str, value: str | None) -> list[str]:
    return [f"{option}={value}"] if value else []


def _plain(patterns: tuple[str, ...]) -> list[str]:
    """Return the patterns that are a tool's whole name.

    The agent reads others in its own way: those that allow are for our rules, which never allow a line that
    chains commands, and which it asks.
    """
    return [pattern for pattern in patterns if not _WILD & set(pattern)]
