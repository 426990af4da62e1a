"""An owner that is killed leaves its talk with a far agent to the next; no word is lost or doubled."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.requests import Answer
from tasktui.domain.status import Status
from tests.integration.executors.agents.far_agents import SCHEMES, Served, far, served
from tests.integration.executors.agents.talks import a_house, ends, facts, left, lines, reach
from tests.integration.executors.agents.test_acp_adoption import an_owner, heard, kill
from tests.integration.executors.processes import until


async def started_and_left(agent: Served, scheme: str, home: Path, prompt: str, words: bytes) -> str:
    """Have an owner start a task and kill it with -9 once the agent said the words."""
    agents = json.dumps(far(agent.url(scheme)))
    owner = an_owner(home, home.parent / "work", prompt, agents)
    process, task = await asyncio.to_thread(owner.__enter__)
    try:
        await until(lambda: heard(home, task, words))
        kill(process)
    finally:
        await asyncio.to_thread(owner.__exit__, None, None, None)
    return task


@SCHEMES
async def test_a_talk_goes_on_where_it_was(home: Path, work: Path, scheme: str) -> None:
    async with served() as agent:
        task = await started_and_left(agent, scheme, home, "wait", b'"9 "')
        await until(lambda: heard(home, task, b'"40 "'))
        async with a_house(home, agents=far(agent.url(scheme))) as house:
            await reach(house, task, "linked")
            (work / "go").touch()
            row = await ends(house, task)
            assert row.status is Status.COMPLETED
            told = [fact.content for fact in await facts(house, task) if isinstance(fact, MessageCompleted)]
            number = int(told[0].rsplit(" ", 1)[1])
            assert told == [" ".join(map(str, range(number))) + f" counted to {number}"]
            assert (await lines(house, task)).count("linked session_id") == 1
            assert len(agent.agents) == 1
            assert left(home, task) == []


@SCHEMES
async def test_a_permission_that_waited_is_answered_by_the_next_owner(
    home: Path, work: Path, scheme: str
) -> None:
    async with served() as agent:
        task = await started_and_left(agent, scheme, home, "edit", b"request_permission")
        async with a_house(home, agents=far(agent.url(scheme))) as house:
            await reach(house, task, "may edit: edit")
            await house.manager.answer(task, Answer(decision="allow"))
            row = await ends(house, task)
            assert (row.status, row.result_summary) == (Status.COMPLETED, "decided: once")


@SCHEMES
async def test_a_connection_that_was_lost_while_nobody_was_there(home: Path, work: Path, scheme: str) -> None:
    async with served() as agent:
        task = await started_and_left(agent, scheme, home, "slow", b"sleep 600")
        agent.wire.cut()
        await until(lambda: heard(home, task, b"was lost"))
        async with a_house(home, agents=far(agent.url(scheme))) as house:
            row = await ends(house, task)
            assert (row.status, row.error_code) == (Status.FAILED, "agent_network")
            assert left(home, task) == []
