"""Row 11: a grandchild that keeps stdout open after the leader left delays the end by 1.5 s at most."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.integration.executors.processes import best, marked, run_of, supervising, until


async def test_a_sleeper_in_a_session_of_its_own_holds_nothing_up(own_home: Path) -> None:
    async def hold(_: int) -> float:
        run = run_of(own_home, "sh", "-c", "setsid sleep 300 & echo done; exit 5")
        process = await supervisor.launch(run)
        await until((process.directory / "out.log").exists)
        began = time.monotonic()
        async with asyncio.timeout(20):
            record = await process.wait()
        took_s = time.monotonic() - began
        assert marked(run.mark) == []
        assert (record.code, record.stopped) == (5, None)
        assert (process.directory / "out.log").read_bytes() == b"done\n"
        return took_s

    async with supervising(own_home) as supervisor:
        assert await best(hold, 1.5) <= 1.5


async def test_output_of_a_late_child_is_still_kept(own_home: Path) -> None:
    """It speaks once its parent is gone, which is when the wait for the last output begins."""
    script = "(while kill -0 $$ 2>/dev/null; do sleep 0.01; done; echo late) & exit 0"
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", script))
        async with asyncio.timeout(20):
            await process.wait()
    assert (process.directory / "out.log").read_bytes() == b"late\n"
