"""What an agent said last is heard, whoever was listening as it ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tasktui.domain.events.work import MessageCompleted
from tasktui.executors.agents.hearing import BREATH
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.owners import Owner, Stream, Surroundings

LINES = 2 * BREATH


@dataclass
class Crowded(Surroundings):
    """A manager that writes a long output to a file, and does not keep up meanwhile."""

    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    keeps_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def room(self) -> None:
        self.waiting.set()
        await self.keeps_up.wait()


async def test_no_line_is_lost_when_the_agent_ends_while_the_manager_does_not_keep_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one with its result among them: the task would have failed for want of one."""
    monkeypatch.chdir(tmp_path)
    around = Crowded(tmp_path)
    owner = Owner(Start(shipped()["claude"], "do it", "/"), around)
    owner.begin()
    stream = Stream()
    for number in range(LINES):
        said = {"id": f"m{number}", "role": "assistant", "content": [{"type": "text", "text": f"{number}"}]}
        stream.write({"type": "assistant", "message": said})
    listening = asyncio.ensure_future(owner.hear())
    await around.waiting.wait()
    listening.cancel()
    await asyncio.wait([listening])
    around.keeps_up.set()
    await owner.hear()
    stream.close()
    heard = [fact.content for fact in around.stored if isinstance(fact, MessageCompleted)]
    assert heard == [f"{number}" for number in range(LINES)]
