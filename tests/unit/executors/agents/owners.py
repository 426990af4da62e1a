"""Owners of one captured talk, which die where a test wants it, with real files between them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Delivery, RunContext
from tasktui.executors.agents.dialogue import Say
from tasktui.executors.agents.hearing import Hearing
from tasktui.executors.agents.protocols import protocol_of
from tasktui.executors.agents.start import Start
from tasktui.executors.shim.output import STDOUT, CappedOutput


class DiedError(Exception):
    """The owner's process is gone."""


@dataclass
class Surroundings:
    """The part of a `RunContext` that a hearing needs: what is stored, and a death after so many facts."""

    directory: Path
    position: int = 0
    lives: int | None = None
    stored: list[Data] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    unsettled: tuple[Delivery, ...] = ()

    def emit(self, data: Data, *, raw: bytes | None = None, position: int | None = None) -> None:
        if data.DURABILITY == "transient":
            return
        if self.lives is not None and len(self.stored) >= self.lives:
            raise DiedError
        self.stored.append(data)
        self.position = position or self.position

    def verdict(self, intervention_id: str, *, delivered: bool | None, detail: str | None = None) -> None:
        self.verdicts.append(f"{intervention_id} {delivered}")

    async def room(self) -> None:
        """There is always room."""


class Owner:
    """One owner: hears what is in the files, and says what its dialogue wants."""

    def __init__(self, start: Start, around: Surroundings) -> None:
        self.around = around
        self.dialogue = protocol_of(start.preset).dialogue(start)
        self.hearing = Hearing(cast("RunContext", around), self.dialogue)
        self.hearing.on_say = self._sent

    def begin(self) -> None:
        self.hearing.recall()

    def _sent(self, number: int, step: Say) -> None:
        self.hearing.transcript.sent(number)
        if step.delivery is not None:
            self.around.verdict(step.delivery, delivered=True)

    async def hear(self) -> None:
        await self.hearing.hear()

    def person(self, row: dict[str, Any], asked: dict[Any, str]) -> None:
        """Do what the recording client did of its own will."""
        if row.get("method") == "session/cancel":
            self.hearing.perform(self.dialogue.stop())
        elif row.get("method") == "session/prompt":
            text = row["params"]["prompt"][0]["text"]
            self.hearing.perform(self.dialogue.message(Delivery("msg_1", text, "steer", "you")))
        else:
            chosen = row["result"]["outcome"]["optionId"]
            decision = "deny" if "rej" in chosen or "cancel" in chosen else "allow"
            key = asked[row["id"]]
            self.hearing.perform(self.dialogue.answer(Delivery(key, "", "answer", "you", key, decision)))


class Stream:
    """The output of a run, as its shim writes it into the current directory."""

    def __init__(self) -> None:
        self._output = CappedOutput(1 << 24)

    def write(self, row: dict[str, Any]) -> None:
        self._output.write(STDOUT, json.dumps(row).encode() + b"\n")

    def close(self) -> None:
        self._output._leave()
