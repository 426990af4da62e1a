"""`TaskManager` in a program of its own: real processes, real threads, no screen."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tasktui import Capabilities, Outcome, Reason, RunContext, Status, StreamExecutor, TaskManager, TaskSpec
from tasktui.bootstrap.house import acquire
from tasktui.domain.errors import (
    InvalidError,
    ManagerClosedError,
    OwnerError,
    StateError,
    TaskConflictError,
    UnavailableError,
    UnsupportedError,
)
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery
from tasktui.domain.records import StoredEvent
from tasktui.events import Data, MessageCompleted, TaskProgress
from tests.integration.bootstrap import embedded_jobs

HERE = Path(__file__).parent


async def poet(ctx: RunContext) -> AsyncIterator[Data | Outcome]:
    yield TaskProgress(current=1, total=2)
    yield MessageCompleted(content=f"about {ctx.spec.work.model_dump()['payload'].get('theme')}")
    if ctx.spec.name == "silent":
        return
    if ctx.spec.name == "endless":
        await asyncio.Event().wait()
    yield Outcome(Status.COMPLETED, Reason.COMPLETED, result="a poem")


@pytest.mark.parametrize("options", [{}, {"thread": True}, {"store": "memory"}], ids=str)
async def test_words_say_what_is_to_be_done(own_home: Path, options: dict[str, bool]) -> None:
    opening = TaskManager.open(own_home, lanes={"one": 1}, **options)  # type: ignore[arg-type]  # words of open
    async with opening as manager:
        port: Manager = manager
        line = await manager.submit(command="echo $((6 * 7))", name="sum", tags=["maths"], lane="one")
        program = await manager.submit(argv=["pwd"], cwd=own_home)
        spec = await manager.submit(TaskSpec.model_validate({"work": {"kind": "shell", "argv": ["true"]}}))
        function = await manager.submit(embedded_jobs.double, arguments={"n": 4}, priority=1)
        assert (await manager.result(line.id), line.row.title) == ("42", "sum")
        assert await manager.result(program.id) == str(own_home)
        assert await manager.result(function.id) == "8"
        assert (await manager.get(function.id)).spec.work.model_dump()["python"] == sys.executable
        assert (await manager.wait(spec.id)).status is Status.COMPLETED
        assert len((await port.page(TaskQuery())).items) == 4
        types = [event.type async for event in manager.subscribe(line.id) if isinstance(event, StoredEvent)]
        assert types == ["task.created", "task.started", "task.finished"]


@pytest.mark.feature(49, 104)
async def test_a_large_result_comes_whole_and_a_failure_as_an_error(own_home: Path) -> None:
    async with TaskManager.open(store="memory") as manager:
        big = await manager.submit_callable(lambda: "é" * 2_000_000)
        assert await manager.result(big.id) == "é" * 2_000_000
        bad = await manager.submit(command="exit 3", name="bad")
        with pytest.raises(StateError, match="bad: failed: Exit code 3"):
            await manager.result(bad.id)
    assert not own_home.exists(), "a store in memory leaves nothing behind"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "said were: none"),
        ({"comand": "a"}, "said were: none, but comand, which is unknown"),
        ({"argv": ["a"], "command": "b"}, "said were: argv, command"),
        ({"command": "true", "colour": "red"}, "colour: Extra inputs"),
        ({"command": " "}, "Task command cannot be empty"),
        ({"function": "no function"}, "function"),
        ({"function": lambda: 1}, "give it to submit_callable"),
        ({"prompt": "hello", "agent": "nobody"}, "No agent is named so: nobody"),
        ({"executor": "painter"}, "Nothing here runs tasks of this kind: painter"),
    ],
)
async def test_what_makes_no_sense_is_refused(asked: dict[str, object], said: str) -> None:
    async with TaskManager.open(store="memory") as manager:
        with pytest.raises(InvalidError, match=said):
            await manager.submit(**asked)  # type: ignore[arg-type]  # wrong words are the point


@pytest.mark.feature(41, 168)
async def test_an_executor_is_one_async_generator(own_home: Path) -> None:
    able = StreamExecutor(poet, capabilities=Capabilities(intervene="queue"))
    async with TaskManager.open(own_home, executors={"poet": able}) as manager:
        task = await manager.submit(executor="poet", payload={"theme": "rain"})
        assert await manager.result(task.id) == "a poem"
        timeline = await manager.timeline(task.id, types=["message.completed"])
        assert b"about rain" in timeline.items[0].data
        silent = await manager.wait((await manager.submit(executor="poet", name="silent")).id)
        assert (silent.terminal_reason, silent.error) == (
            Reason.BAD_RESULT,
            "The executor ended without a result.",
        )
        endless = await manager.submit(executor="poet", name="endless")
        while not (await manager.timeline(endless.id, types=["message.completed"])).items:
            await asyncio.sleep(0.005)
        await manager.cancel(endless.id)
        assert (await manager.wait(endless.id)).status is Status.CANCELED


@pytest.mark.feature(164)
async def test_a_directory_has_one_owner_and_others_may_attach(own_home: Path) -> None:
    async with TaskManager.open(own_home, listen=True, thread=True) as first:
        with pytest.raises(OwnerError, match="attach=True"):
            async with TaskManager.open(own_home):
                pass
        with pytest.raises(UnsupportedError, match="cannot run there: poet"):
            async with TaskManager.open(own_home, attach=True, executors={"poet": StreamExecutor(poet)}):
                pass
        async with TaskManager.open(own_home, attach=True) as second:
            task = await second.submit(command="echo hi")
            assert await second.result(task.id) == "hi"
            with pytest.raises(UnsupportedError, match="by its name"):
                await second.submit_callable(print)
        assert (await first.get(task.id)).row.status is Status.COMPLETED
    lock = acquire(own_home)
    assert lock is not None, "the directory is free again"
    lock.release()


@pytest.mark.feature(16, 165, 166)
async def test_processes_go_on_when_the_program_leaves_and_callables_do_not(own_home: Path) -> None:
    async with TaskManager.open(own_home) as first:
        go = own_home / "go"
        process = await first.submit(command=f"until [ -e {go} ]; do sleep 0.05; done; echo done")
        inside = await first.submit_callable(embedded_jobs.until_stopped)
        waiting = await first.submit_callable(embedded_jobs.until_stopped, held=True)
        for task in (process, inside):
            while (await first.get(task.id)).row.status is not Status.RUNNING:
                await asyncio.sleep(0.005)
    with pytest.raises(ManagerClosedError):
        await first.submit(command="true")
    async with TaskManager.open(own_home) as second:
        go.touch()
        assert await second.result(process.id) == "done"
        ended = (await second.get(inside.id)).row
        assert (ended.status, ended.terminal_reason) == (Status.INTERRUPTED, Reason.SHUTDOWN)
        with pytest.raises(UnavailableError, match="only the program that gave it"):
            await second.retry(inside.id)
        await second.release(waiting.id)
        lost = await second.wait(waiting.id)
        assert (lost.status, lost.terminal_reason) == (Status.FAILED, Reason.RESOURCE_UNAVAILABLE)


async def test_a_callable_of_an_owner_that_died_is_interrupted(own_home: Path) -> None:
    program = HERE / "dying_owner.py"
    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, program, own_home], capture_output=True, text=True, timeout=50
    )
    assert died.returncode == 9, died.stderr
    async with TaskManager.open(own_home) as manager:
        row = await manager.wait(died.stdout.strip())
        assert (row.status, row.terminal_reason) == (Status.INTERRUPTED, Reason.PROCESS_RESTART)


async def test_an_id_is_taken_once(own_home: Path) -> None:
    async with TaskManager.open(own_home) as manager:
        await manager.submit_callable(print, task_id="mine")
        with pytest.raises(TaskConflictError):
            await manager.submit_callable(print, task_id="mine")


async def test_the_callers_loop_is_where_streams_and_async_callables_are(own_home: Path) -> None:
    here = threading.current_thread()

    async def where() -> bool:
        return threading.current_thread() is here

    async with TaskManager.open(own_home, thread=True) as manager:
        task = await manager.submit_callable(where)
        assert await manager.result(task.id) == "true"
