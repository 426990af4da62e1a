"""Row 12: kill -9 of a shim: the run is lost, what it left is swept, it never stays running."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from tasktui.executors.process import Lost, Supervisor
from tests.faults.desks import stop
from tests.faults.zoo import DOUBLE_FORK, SWARM, program
from tests.integration.executors.processes import marked, run_of, supervising, until


async def test_the_owner_notices_and_sweeps(own_home: Path, tmp_path: Path) -> None:
    run = run_of(own_home, *program(DOUBLE_FORK, str(tmp_path)))
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run)
        await until((tmp_path / "a").exists)
        os.kill(process.shim_pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            record = await process.wait()
        assert marked(run.mark) == []
        assert record.lost
        assert record.swept >= 1, "the one with a session of its own outlived the leader"
        assert (record.code, record.signal, record.failure) == (None, None, None)


async def test_a_new_owner_finds_it_lost_and_sweeps(own_home: Path, tmp_path: Path) -> None:
    first = Supervisor(own_home)
    await first.start()
    run = run_of(own_home, *program(DOUBLE_FORK, str(tmp_path)))
    process = await first.launch(run)
    await until((tmp_path / "a").exists)
    await first.close()
    os.kill(process.shim_pid, signal.SIGKILL)
    await until(lambda: len(marked(run.mark)) == 1)
    async with supervising(own_home) as second:
        adopted = await second.adopt(run.directory, run.run)
        assert isinstance(adopted, Lost)
        assert adopted.swept == 1
        assert marked(run.mark) == []


async def test_a_shim_that_stands_still_can_be_abandoned(own_home: Path) -> None:
    run = run_of(own_home, "sleep", "300")
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run)
        await until(lambda: marked(run.mark))
        await asyncio.to_thread(stop, process.shim_pid)
        process.kill()
        async with asyncio.timeout(30):
            record = await process.abandon()
        assert record.lost
        assert marked(run.mark) == []


async def test_other_runs_are_left_alone(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        doomed = await supervisor.launch(run_of(own_home, "sleep", "300"))
        other = run_of(own_home, "sh", "-c", "read x; exit 2")
        kept = await supervisor.launch(other)
        await until(lambda: marked(doomed.mark) and marked(other.mark))
        os.kill(doomed.shim_pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            assert (await doomed.wait()).lost
        await kept.write_stdin(b"\n")
        async with asyncio.timeout(30):
            assert (await kept.wait()).code == 2


async def test_a_swarm_without_its_shim_is_swept(own_home: Path, tmp_path: Path) -> None:
    run = run_of(own_home, *program(SWARM, str(tmp_path)))
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run)
        await until((tmp_path / "a").exists)
        os.kill(process.shim_pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            assert (await process.wait()).lost
        assert [marked(run.mark) for _ in range(20)] == [[]] * 20
