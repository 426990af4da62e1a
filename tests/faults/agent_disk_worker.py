"""An agent at work while the disk of its run fills up: run inside a mount namespace; says what it saw."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tasktui.bootstrap.house import House
from tasktui.domain.errors import DiskFullError
from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.requests import Answer, Message
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.executors.output import OutputReader
from tasktui.executors.run_files import read_head
from tests.faults.desks import tasktui
from tests.faults.full_disk_worker import fill, say
from tests.integration.executors.agents.talks import a_house, asks, ends, facts, left, reach, submit
from tests.integration.executors.agents.test_acp_adoption import an_owner, heard, kill
from tests.integration.executors.processes import run_of, supervising, until

LONG = "x" * 10_000
"""Longer than what is left of a page that a file has already."""

WAITS = "warning: There is no room on the disk"


class Disk:
    """The small disk, on which the runs of tasks lie."""

    def __init__(self, home: Path) -> None:
        self._ballast = home / "tasks" / "ballast"

    def fill(self) -> None:
        fill(self._ballast)

    def make_room(self) -> None:
        self._ballast.unlink()


def said(home: Path, task: str) -> list[str]:
    """The lines that were written down as said."""
    rows = (home / "tasks" / task / "said.jsonl").read_bytes().split(b"\n")
    found = []
    for row in rows:
        with suppress(ValueError):
            found += [json.loads(row)["line"]] if b'"line"' in row else []
    return found


@asynccontextmanager
async def counting(home: Path, work: Path, disk: Disk) -> AsyncIterator[tuple[House, str]]:
    """An agent that counts until the disk is full, and waits then."""
    async with a_house(home) as house:
        task = await submit(house, asks("wait", work))
        await until(lambda: heard(home, task, b'"3 "'), 30)
        disk.fill()
        yield house, task


async def whole(house: House, home: Path, task: str) -> None:
    """Tell how it ended, and whether all that the agent said was heard."""
    row = await ends(house, task, 60)
    words = [fact.content for fact in await facts(house, task) if isinstance(fact, MessageCompleted)]
    number = int(words[0].rsplit(" ", 1)[1])
    say(f"ended: {row.status.value}")
    say(f"heard all: {words[0] == ' '.join(map(str, range(number))) + f' counted to {number}'}")
    say(f"left: {left(home, task)}")


async def hears(home: Path, work: Path) -> None:
    """The agent speaks on while there is no room."""
    disk = Disk(home)
    async with counting(home, work, disk) as (house, task):
        await reach(house, task, WAITS, 30)
        say(f"goes on: {(await house.manager.detail(task)).task.row.status.value}")
        (work / "go").touch()
        disk.make_room()
        await reach(house, task, "status: There is room on the disk again", 60)
        await whole(house, home, task)


async def queued(home: Path, work: Path) -> None:
    """Tasks fall due while there is no room for their runs."""
    disk = Disk(home)
    async with a_house(home) as house:
        spec = asks("hello", work).model_copy(update={"held": True})
        made = [await house.manager.submit(spec, env=dict(os.environ)) for _ in range(3)]
        disk.fill()
        for row in made:
            await house.manager.release(row.id)
        async with asyncio.timeout(30):
            while (await house.manager.stats()).degraded is None:
                await asyncio.sleep(0.02)
        say(f"wait: {[(await house.manager.detail(row.id)).task.row.status.value for row in made]}")
        disk.make_room()
        say(f"ended: {[(await ends(house, row.id, 60)).status.value for row in made]}")
        say(f"trouble: {(await house.manager.stats()).degraded}")


async def ended(home: Path, work: Path) -> None:
    """A patient program says its last words and ends while there is no room."""
    disk = Disk(home)
    work.mkdir()
    go = work / "go"
    script = f"until [ -e {go} ]; do sleep 0.05; done; seq 6000; exit 5"
    async with supervising(home) as supervisor:
        run = run_of(home, "sh", "-c", script, patient=True)
        process = await supervisor.launch(run)
        await until(lambda: read_head(run.directory))
        disk.fill()
        go.touch()
        await until(lambda: process.full, 30)
        say(f"ended: {process.record is not None}")
        disk.make_room()
        async with asyncio.timeout(30):
            record = await process.wait()
    kept = b"".join(piece.data for piece in OutputReader(run.directory).pieces(0, 1 << 20))
    say(f"code: {record.code} {record.dropped}")
    say(f"kept all: {kept.split() == [b'%d' % number for number in range(1, 6001)]}")


async def canceled(home: Path, work: Path) -> None:
    """It is canceled while there is no room."""
    disk = Disk(home)
    async with counting(home, work, disk) as (house, task):
        await reach(house, task, WAITS, 30)
        await house.manager.cancel(task)
        row = await ends(house, task, 30)
        say(f"ended: {row.status.value}")
        say(f"left: {left(home, task)}")
        disk.make_room()


async def told(home: Path, work: Path) -> None:
    """A person answers while there is no room to write down what is said."""
    disk = Disk(home)
    async with a_house(home) as house:
        task = await submit(house, asks("ask", work))
        await reach(house, task, "asks: Which colour?", 30)
        before = said(home, task)
        disk.fill()
        await house.manager.answer(task, Answer(text=LONG))
        await reach(house, task, WAITS, 30)
        say(f"said: {said(home, task) == before}")
        say(f"goes on: {(await house.manager.detail(task)).task.row.status.value}")
        disk.make_room()
        row = await ends(house, task, 60)
        words = [fact.content for fact in await facts(house, task) if isinstance(fact, MessageCompleted)]
        answered = "answer: accept " + str({"colour": LONG})
        say(f"ended: {row.status.value} {words == [answered]}")
        say(f"said once: {len(said(home, task)) - len(before)}")


async def answered(home: Path, work: Path) -> None:
    """A person answers a command while there is no room in its inbox."""
    disk = Disk(home)
    work.mkdir()
    question = json.dumps({"type": "input.requested", "data": {"request_id": "q", "question": "Which?"}})
    script = (
        f"""echo '{question}' >>"$TASKTUI_EVENTS"; until grep -q xxx "$TASKTUI_INBOX"; do sleep 0.1; done"""
    )
    async with a_house(home) as house:
        task = await submit(house, TaskSpec(work=ShellWork(command=script), cwd=str(work)))
        await reach(house, task, "asks: Which?", 30)
        await house.manager.intervene(task, Message("before"))
        inbox = home / "tasks" / task / "inbox.jsonl"
        await until(lambda: inbox.exists() and b"before" in inbox.read_bytes(), 30)
        before = inbox.read_bytes()
        disk.fill()
        await house.manager.answer(task, Answer(text=LONG))
        await reach(house, task, WAITS, 30)
        say(f"nothing torn: {inbox.read_bytes() == before}")
        disk.make_room()
        say(f"ended: {(await ends(house, task, 60)).status.value}")
        rows = [json.loads(line)["text"] for line in inbox.read_text().splitlines()]
        say(f"told once: {rows == ['before', LONG]}")


async def everything(home: Path, work: Path) -> None:
    """The database lies on the same disk: what a person says is taken and heard once, or refused."""
    disk = Disk(home)
    taken: list[str] = []
    async with counting(home, work, disk) as (house, task):
        with suppress(DiskFullError):
            for number in range(60):
                await house.manager.intervene(task, Message(f"echo {number} {LONG}", mode="queue"))
                taken.append(f"heard: {number} {LONG}")
        say(f"refused: {len(taken) < 60}")
        say(f"degraded: {(await house.manager.stats()).degraded is not None}")
        disk.make_room()
        (work / "go").touch()
        await whole(house, home, task)
        words = [fact.content for fact in await facts(house, task) if isinstance(fact, MessageCompleted)]
        say(f"taken is heard once: {words[1:] == taken}")
        states = {sent.state for sent in (await house.manager.detail(task)).interventions}
        say(f"verdicts: {states <= {'delivered'}}")


async def killed(home: Path, work: Path) -> None:
    """The owner dies while a message waits for room to be written down."""
    disk = Disk(home)
    with an_owner(home, work, "wait") as (process, task):
        await until(lambda: heard(home, task, b'"3 "'), 30)
        disk.fill()
        before = said(home, task)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"echo {LONG}\n")
        process.stdin.flush()
        message = process.stdout.readline().strip()
        say(f"taken: {message.startswith('msg_')}")
        kill(process)
    say(f"said: {said(home, task) == before}")
    (work / "go").touch()
    async with a_house(home) as house:
        disk.make_room()
        await whole(house, home, task)
        (sent,) = (await house.manager.detail(task)).interventions
        say(f"message: {sent.state} {sent.intervention_id == message}")
        say(f"said once: {sum(LONG in line for line in said(home, task))}")
        words = [fact.content for fact in await facts(house, task) if isinstance(fact, MessageCompleted)]
        say(f"done once: {words.count(f'heard: {LONG}')}")


async def reopened(home: Path, work: Path) -> None:
    """The owner dies on a disk that is full for the database too, and nobody can take its place yet."""
    disk = Disk(home)
    with an_owner(home, work, "wait") as (process, task):
        await until(lambda: heard(home, task, b'"3 "'), 30)
        disk.fill()
        kill(process)
    tried = await asyncio.to_thread(tasktui, "--home", str(home), "serve")
    say(f"serve: {tried.returncode != 0} {'No room is left' in tried.stderr} {'Traceback' in tried.stderr}")
    disk.make_room()
    (work / "go").touch()
    async with a_house(home) as house:
        await whole(house, home, task)


if __name__ == "__main__":
    scenario = {
        "hears": hears,
        "queued": queued,
        "ended": ended,
        "canceled": canceled,
        "told": told,
        "answered": answered,
        "everything": everything,
        "reopened": reopened,
        "killed": killed,
    }
    asyncio.run(scenario[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3])))
