"""Replays streams captured from real agents through a dialogue, and tells its steps in short lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tasktui.domain.events.base import Data
from tasktui.domain.events.evidence import ChecklistUpdated
from tasktui.domain.events.lifecycle import TaskLinked, TaskStatus, TaskWarning
from tasktui.domain.events.people import ApprovalExpired, ApprovalRequested, InputExpired, InputRequested
from tasktui.domain.events.work import MessageCompleted, ToolCompleted, ToolStarted
from tasktui.executors.agents.dialogue import CloseInput, Dialogue, End, Over, Refuse, Say, Step

CAPTURES = Path(__file__).parents[3] / "data" / "agents" / "captures"


def heard(name: str) -> list[bytes]:
    """Return what the agent of a capture said, line by line."""
    rows = [json.loads(line) for line in (CAPTURES / f"{name}.jsonl").read_text().splitlines()]
    both = "dir" in rows[0]
    kept = [row["msg"] for row in rows if row["dir"] in {"in", "inc"}] if both else rows
    return [json.dumps(row).encode() for row in kept]


def recorded(name: str) -> list[dict[str, Any]]:
    """Return what the client of a capture said."""
    rows = [json.loads(line) for line in (CAPTURES / f"{name}.jsonl").read_text().splitlines()]
    return [row["msg"] for row in rows if row.get("dir") == "out"]


class Replay:
    """One talk: every step is told in `lines`, every line that we said is in `said`."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.facts: list[Data] = []
        self.said: list[dict[str, Any]] = []
        self.lines: list[str] = []
        self.input_ends = False
        self.perform(dialogue.opening())

    def perform(self, steps: Iterable[Step]) -> None:
        for step in list(steps):
            if isinstance(step, Say):
                self.dialogue.said(step.line)
                self.said.append(_object(step.line))
            elif isinstance(step, CloseInput):
                self.input_ends = True
            elif isinstance(step, Refuse):
                self.lines.append(f"refused: {step.why}")
            elif isinstance(step, Over):
                self.lines.append("over")
            elif isinstance(step, Data):
                self.facts.append(step)
                if line := told(step):
                    self.lines.append(line)

    def hear(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self.perform(self.dialogue.received(line))

    def end(self, *, stopped: bool = False, code: int | None = 0, stderr: str = "") -> None:
        self.perform(self.dialogue.ended(End(stopped, code, stderr)))


def _object(line: bytes) -> dict[str, Any]:
    """Return what was said; words that are no JSON, such as a prompt alone, under `text`."""
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"text": line.decode()}


def told(fact: Data) -> str:
    """Return a fact in a short line; empty for what only streams by."""
    tell = TELLERS.get(type(fact))
    return tell(fact) if tell else ""


def _ended(fact: ToolCompleted) -> str:
    state = "canceled" if fact.canceled else "ok" if fact.ok else "failed"
    return f"end {fact.name} {state}: {(fact.output or fact.diff or '').strip()}"


TELLERS: dict[type[Data], Callable[[Any], str]] = {
    MessageCompleted: lambda fact: f"{fact.role}: {fact.content}",
    ToolStarted: lambda fact: f"tool {fact.name} [{fact.kind}]: {fact.input}",
    ToolCompleted: _ended,
    ApprovalRequested: lambda fact: f"may {fact.tool}: {fact.summary}",
    ApprovalExpired: lambda fact: f"expired {fact.request_id}: {fact.reason}",
    InputExpired: lambda fact: f"expired {fact.request_id}: {fact.reason}",
    InputRequested: lambda fact: f"asks: {fact.question} {' | '.join(fact.options)}".rstrip(),
    ChecklistUpdated: lambda fact: "plan " + ", ".join(f"{one.content} {one.status}" for one in fact.items),
    TaskLinked: lambda fact: "linked " + ", ".join(sorted(fact.model_dump(exclude_none=True))),
    TaskStatus: lambda fact: f"status: {fact.message}",
    TaskWarning: lambda fact: f"warning: {fact.message}",
}
