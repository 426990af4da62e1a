"""Captured talks with Claude Code, Qwen Code and Codex over two owners, the first dead after any line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.dialogue import Conclusion
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tasktui.executors.agents.transcript import Entry
from tests.unit.executors.agents.owners import Owner, Stream, Surroundings
from tests.unit.executors.agents.replay import heard

TALKS = {
    "claude-stream-inject": "claude", "claude-stream-interrupt": "claude",
    "claude-stream-permission": "claude", "claude-stream-question": "claude",
    "claude-stream-subagent": "claude", "codex-appserver-approval": "codex",
    "codex-appserver-interrupt": "codex", "qwen-stream-queue": "qwen-stream",
}  # fmt: skip


@dataclass
class Seen:
    """What is left of a talk."""

    facts: list[Data]
    said: list[Entry]
    is_over: bool
    end: Conclusion | None


class Told:
    """One talk: the lines of its agent, one after the other, and people who answer whatever is asked."""

    def __init__(self, name: str, place: Path, message: Delivery | None) -> None:
        self._rows = [json.loads(line) for line in heard(name)]
        self._start = Start(shipped()[TALKS[name]], "do it", "/w", rules=Rules("ask"))
        self._around = Surroundings(place)
        self._message = message
        self._answers: list[Delivery] = []
        self._read = 0

    async def to_its_end(self, dies_after: int | None = None, *, mute: bool = False) -> Seen:
        """Let one owner hear it, or a second one from a line on.

        Args:
            dies_after: the number of the last line that the first owner takes.
            mute: whether that one dies before it sends what this line makes it say.
        """
        stream, owner = Stream(), await self._owner()
        for number, row in enumerate(self._rows):
            if mute and number == dies_after:
                owner.hearing.on_say = lambda _, __: None
            stream.write(row)
            await owner.hear()
            self._people(owner)
            if self._message is not None and number == len(self._rows) // 2:
                self._around.unsettled = (self._message,)
                owner.hearing.perform(owner.dialogue.message(self._message))
            if number == dies_after:
                owner = await self._owner()
        stream.close()
        facts = [fact for fact in self._around.stored if not isinstance(fact, TaskStatus)]
        return Seen(facts, owner.hearing.transcript.entries(), self._is_over, owner.dialogue.conclusion())

    async def _owner(self) -> Owner:
        owner, self._is_over = Owner(self._start, self._around), False
        owner.hearing.on_over = self._ends
        owner.begin()
        await owner.hear()
        for answer in self._answers:  # a second copy does no harm
            owner.hearing.perform(owner.dialogue.answer(answer))
        return owner

    def _ends(self) -> None:
        self._is_over = True

    def _people(self, owner: Owner) -> None:
        for fact in self._around.stored[self._read :]:
            if isinstance(fact, ApprovalRequested | InputRequested):
                word = ("", "allow") if isinstance(fact, ApprovalRequested) else ("yes", "answer")
                answer = Delivery(fact.request_id, word[0], "answer", "you", fact.request_id, word[1])
                self._answers.append(answer)
                owner.hearing.perform(owner.dialogue.answer(answer))
        self._read = len(self._around.stored)


def marks(seen: Seen) -> list[tuple[bytes, str | None, bool]]:
    """Each line that was said, for which message, and whether it was sent."""
    return [(entry.line, entry.delivery, entry.sent) for entry in seen.said]


@pytest.mark.parametrize("mode", [None, "steer", "queue", "interrupt"])
@pytest.mark.parametrize("name", TALKS)
async def test_the_second_owner_stands_where_one_alone_would(
    name: str, mode: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored, what was said and that it was sent, whether it is over, and how it ended."""
    message = None if mode is None else Delivery("msg_1", "and the tests", mode, "you")

    async def lived(dies_after: int | None = None, *, mute: bool = False) -> Seen:
        place = tmp_path / f"{dies_after}{mute}"
        place.mkdir()
        monkeypatch.chdir(place)
        return await Told(name, place, message).to_its_end(dies_after, mute=mute)

    alone = await lived()
    lines = heard(name)
    for number in range(len(lines)):
        if mode is None or b"stream_event" not in lines[number]:
            for mute in (False, True):
                both = await lived(number, mute=mute)
                where = f"after line {number}, mute: {mute}"
                assert both.facts == alone.facts, where
                assert marks(both) == marks(alone), where
                assert (both.is_over, both.end) == (alone.is_over, alone.end), where
