"""Row 10: after a cancel the whole tree is gone within grace + 1 s, whatever it is made of."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.faults.zoo import SWARM, ZOO, program
from tests.integration.executors.processes import best, marked, run_of, supervising, until

GRACE_S = 0.5


@pytest.mark.parametrize("animal", ZOO)
@pytest.mark.feature(59)
async def test_the_whole_tree_is_gone(own_home: Path, tmp_path: Path, animal: str) -> None:
    async def end_one(number: int) -> float:
        up = tmp_path / str(number)
        up.mkdir()
        run = run_of(own_home, *program(ZOO[animal], str(up)), grace_s=GRACE_S)
        process = await supervisor.launch(run)
        await until((up / "a").exists)
        if ZOO[animal] is not SWARM:  # whose members are gone before they are looked at
            await until(lambda: marked(run.mark))
        began = time.monotonic()
        assert process.terminate()
        async with asyncio.timeout(20):
            record = await process.wait()
        took_s = time.monotonic() - began
        assert marked(run.mark) == []
        assert await process.sweep() == 0
        assert record.stopped == "term"
        assert record.survivors == 0
        return took_s

    async with supervising(own_home) as supervisor:
        assert await best(end_one, GRACE_S + 1) <= GRACE_S + 1


async def test_the_second_cancel_forces(own_home: Path, tmp_path: Path) -> None:
    run = run_of(own_home, *program(ZOO["a leader that ignores SIGTERM"], str(tmp_path)), grace_s=60)
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run)
        await until((tmp_path / "a").exists)
        process.terminate()
        process.kill()
        async with asyncio.timeout(20):
            record = await process.wait()
        assert marked(run.mark) == []
    assert (record.stopped, record.signal) == ("kill", 9)


async def test_a_tree_that_obeys_ends_before_the_grace(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        script = "trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.02; done"
        process = await supervisor.launch(run_of(own_home, "sh", "-c", script, grace_s=60))
        await until((process.directory / "out.log").exists)  # who says `up` has set its trap
        process.terminate()
        async with asyncio.timeout(20):
            record = await process.wait()
    assert (record.stopped, record.code) == ("term", 9)
    assert (process.directory / "out.log").read_bytes().splitlines()[-2:].count(b"bye") == 1, "last words"
