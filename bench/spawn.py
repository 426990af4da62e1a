"""B8: a `/bin/true` task from its submission to its durable end, eight at once, beside `xargs -P8`."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.databases import KEEP_ALL, fresh
from bench.rows import Row
from tasktui.bootstrap.house import House, acquire
from tasktui.config import load
from tasktui.domain.spec import ShellWork, TaskSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TASKS = 200
AT_ONCE = 8
RUNS = 5
SPEC = TaskSpec(work=ShellWork(argv=("/bin/true",), stdin=False), cwd="/")


def measure() -> Iterator[Row]:
    """Yield milliseconds a task, without and with a retention purge beside it."""
    quiet, purging, limit = [], [], []
    for _ in range(RUNS):
        limit.append(_xargs())
        quiet.append(asyncio.run(_run(purge=False)))
        purging.append(asyncio.run(_run(purge=True)))
    note = f"{TASKS} tasks, {AT_ONCE} at once, each in directories of its own, synchronous=FULL"
    for what, figures in (("/bin/true task", quiet), ("the same beside a purge", purging)):
        yield Row(
            "B8", what, median(figures), "ms", 5, "low", median(limit), f"xargs -P{AT_ONCE}", RUNS, note
        )


def _xargs() -> float:
    words = "\n".join(["ignored"] * TASKS * 2)
    began = time.perf_counter()
    subprocess.run(
        ["xargs", f"-P{AT_ONCE}", "-n1", "/bin/true"], input=words, text=True, check=True, timeout=60
    )
    return (time.perf_counter() - began) * 1000 / (TASKS * 2)


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[House]:
    """Own a data directory for a while."""
    lock = acquire(home)
    if lock is None:
        raise RuntimeError("somebody owns the bench's directory")
    house = await House.open(load({"home": home}, environ={**os.environ, **KEEP_ALL}).config, lock)
    try:
        yield house
    finally:
        await house.close("cancel")
        lock.release()


async def _run(*, purge: bool) -> float:
    home = fresh()
    try:
        async with opened(home) as house:
            await house.manager.set_lane("default", limit=AT_ONCE)
            old = await _many(house, 100)
            began = time.perf_counter()
            purging = asyncio.create_task(house.manager.purge(old)) if purge else None
            await _many(house, TASKS)
            seconds = time.perf_counter() - began
            if purging is not None:
                await purging
    finally:
        shutil.rmtree(home)
    return seconds * 1000 / TASKS


async def _many(house: House, count: int) -> list[str]:
    """Run tasks to their end; an end is told when it is durable."""
    manager = house.manager
    tasks = [await manager.submit(SPEC) for _ in range(count)]
    for task in tasks:
        row = await manager.wait(task.row.id, timeout_s=60)
        if row.exit_code != 0:
            raise RuntimeError(f"{row.id} ended {row.status}: {row.error}")
    return [task.row.id for task in tasks]
