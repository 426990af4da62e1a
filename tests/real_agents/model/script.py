"""What a scripted model says: scenarios of turns, each turn steps, tool calls in any agent's own vocabulary.

A step is `Think`, `Words`, `Call` (a tool by an abstract name), `Sleep` or `Fail`. Which scenario it is
stands in the newest `[[fake:NAME]]` of a user's message; which turn, in how often the model has spoken since.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePath
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
MARKER = re.compile(r"\[\[fake:([\w.-]+)\]\]")


@dataclass(frozen=True)
class Words:
    """What the model says; `{newest}` stands for the newest message of the user."""

    text: str


@dataclass(frozen=True)
class Think:
    """What it thinks aloud."""

    text: str


@dataclass(frozen=True)
class Call:
    """A tool it calls: `shell`, `write` or `plan`, in the words of the agent that asks."""

    tool: str
    args: Json = field(default_factory=dict)
    custom: bool = False


@dataclass(frozen=True)
class Sleep:
    """How long it is silent, seconds."""

    seconds: float


@dataclass(frozen=True)
class Fail:
    """How the provider refuses."""

    status: int
    message: str


Step: TypeAlias = Words | Think | Call | Sleep | Fail
WRITES = "echo scripted > made-by-shell.txt && cat made-by-shell.txt"
SLOW = "echo asleep; until [ -e go ]; do sleep 0.1; done; echo slept"
"""Until a file appears; Qwen Code refuses a command that begins by sleeping."""
ECHO = (Words("You said: {newest}"),)
SCENARIOS: Mapping[str, Sequence[Sequence[Step]]] = {
    "hello": [[Words("Hello from the scripted model.")]],
    "shell": [
        [
            Think("I should create the file first."),
            Words("I will run a shell command."),
            Call("shell", {"command": WRITES, "escalates": True}),
        ],
        [Words("All done: the command ran.")],
    ],
    "write": [
        [
            Words("I will write a file."),
            Call("write", {"path": "notes.md", "content": "# Notes\nby the model\n"}),
        ],
        [Words("All done: the file is written.")],
    ],
    "plan": [
        [
            Words("Planning."),
            Call("plan", {"items": [("write the code", "in_progress"), ("run the tests", "pending")]}),
        ],
        [Words("Plan finished.")],
    ],
    "slow": [[Words("Starting a slow command."), Call("shell", {"command": SLOW})], ECHO],
    "stray": [
        [Words("Leaving something behind."), Call("shell", {"command": "setsid sleep 613 & sleep 612"})],
        ECHO,
    ],
    "boom": [[Fail(400, "scripted failure")]],
}


@dataclass(frozen=True)
class Spoken:
    """One message of the talk so far."""

    role: str
    """`user`, `assistant` or `tool`."""
    text: str = ""


@dataclass(frozen=True)
class Tool:
    """A tool that the agent declared."""

    parameters: frozenset[str] = frozenset()
    custom: bool = False


def choose(talk: Sequence[Spoken], tools: Mapping[str, Tool], folder: str = "") -> list[Step]:
    """Return what the model says next; a request without tools is an agent's own, as for a title.

    Args:
        talk: what was said so far.
        tools: what the agent declared.
        folder: where the files are that the model writes, since some agents take absolute paths only.
    """
    if not tools:
        return [Words("a title")]
    name, began = "", 0
    for number, spoken in enumerate(talk):
        found = MARKER.findall(spoken.text) if spoken.role == "user" else []
        if found and found[-1] in SCENARIOS:
            name, began = found[-1], number
    turns = SCENARIOS.get(name, [ECHO])
    turn = _turns_since(talk[began + 1 :]) if name else 0
    newest = next((spoken.text for spoken in reversed(talk) if spoken.role == "user" and spoken.text), "")
    steps = turns[turn] if turn < len(turns) else ECHO
    return [_resolved(step, tools, newest, folder) for step in steps]


def _turns_since(talk: Sequence[Spoken]) -> int:
    roles = ["", *(spoken.role for spoken in talk)]
    return sum(role == "assistant" and before != "assistant" for before, role in pairwise(roles))


def _resolved(step: Step, tools: Mapping[str, Tool], newest: str, folder: str) -> Step:
    if isinstance(step, Words):
        return Words(step.text.replace("{newest}", newest[-400:]))
    if not isinstance(step, Call):
        return step
    for pattern, build in ALIASES[step.tool]:
        for name, tool in tools.items():
            if re.fullmatch(pattern, name):
                args = build({"folder": folder, **step.args})
                if tool.parameters:  # a strict agent refuses what its schema does not name
                    args = {key: value for key, value in args.items() if key in tool.parameters}
                return Call(name, args, tool.custom)
    return Call(step.tool, step.args)


def _command(args: Json) -> Json:
    about = {"command": args["command"], "cmd": args["command"], "description": "run a command"}
    if args.get("escalates"):  # where Codex runs in a sandbox, what writes has to ask to leave it
        about |= {"sandbox_permissions": "require_escalated", "justification": "it writes a file"}
    return about


def _file(args: Json) -> Json:
    path = str(PurePath(args["folder"]) / args["path"])
    return {"file_path": path, "filePath": path, "path": path, "content": args["content"]}


def _plan(args: Json) -> Json:
    steps = [
        {
            "content": text, "step": text, "description": text, "activeForm": text, "status": status,
            "priority": "medium", "id": str(number),
        }
        for number, (text, status) in enumerate(args["items"], 1)
    ]  # fmt: skip
    return {
        "action": "write",
        "todos": steps,
        "plan": [{"step": one["step"], "status": one["status"]} for one in steps],
    }


ALIASES: Mapping[str, Sequence[tuple[str, Callable[[Json], Json]]]] = {
    "shell": [(r"Bash|bash|shell|exec_command|shell_command|run_shell_command", _command)],
    "write": [(r"Write|write_file|write", _file)],
    "plan": [(r"TodoWrite|todowrite|update_plan|todo_write|write_todos|todo", _plan)],
}
