"""An owner that is killed leaves its agent at work; the next takes it over, no word lost or doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil

from tasktui.domain.events.work import MessageCompleted, ToolStarted
from tasktui.domain.requests import Answer, Message
from tasktui.domain.status import Status
from tests.integration.executors.agents.talks import a_house, ends, facts, left, lines, reach
from tests.integration.executors.processes import until

OWNER = Path(__file__).parent / "agent_owner.py"
ROOT = Path(__file__).parents[4]


@contextmanager
def an_owner(home: Path, work: Path, prompt: str, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that owns the home; killed at the latest at the end."""
    argv = [sys.executable, str(OWNER), str(home), str(work), prompt, *more]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True, env=env, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(25)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def heard(home: Path, task: str, words: bytes) -> bool:
    """Whether the agent's stream holds the words."""
    stream = home / "tasks" / task / "out.log"
    return stream.exists() and words in stream.read_bytes()


async def a_turn_ends(home: Path, work: Path, task: str) -> None:
    """Let the agent end its turn, whether or not somebody owns it."""
    (work / "go").touch()
    await until(lambda: heard(home, task, b"end_turn"))


async def test_a_talk_goes_on_where_it_was(home: Path, work: Path) -> None:
    with an_owner(home, work, "wait") as (process, task):
        await until(lambda: heard(home, task, b'"9 "'))
        kill(process)
        await until(lambda: heard(home, task, b'"40 "'))
        async with a_house(home) as house:
            await reach(house, task, "linked")
            (work / "go").touch()
            row = await ends(house, task)
            assert row.status is Status.COMPLETED
            told = [fact.content for fact in await facts(house, task) if isinstance(fact, MessageCompleted)]
            number = int(told[0].rsplit(" ", 1)[1])
            assert told == [" ".join(map(str, range(number))) + f" counted to {number}"]
            assert (await lines(house, task)).count("linked session_id") == 1
            said = (home / "tasks" / task / "said.jsonl").read_text()
            assert said.count("session/prompt") == 1
            assert left(home, task) == []


async def test_a_message_that_waited_for_the_next_turn_begins_it_under_the_next_owner(
    home: Path, work: Path
) -> None:
    with an_owner(home, work, "wait") as (process, task):
        await until(lambda: heard(home, task, b'"3 "'))
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("echo again\n")
        process.stdin.flush()
        message = process.stdout.readline().strip()
        kill(process)
        await a_turn_ends(home, work, task)
        async with a_house(home) as house:
            row = await ends(house, task)
            assert row.status is Status.COMPLETED
            (sent,) = (await house.manager.detail(task)).interventions
            assert (sent.intervention_id, sent.state) == (message, "delivered")
            said = (home / "tasks" / task / "said.jsonl").read_text()
            assert said.count("echo again") == 1
            assert left(home, task) == []


async def test_an_agent_that_ended_while_nobody_was_there_has_its_end(home: Path, work: Path) -> None:
    with an_owner(home, work, "wait") as (process, task):
        await until(lambda: heard(home, task, b'"3 "'))
        kill(process)
        await a_turn_ends(home, work, task)
        async with a_house(home) as house:
            row = await ends(house, task)
            assert row.status is Status.COMPLETED
            assert "counted to" in (row.result_summary or "")
            assert left(home, task) == []


async def test_a_permission_that_waited_is_answered_by_the_next_owner(home: Path, work: Path) -> None:
    with an_owner(home, work, "edit") as (process, task):
        await until(lambda: heard(home, task, b"request_permission"))
        kill(process)
        async with a_house(home) as house:
            await reach(house, task, "may edit: edit")
            await house.manager.answer(task, Answer(decision="allow"))
            row = await ends(house, task)
            assert (row.status, row.result_summary) == (Status.COMPLETED, "decided: once")
            kinds = Counter(type(fact) for fact in await facts(house, task))
            assert kinds[ToolStarted] == 1
            assert (await lines(house, task)).count(f"may edit: edit {work / 'a.txt'}") == 1


async def test_a_message_and_a_cancel_reach_an_agent_that_was_taken_over(home: Path, work: Path) -> None:
    with an_owner(home, work, "slow") as (process, task):
        await until(lambda: heard(home, task, b"sleep 600"))
        kill(process)
        async with a_house(home) as house:
            await reach(house, task, "tool execute [execute]: sleep 600")
            await house.manager.intervene(task, Message("slow again", mode="interrupt"))
            await reach(house, task, "end execute canceled")
            await house.manager.cancel(task)
            row = await ends(house, task)
            assert row.status is Status.CANCELED
            assert left(home, task) == []
            assert not psutil.pid_exists(int((work / "child.pid").read_text()))


async def test_owner_after_owner(home: Path, work: Path) -> None:
    """Three owners die in one talk; the fourth sees its end."""
    task = ""
    for number in (5, 15, 25):
        with an_owner(home, work, "hello" if task else "wait") as (_, started):
            task = task or started
            await until(partial(heard, home, task, b'"%d "' % number))
    async with a_house(home) as house:
        (work / "go").touch()
        row = await ends(house, task)
        assert row.status is Status.COMPLETED
        messages = [fact.content for fact in await facts(house, task) if isinstance(fact, MessageCompleted)]
        number = int(messages[0].rsplit(" ", 1)[1])
        assert messages == [" ".join(map(str, range(number))) + f" counted to {number}"]
