"""Many runs at once, and what goes wrong around them: a dead forker, a slow owner, a purged directory."""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import time
from pathlib import Path

import pytest

from tasktui.executors.output import OutputReader
from tasktui.executors.run_files import read_head
from tests.integration.executors.processes import run_of, supervising, until


def open_descriptors() -> int:
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_thirty_runs_that_end_at_once(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        before = open_descriptors()
        gate = own_home / "gate"
        runs = [
            run_of(own_home, "sh", "-c", f"while [ ! -e {gate} ]; do sleep 0.05; done; exit {n}")
            for n in range(30)
        ]
        processes = [await supervisor.launch(run) for run in runs]
        gate.touch()
        async with asyncio.timeout(20):
            records = await asyncio.gather(*(process.wait() for process in processes))
        assert [record.code for record in records] == list(range(30))
        assert open_descriptors() <= before


async def test_what_a_task_says_before_anybody_listens_is_hinted(own_home: Path) -> None:
    run = run_of(own_home, "sh", "-c", "echo first; exec sleep 60")
    seen = asyncio.Event()
    async with supervising(own_home) as supervisor:
        launch = asyncio.ensure_future(supervisor.launch(run))
        await until((run.directory / "run.json").exists)
        stand_still(0.3)  # the answer and the hint are taken in the same turn
        process = await launch
        process.on_output = seen.set
        async with asyncio.timeout(20):
            await seen.wait()
    assert OutputReader(run.directory).read(0)[0] == b"first\n"


async def test_no_order_overtakes_one_that_was_given_before_the_supervisor_listened(own_home: Path) -> None:
    """The task stood still though it was resumed, and nothing showed that."""
    run = run_of(own_home, "sh", "-c", "sleep 0.1; exit 3")
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run)
        process.pause()
        while read_head(run.directory) is None:
            stand_still(0.001)  # the order has still to be sent
        process.resume()
        async with asyncio.timeout(10):
            assert (await process.wait()).code == 3


def stand_still(seconds: float) -> None:
    """Block the loop, as a slow handler would."""
    time.sleep(seconds)


async def test_runs_that_end_while_the_owner_stands_still(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        runs = [run_of(own_home, "sh", "-c", f"read x; echo x; exit {n}") for n in range(24)]
        processes = [await supervisor.launch(run) for run in runs]
        for process in processes:
            await process.write_stdin(b"\n")
        stand_still(1.5)  # longer than a shim waits for room in the owner's queue of ten
        async with asyncio.timeout(20):
            records = await asyncio.gather(*(process.wait() for process in processes))
    assert [record.code for record in records] == list(range(24))


@pytest.mark.feature(38)
async def test_a_dead_forker_is_replaced(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        first = await supervisor.launch(run_of(own_home, "sh", "-c", "read x; exit 4"))
        forker = int(Path(f"/proc/{first.shim_pid}/stat").read_text().split()[3])
        os.kill(forker, 9)
        second = await supervisor.launch(run_of(own_home, "sh", "-c", "exit 5"))
        assert (await second.wait()).code == 5
        await first.write_stdin(b"\n")
        async with asyncio.timeout(20):
            assert (await first.wait()).code == 4


async def test_a_forker_killed_in_the_middle_starts_everything_once(own_home: Path, tmp_path: Path) -> None:
    async with supervising(own_home) as supervisor:
        probe = await supervisor.launch(run_of(own_home, "cat"))
        forker = int(Path(f"/proc/{probe.shim_pid}/stat").read_text().split()[3])
        script = f"echo $0 >>{tmp_path}/started; exit $0"
        runs = [run_of(own_home, "sh", "-c", script, str(n)) for n in range(24)]
        launches = [asyncio.ensure_future(supervisor.launch(run)) for run in runs]
        await until(lambda: any(launch.done() for launch in launches))
        os.kill(forker, 9)
        async with asyncio.timeout(20):
            records = [await process.wait() for process in await asyncio.gather(*launches)]
    assert [record.code for record in records] == list(range(24))
    started = (tmp_path / "started").read_text().split()
    assert sorted(started, key=int) == [str(n) for n in range(24)]


async def test_a_shim_that_cannot_work_says_so(own_home: Path) -> None:
    run = run_of(own_home, "true")
    (run.directory / "ctl").mkdir(parents=True)
    async with supervising(own_home) as supervisor:
        async with asyncio.timeout(20):
            record = await (await supervisor.launch(run)).wait()
        assert record.failure is not None
        assert (record.failure.kind, record.lost) == ("supervisor", False)
        assert "Error" in (own_home / "log" / "shim.log").read_text()


async def test_a_shim_whose_directory_was_deleted_ends(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sleep", "60"))
        await until(lambda: read_head(process.directory))
        pidfd = os.pidfd_open(process.shim_pid)
        shutil.rmtree(process.directory)
        os.kill(process.shim_pid, signal.SIGTERM)
        async with asyncio.timeout(20):
            assert (await process.wait()).stopped == "term"
        assert select.select([pidfd], [], [], 20)[0], "it doesn't try for ever to write its record"
        os.close(pidfd)
