"""The protocols by which agents are talked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tasktui.executors.agents.dialogue import Dialogue
from tasktui.executors.agents.start import Start


@dataclass(frozen=True, slots=True)
class Protocol:
    """How agents of one protocol are started and talked with."""

    argv: Callable[[Start], tuple[str, ...]]
    dialogue: Callable[[Start], Dialogue]
    talks: bool = True
    """Whether its standard input is a pipe; /dev/null otherwise."""


PROTOCOLS: Final[Mapping[str, Protocol]] = {}
