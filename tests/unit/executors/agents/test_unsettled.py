"""A message that waited when its owner died is handed over by the next one: once, if that can be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Status
from tasktui.executors.agents.transcript import Said
from tests.unit.executors.agents.owners import Owner, Stream
from tests.unit.executors.agents.test_next_turns import LATER, TALKS, Talk

PRESETS = pytest.mark.parametrize("preset", TALKS)


def carried(talk: Talk) -> list[str | None]:
    """The messages that were said to the agent, in order."""
    entries = Said(talk.around.directory).entries()
    return [entry.delivery for entry in entries if entry.delivery is not None]


async def begun(preset: str, stream: Stream, directory: Path) -> tuple[Talk, Owner]:
    """An agent in its first turn, and its first owner."""
    talk = Talk(preset, stream, directory)
    owner = talk.owner()
    await talk.says(owner, TALKS[preset][0])
    return talk, owner


@PRESETS
async def test_one_that_was_kept_for_the_next_turn_begins_it(
    preset: str, stream: Stream, tmp_path: Path
) -> None:
    _, end, end_of_next = TALKS[preset]
    talk, first = await begun(preset, stream, tmp_path)
    first.hearing.perform(first.dialogue.message(LATER))
    talk.around.unsettled = (LATER,)
    for row in end:  # nobody is there
        stream.write(row)
    second = talk.owner()
    assert (talk.over, talk.around.verdicts[-1]) == ([], "msg_1 True")
    assert carried(talk) == ["msg_1"]
    await talk.says(second, end_of_next)
    assert talk.over == [second]
    said = second.dialogue.conclusion()
    assert said is not None
    assert said.status is Status.COMPLETED


@PRESETS
async def test_one_that_no_owner_took_in_is_as_a_new_one(preset: str, stream: Stream, tmp_path: Path) -> None:
    """It was stored, and its owner died before the run had it; so two of them keep their order."""
    talk, _ = await begun(preset, stream, tmp_path)
    more = Delivery("msg_2", "and the docs", "queue", "you")
    talk.around.unsettled = (LATER, more)
    second = talk.owner()
    await talk.says(second, TALKS[preset][1])
    assert carried(talk)[0] == "msg_1"
    assert talk.over == []
    third = talk.owner()
    assert carried(talk).count("msg_1") == 1
    await talk.says(third, TALKS[preset][2])
    assert carried(talk) == ["msg_1", "msg_2"]
    assert talk.over == []


@PRESETS
@pytest.mark.parametrize(("sent", "verdict"), [(True, "msg_1 True"), (False, "msg_1 None")])
async def test_one_that_was_handed_over_is_not_said_again(
    preset: str, stream: Stream, tmp_path: Path, sent: bool, verdict: str
) -> None:
    talk, first = await begun(preset, stream, tmp_path)
    if not sent:  # it dies while it writes
        first.hearing.on_say = lambda number, _: first.hearing.transcript.begun(number)
    first.hearing.perform(first.dialogue.message(LATER))
    await talk.says(first, TALKS[preset][1])
    assert carried(talk) == ["msg_1"]
    talk.around.unsettled = (LATER,)
    talk.around.verdicts.clear()
    talk.owner()
    assert talk.around.verdicts == [verdict]
    assert carried(talk) == ["msg_1"]


@PRESETS
async def test_one_that_never_left_its_owner_is_said_by_the_next(
    preset: str, stream: Stream, tmp_path: Path
) -> None:
    """The agent never heard of it: its task would have waited for the answer for ever."""
    talk, first = await begun(preset, stream, tmp_path)
    first.hearing.on_say = lambda _, __: None  # it dies between writing down and writing
    first.hearing.perform(first.dialogue.message(LATER))
    await talk.says(first, TALKS[preset][1])
    assert carried(talk) == ["msg_1"]
    talk.around.unsettled = (LATER,)
    talk.around.verdicts.clear()
    second = talk.owner()
    assert (talk.around.verdicts, carried(talk)) == (["msg_1 True"], ["msg_1"])
    assert all(entry.sent for entry in Said(tmp_path).entries())
    assert talk.owner().around.stored == second.around.stored, "nobody is warned of a line that was sent"


@PRESETS
async def test_an_agent_that_is_gone_is_told_nothing(preset: str, stream: Stream, tmp_path: Path) -> None:
    talk, first = await begun(preset, stream, tmp_path)
    first.hearing.perform(first.dialogue.message(LATER))
    before = Said(tmp_path).entries()
    talk.around.unsettled = (LATER, Delivery("msg_2", "and the docs", "queue", "you"))
    talk.around.verdicts.clear()
    last = Owner(talk.start, talk.around)
    last.hearing.recall(goes_on=False)
    await last.hear()
    assert Said(tmp_path).entries() == before
    assert talk.around.verdicts == [f"{name} True" for name in carried(talk)]
