"""The protocols by which agents are talked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from tasktui.executors.agents.acp import dialogue as acp
from tasktui.executors.agents.claude.argv import claude_argv, qwen_argv
from tasktui.executors.agents.claude.dialogue import ClaudeDialogue
from tasktui.executors.agents.codex import dialogue as codex
from tasktui.executors.agents.codex import exec as codex_exec
from tasktui.executors.agents.dialogue import Dialogue
from tasktui.executors.agents.elsewhere import argv as elsewhere
from tasktui.executors.agents.llm import argv as llm
from tasktui.executors.agents.pictures import picture
from tasktui.executors.agents.presets import Preset
from tasktui.executors.agents.start import Start


@dataclass(frozen=True, slots=True)
class Protocol:
    """How agents of one protocol are started and talked with."""

    argv: Callable[[Start], tuple[str, ...]]
    dialogue: Callable[[Start], Dialogue]


PROTOCOLS: Final[Mapping[str, Protocol]] = {
    "acp": Protocol(acp.argv, partial(acp.AcpDialogue, pictures=picture)),
    "claude": Protocol(claude_argv, ClaudeDialogue),
    "qwen": Protocol(qwen_argv, ClaudeDialogue),
    "llm": Protocol(llm.argv, llm.dialogue),
    "codex": Protocol(codex.argv, codex.CodexDialogue),
    "codex-exec": Protocol(codex_exec.argv, codex_exec.CodexExecDialogue),
}
_ELSEWHERE: Final = Protocol(elsewhere.argv, PROTOCOLS["acp"].dialogue)


def protocol_of(preset: Preset) -> Protocol:
    """Return how an agent is started and talked with; one at an address is by a program that goes there."""
    return _ELSEWHERE if preset.url else PROTOCOLS[preset.protocol]
