"""The tasks of the night: what each is, and what its files must say in the end."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Work = Callable[[Path, random.Random], Mapping[str, Any]]
HERE = Path(__file__).parent
AGENT = "night"


def settings(home: Path) -> str:
    """Return the configuration in which the agent stands."""
    argv = [sys.executable, str(HERE / "night_agent.py"), str(home / "ran")]
    return f'[agents.{AGENT}]\ntitle = "Night"\nprotocol = "acp"\nintervene = "none"\nargv = {argv!r}\n'


@dataclass
class Told:
    """A task that was submitted, and what must have become of it."""

    kind: str
    runs: tuple[str, ...] = ("1",)
    """Of which runs its file must tell, if nobody cancels it."""
    exit_code: int | None = 0
    status: str = "completed"
    canceled: bool = False
    """Whether somebody asked for its end."""


@dataclass
class Shape:
    """A kind of task."""

    work: Work
    told: Callable[[random.Random], Told]
    fields: Mapping[str, Any] = field(default_factory=dict)
    most: int = 50
    """At once."""


def _shell(command: str) -> Work:
    def work(ran: Path, chance: random.Random) -> Mapping[str, Any]:
        seconds = round(chance.uniform(0, 1.5), 2)
        line = f'echo "$TASKTUI_RUN" >> {ran}/$TASKTUI_TASK_ID; '
        return {"kind": "shell", "command": line + command.replace("SECONDS", str(seconds))}

    return work


def _job(ran: Path, chance: random.Random) -> Mapping[str, Any]:
    arguments = {"ran": str(ran), "seconds": round(chance.uniform(0, 1), 2)}
    return {"kind": "python", "function": "night_job:work", "arguments": arguments}


def _agent(_: Path, chance: random.Random) -> Mapping[str, Any]:
    return {
        "kind": "agent",
        "preset": AGENT,
        "prompt": str(round(chance.uniform(0.2, 2), 2)),
        "approval": "ask",
    }


QUESTION = '{"type":"input.requested","data":{"request_id":"q1","question":"Go on?"}}'
ASKING = f"echo '{QUESTION}' >> $TASKTUI_EVENTS; until grep -qs q1 $TASKTUI_INBOX; do sleep 0.1; done"

SHAPES: Mapping[str, Shape] = {
    "quick": Shape(_shell("sleep SECONDS"), lambda _: Told("quick")),
    "failing": Shape(
        _shell("echo no >&2; sleep SECONDS; exit 3"), lambda _: Told("failing", exit_code=3, status="failed")
    ),
    "twice": Shape(
        _shell('sleep SECONDS; [ "$TASKTUI_RUN" = 2 ]'),
        lambda _: Told("twice", runs=("1", "2")),
        {"retries": 1},
    ),
    "held": Shape(_shell("sleep SECONDS"), lambda _: Told("held"), {"held": True}, most=10),
    "endless": Shape(_shell("sleep 3600 & sleep 3600"), lambda _: Told("endless", status="canceled"), most=5),
    "loud": Shape(_shell("seq 20000"), lambda _: Told("loud")),
    "listening": Shape(_shell("read word; sleep SECONDS"), lambda _: Told("listening"), most=6),
    "asking": Shape(_shell(ASKING), lambda _: Told("asking"), most=6),
    "job": Shape(_job, lambda _: Told("job")),
    "agent": Shape(_agent, lambda _: Told("agent"), most=6),
}
WEIGHTS: Mapping[str, int] = {
    "quick": 12, "failing": 3, "twice": 3, "held": 2, "endless": 3, "loud": 1, "listening": 3, "asking": 3,
    "job": 2, "agent": 3,
}  # fmt: skip
