"""What of a task's wishes an agent cannot be held to, and what it cannot do at all: told before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskStatus, TaskWarning
from tasktui.executors.agents.elsewhere.address import shown
from tasktui.executors.agents.start import Start


def told_before(start: Start) -> Iterator[Data]:
    """Give the facts: a line about the agent, a warning for each wish that it does not heed."""
    title = start.preset.title or start.preset.name
    if start.preset.url:
        yield TaskStatus(message=f"{title} works at {shown(start.preset.url)}, in {start.place} there.")
    if start.preset.lacks:
        yield TaskStatus(message=f"{title} {start.preset.lacks}")
    for text in _unheeded(start):
        yield TaskWarning(message=f"{title} {text}", code="agent_setting")


def _unheeded(start: Start) -> Iterator[str]:
    protocol = start.preset.protocol
    if protocol == "acp" and not start.mcp:
        yield "starts the MCP servers of its own settings: its protocol has no way to keep it from that."
    if start.preset.url and start.attachments:
        yield "is told where files are that go with the prompt, but reads those of its own machine."
    if protocol == "codex-exec":
        yield from _of_one_shot(start)
    if protocol in {"codex", "codex-exec"} and start.mode not in {"agent", "plan"}:
        yield f"has no mode {start.mode}: it works as usual."
    if protocol == "llm" and start.mode != "agent":
        yield f"has no mode {start.mode}: it works as usual."


def _of_one_shot(start: Start) -> Iterator[str]:
    """Give what an agent does not heed that asks nobody."""
    if start.rules.policy in {"ask", "reads"}:
        yield "asks nobody: its sandbox decides what it may do."
    if start.rules.allowed or start.rules.disallowed:
        yield "knows no patterns of tools: its sandbox decides what it may do."
