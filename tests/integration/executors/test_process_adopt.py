"""A new owner finds what the last one left: runs that go on, have ended, never started, or were lost."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from tasktui.executors.launch import AlreadyRunError, LaunchError
from tasktui.executors.output import OutputReader
from tasktui.executors.process import Alive, Ended, Lost, NeverStarted, Supervisor
from tasktui.executors.run_files import is_locked, lock_for, read_head
from tests.integration.executors.processes import marked, run_of, supervising, until

OWNER = """
    import asyncio, os, pathlib, sys
    from tasktui.executors.launch import Launch
    from tasktui.executors.process import Supervisor

    async def main():
        home = pathlib.Path(sys.argv[1])
        supervisor = Supervisor(home)
        await supervisor.start()
        for task, script in (("going", "read x; echo got $x; exit 3"), ("ending", "sleep 0.3; exit 4"),
                             ("deadline", "sleep 60")):
            launch = Launch(task, 1, home / "tasks" / task, ("sh", "-c", script), home, dict(os.environ),
                            os.urandom(16).hex(), timeout_s=1.0 if task == "deadline" else None)
            await supervisor.launch(launch)
        print("ready", flush=True)
        await asyncio.sleep(60)

    asyncio.run(main())
"""


def start_and_kill_an_owner(home: Path) -> None:
    """Start three runs from a process of their own and kill -9 it."""
    command = [sys.executable, "-c", textwrap.dedent(OWNER), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == b"ready\n"
        finally:
            owner.kill()


async def test_after_kill_9_of_the_owner_every_exit_code_is_right(own_home: Path) -> None:
    start_and_kill_an_owner(own_home)
    tasks = own_home / "tasks"
    await until((tasks / "ending" / "status.json").exists)
    async with supervising(own_home) as supervisor:
        ending = await supervisor.adopt(tasks / "ending", 1)
        assert isinstance(ending, Ended)
        assert ending.record.code == 4
        going = await supervisor.adopt(tasks / "going", 1)
        assert isinstance(going, Alive)
        assert await supervisor.adopt(tasks / "going", 1) == going
        grown = asyncio.Event()
        going.process.on_output = grown.set
        assert await going.process.write_stdin(b"it\n")
        async with asyncio.timeout(20):
            assert (await going.process.wait()).code == 3
            await grown.wait()
        assert OutputReader(tasks / "going").read(0)[0] == b"got it\n"


async def test_the_wall_deadline_holds_while_nobody_owns_the_run(own_home: Path) -> None:
    start_and_kill_an_owner(own_home)
    directory = own_home / "tasks" / "deadline"
    await until((directory / "status.json").exists)
    head = read_head(directory)
    assert head is not None
    assert marked(head.mark) == []
    async with supervising(own_home) as supervisor:
        adopted = await supervisor.adopt(directory, 1)
        assert isinstance(adopted, Ended)
        assert adopted.record.stopped == "wall"
        assert await supervisor.adopt(own_home / "tasks" / "nothing", 1) == NeverStarted()
        for name in ("going", "ending"):
            await supervisor.adopt(own_home / "tasks" / name, 1)


async def test_a_run_that_ends_while_the_socket_is_away_is_noticed(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", "read x; exit 6"))
        (own_home / "notify").unlink()
        await process.write_stdin(b"\n")
        async with asyncio.timeout(20):
            assert (await process.wait()).code == 6


async def test_a_closed_supervisor_leaves_runs_to_the_next(own_home: Path) -> None:
    first = Supervisor(own_home)
    await first.start()
    run = run_of(own_home, "sh", "-c", "read x; exit 8")
    await first.launch(run)
    await first.close()
    async with supervising(own_home) as second:
        adopted = await second.adopt(run.directory, run.run)
        assert isinstance(adopted, Alive)
        await adopted.process.write_stdin(b"\n")
        async with asyncio.timeout(20):
            assert (await adopted.process.wait()).code == 8


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b'{"id": "x"}', b"\xff\0", b'{"id": "x", "run": "1"}'])
async def test_a_garbled_record_counts_as_absent(own_home: Path, garbage: bytes) -> None:
    async with supervising(own_home) as supervisor:
        run = run_of(own_home, "true")
        process = await supervisor.launch(run)
        await process.wait()
        await until(lambda: not (run.directory / "ctl").exists())
        (run.directory / "status.json").write_bytes(garbage)
        adopted = await supervisor.adopt(run.directory, run.run)
        while isinstance(adopted, Alive):  # its shim was about to end
            await adopted.process.wait()
            adopted = await supervisor.adopt(run.directory, run.run)
        assert isinstance(adopted, Lost)
        assert adopted.head.mark == run.mark


async def test_a_run_is_never_started_twice(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        run = run_of(own_home, "sh", "-c", "read x")
        process = await supervisor.launch(run)
        with pytest.raises(AlreadyRunError):
            await supervisor.launch(run)
        await until(lambda: read_head(run.directory))
        with pytest.raises(AlreadyRunError):
            await supervisor.launch(replace(run, run=2))
        process.close_stdin()
        await process.wait()
        with pytest.raises(AlreadyRunError):
            await supervisor.launch(run)


async def test_the_next_run_moves_the_files_of_the_former(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        run = run_of(own_home, "sh", "-c", "echo $TASKTUI_MARK; echo {} >events.jsonl", cwd=own_home)
        run = replace(run, cwd=run.directory)
        run.directory.mkdir(parents=True)
        (run.directory / "spec.json").write_text("{}")
        await (await supervisor.launch(run)).wait()
        second = replace(run, run=2, mark="b" * 32, argv=("sh", "-c", "echo two"))
        record = await (await supervisor.launch(second)).wait()
    assert (record.run, record.code) == (2, 0)
    assert OutputReader(run.directory).read(0)[0] == b"two\n"
    assert OutputReader(run.directory / "run.1").read(0)[0].decode() == run.mark + "\n"
    assert (run.directory / "spec.json").exists()
    assert not (run.directory / "events.jsonl").exists()
    assert (run.directory / "run.1" / "events.jsonl").exists()
    head = read_head(run.directory / "run.1")
    assert head is not None
    assert head.run == 1


async def test_the_end_of_a_former_run_is_not_the_end_of_the_next(own_home: Path) -> None:
    """The owner died when it had claimed the second run and before it started it."""
    async with supervising(own_home) as supervisor:
        run = run_of(own_home, "sh", "-c", "exit 1")
        await (await supervisor.launch(run)).wait()
        assert isinstance(await supervisor.adopt(run.directory, 1), Ended)
        assert await supervisor.adopt(run.directory, 2) == NeverStarted()
        await until(lambda: not is_locked(run.directory))
        (run.directory / "status.json").unlink()
        assert isinstance(await supervisor.adopt(run.directory, 1), Lost)
        assert await supervisor.adopt(run.directory, 2) == NeverStarted()


async def test_a_lock_that_was_taken_for_nothing_may_be_taken_again(own_home: Path) -> None:
    run = run_of(own_home, "true")
    os.close(lock_for(run.directory, 1))
    async with supervising(own_home) as supervisor:
        assert await supervisor.adopt(run.directory, run.run) == NeverStarted()
        assert (await (await supervisor.launch(run)).wait()).code == 0


async def test_a_lock_that_says_nothing_is_an_error(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasktui.executors.process.STARTING_S", 0.1)
    run = run_of(own_home, "true")
    lock = lock_for(run.directory, 1)
    async with supervising(own_home) as supervisor:
        with pytest.raises(LaunchError):
            await supervisor.adopt(run.directory, run.run)
        os.close(lock)
