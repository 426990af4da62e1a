"""An owner with other settings, or of a newer version, takes over a talk: what was said before holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Status
from tasktui.executors.agents.dialogue import Conclusion
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import Preset, shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.owners import Owner, Stream, Surroundings

CODEX = shipped()["codex-acp"]
OLD = replace(CODEX, modes={})
PLAN = replace(CODEX, modes={"agent": "plan"})
OFFERED = [{"id": name} for name in ("read-only", "agent", "plan", "agent-full-access")]
MODES = {"currentModeId": "agent", "availableModes": OFFERED}
MODELS = {"availableModels": [{"modelId": "m"}]}
BEFORE = ["initialize", "session/new"]


class Agent:
    """One living agent and the owners that it has, one after the other."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.stream = Stream()
        self.around = Surroundings(directory)
        self.over = False

    async def has(self, preset: Preset, version: str = "1", **more: Any) -> Owner:
        """The next owner takes over."""
        start = Start(preset, "fix it", "/w", **{"rules": Rules("ask"), "version": version, **more})
        self.owner = Owner(start, self.around)
        self.owner.hearing.on_over = self._ends
        self.owner.begin()
        await self.owner.hear()
        return self.owner

    def _ends(self) -> None:
        self.over = True

    async def answers(self, number: int, **result: Any) -> None:
        """The agent answers a request of ours."""
        await self.writes(id=number, result=result)

    async def writes(self, **row: Any) -> None:
        """The agent writes a line."""
        self.stream.write({"jsonrpc": "2.0", **row})
        await self.owner.hear()

    async def words(self, text: str) -> None:
        """The agent writes a piece of its message."""
        piece = {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": text}}
        await self.writes(method="session/update", params={"sessionId": "s", "update": piece})

    async def begins(self) -> None:
        """The agent takes the handshake and offers its modes and models."""
        await self.answers(1, protocolVersion=1)
        await self.answers(2, sessionId="s", modes=MODES, models=MODELS)

    @property
    def heard(self) -> list[str]:
        """The methods of what all owners said."""
        return [row["method"] for row in self.told]

    @property
    def told(self) -> list[dict[str, Any]]:
        """What all owners said."""
        return [json.loads(entry.line) for entry in self.owner.hearing.transcript.entries()]

    @property
    def end_of_it(self) -> Conclusion | None:
        """How the last owner saw it end."""
        return self.owner.dialogue.conclusion()


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    monkeypatch.chdir(tmp_path)
    agent = Agent(tmp_path)
    yield agent
    agent.stream.close()


@pytest.mark.parametrize(
    ("first", "then"),
    [(OLD, CODEX), (CODEX, OLD), (CODEX, PLAN), (CODEX, CODEX), (OLD, OLD)],
    ids=["the wish is new", "the wish is gone", "another wish", "the same wish", "no wish"],
)
@pytest.mark.parametrize("model", [None, "m"])
async def test_a_turn_goes_on_under_an_owner_that_would_begin_it_otherwise(
    agent: Agent, first: Preset, then: Preset, model: str | None
) -> None:
    await agent.has(first, model=model)
    await agent.begins()
    while agent.heard[-1] != "session/prompt":
        await agent.answers(len(agent.told))
    await agent.words("half ")
    before = agent.told
    await agent.has(then, version="2", model=model)
    assert agent.told == before
    await agent.words("whole")
    await agent.answers(len(before), stopReason="end_turn")
    assert agent.told == before
    assert agent.over
    assert agent.end_of_it is not None
    assert (agent.end_of_it.status, agent.end_of_it.result) == (Status.COMPLETED, "half whole")


@pytest.mark.parametrize(("first", "then"), [(OLD, CODEX), (CODEX, CODEX)])
async def test_a_message_to_an_agent_that_was_taken_over_has_a_number_of_its_own(
    agent: Agent, first: Preset, then: Preset
) -> None:
    await agent.has(first)
    await agent.begins()
    if agent.heard[-1] != "session/prompt":
        await agent.answers(3)
    owner = await agent.has(then)
    owner.hearing.perform(owner.dialogue.message(Delivery("msg_1", "more", "queue", "you")))
    await agent.answers(len(agent.told), stopReason="end_turn")
    assert agent.heard[-2:] == ["session/prompt", "session/prompt"]
    assert len({row["id"] for row in agent.told}) == len(agent.told)
    assert not agent.over
    await agent.has(then, version="3")
    assert (agent.over, agent.end_of_it) == (False, None)
    await agent.answers(agent.told[-1]["id"], stopReason="end_turn")
    assert agent.over
    assert agent.end_of_it is not None
    assert agent.end_of_it.status is Status.COMPLETED


async def test_a_wish_that_is_new_is_said_where_no_prompt_was(agent: Agent) -> None:
    await agent.has(OLD, model="m")
    await agent.begins()
    assert agent.heard == [*BEFORE, "session/set_model"]
    await agent.has(CODEX, version="2", model="m")
    assert agent.heard == [*BEFORE, "session/set_model"]
    await agent.answers(3)
    assert agent.told[-1]["params"]["modeId"] == "read-only"
    await agent.answers(4)
    await agent.answers(5)
    assert agent.heard[-1] == "session/prompt"


async def test_a_talk_that_ended_is_over_for_the_next_owner_too(agent: Agent) -> None:
    await agent.has(CODEX)
    await agent.begins()
    await agent.answers(3)
    await agent.answers(4, stopReason="end_turn")
    await agent.writes(id=9, method="fs/read_text_file", params={})
    assert "error" in agent.owner.hearing.transcript.entries()[-1].line.decode()
    agent.over = False
    await agent.has(CODEX, version="2")
    assert agent.over


async def test_an_agent_that_an_older_version_prompted_without_its_mode_goes_on(agent: Agent) -> None:
    await agent.has(OLD)
    await agent.begins()
    careful = replace(CODEX, modes={"agent": "gone"})
    await agent.has(careful, version="2")
    assert (agent.over, agent.end_of_it) == (False, None)
    await agent.answers(3, stopReason="end_turn")
    assert agent.over
    assert agent.end_of_it is not None
    assert agent.end_of_it.status is Status.COMPLETED


async def test_an_agent_without_its_mode_that_has_no_prompt_yet_gets_none(agent: Agent) -> None:
    await agent.has(OLD, model="m")
    await agent.begins()
    await agent.has(replace(CODEX, modes={"agent": "gone"}), version="2", model="m")
    assert agent.over
    assert agent.end_of_it is not None
    assert agent.end_of_it.error_code == "agent_mode"
    assert agent.heard == [*BEFORE, "session/set_model"]
