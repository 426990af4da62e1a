"""How the agent for a key alone is started: a program of ours, talked with as any agent of the protocol."""

from __future__ import annotations

import sys
from dataclasses import replace

from tasktui.executors.agents.acp.dialogue import AcpDialogue
from tasktui.executors.agents.start import Start

PROGRAM = (sys.executable, "-P", "-m", "tasktui.executors.agents.llm.program")


def argv(start: Start) -> tuple[str, ...]:
    """Return the command; the model is named in it, a key never is."""
    own = start.preset.argv[1:]
    return (*PROGRAM, *own, *(("--model", start.model) if start.model else ()))


def dialogue(start: Start) -> AcpDialogue:
    """Return the talk: the model is chosen already."""
    return AcpDialogue(replace(start, model=None))
