"""A kept message began the next turn: the end of the turn before it ends nothing for a later owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Status
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.owners import Owner, Stream, Surroundings

LATER = Delivery("msg_1", "and the tests", "queue", "you")
INIT = {"type": "system", "subtype": "init", "session_id": "s"}
DONE = {"type": "result", "subtype": "success", "result": "done", "session_id": "s"}
FAILED = {"type": "result", "subtype": "error_during_execution", "is_error": True, "session_id": "s"}
TALKS: dict[str, tuple[list[Any], list[Any], list[Any]]] = {
    "codex": (
        [
            {"id": 1, "result": {}},
            {"id": 2, "result": {"thread": {"id": "t"}}},
            {"id": 3, "result": {"turn": {"id": "one"}}},
        ],
        [{"method": "turn/completed", "params": {"turn": {"id": "one", "status": "completed"}}}],
        [{"method": "turn/completed", "params": {"turn": {"id": "two", "status": "completed"}}}],
    ),
    "codex-acp": (
        [{"id": 1, "result": {"protocolVersion": 1}}, {"id": 2, "result": {"sessionId": "s"}}],
        [{"id": 3, "result": {"stopReason": "end_turn"}}],
        [{"id": 4, "result": {"stopReason": "end_turn"}}],
    ),
    "claude": ([INIT], [DONE], [DONE]),
}
"""Of each agent what it says before a turn ends, at that end, and at the end of the next."""


class Talk:
    """One agent, which has an owner after the other."""

    def __init__(self, preset: str, stream: Stream, directory: Path) -> None:
        self.start = Start(shipped()[preset], "fix it", "/w")
        self.stream = stream
        self.around = Surroundings(directory)
        self.over: list[Owner] = []

    def owner(self) -> Owner:
        """The next owner takes over."""
        owner = Owner(self.start, self.around)
        owner.hearing.on_over = lambda: self.over.append(owner)
        owner.begin()
        return owner

    async def says(self, owner: Owner, rows: list[Any]) -> None:
        """The agent says something."""
        for row in rows:
            self.stream.write(row)
        await owner.hear()


@pytest.mark.parametrize("preset", TALKS)
async def test_the_next_owner_lets_it_go_on(preset: str, stream: Stream, tmp_path: Path) -> None:
    begin, end, end_of_next = TALKS[preset]
    talk = Talk(preset, stream, tmp_path)
    first = talk.owner()
    await talk.says(first, begin)
    first.hearing.perform(first.dialogue.message(LATER))
    await talk.says(first, end)
    assert (talk.over, first.dialogue.conclusion()) == ([], None)

    second = talk.owner()
    assert (talk.over, second.dialogue.conclusion()) == ([], None)
    second.hearing.perform(second.dialogue.message(Delivery("msg_2", "more", "queue", "you")))
    assert "msg_2 False" not in talk.around.verdicts
    await talk.says(second, end_of_next)
    assert talk.over == []

    third = talk.owner()
    assert (talk.over, third.dialogue.conclusion()) == ([], None)
    last = [{**row, "id": row["id"] + 1} if "id" in row else row for row in end_of_next]
    await talk.says(third, last)
    assert talk.over == [third]
    said = third.dialogue.conclusion()
    assert said is not None
    assert said.status is Status.COMPLETED


async def test_an_agent_that_dies_in_the_next_turn_did_not_say_how_it_ended(
    stream: Stream, tmp_path: Path
) -> None:
    """Its last word was about the turn before, be it good or bad."""
    talk = Talk("claude", stream, tmp_path)
    first = talk.owner()
    await talk.says(first, [INIT])
    first.hearing.perform(first.dialogue.message(LATER))
    await talk.says(first, [FAILED])
    assert first.dialogue.conclusion() is None
    assert talk.owner().dialogue.conclusion() is None
    assert talk.over == []


async def test_whom_a_failed_turn_left_in_the_background_is_waited_for_by_the_next_owner(
    stream: Stream, tmp_path: Path
) -> None:
    """A turn before it had ended for good, but for a message that was kept: that is no end any more."""
    talk = Talk("claude", stream, tmp_path)
    first = talk.owner()
    await talk.says(first, [INIT])
    first.hearing.perform(first.dialogue.message(LATER))
    tasks = [{"task_id": "a", "task_type": "local_agent", "description": "look around"}]
    background = {"type": "system", "subtype": "background_tasks_changed"}
    await talk.says(first, [DONE, INIT, {**background, "tasks": tasks}, FAILED])
    assert talk.over == []
    second = talk.owner()
    assert talk.over == []
    await talk.says(second, [{"type": "system", "subtype": "task_notification"}, {**background, "tasks": []}])
    await talk.says(second, [INIT, DONE])
    assert talk.over == [second]
