"""B14: what an attached screen waits for: events a second over the owner's socket, and its first frame."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.databases import KEEP_ALL, home_with
from bench.keys import copied
from bench.rows import Row
from bench.screens import dashboard, has_row
from tasktui.domain.ports.manager import Manager
from tasktui.service.client import RemoteManager
from tasktui.service.starting import start_owner

RUNS = 5
FRAMES = 7
TASKS = 10_000
EVENTS = 100_000
"""Of one task, replayed."""


def measure() -> Iterator[Row]:
    """Yield the rate at which stored events reach a screen, and how soon one that attaches shows a task."""
    home = home_with(TASKS, long_task=EVENTS)
    with owner(home):
        rate = replayed(lambda: RemoteManager(home))
    yield Row("B14", "events over the socket", rate, "events/s", 20_000, "high", runs=RUNS, note=_note())
    own, attached = [], []
    home = copied(100_000)
    for run in range(FRAMES + 1):
        alone = first_frame(home)
        with owner(home):
            beside = first_frame(home)
        if run:  # the first reads the disk
            own.append(alone)
            attached.append(beside)
    ours, least = median(attached), median(own)
    what = "attach → first frame, 100,000 tasks"
    yield Row("B14", what, ours, "ms", 1.3, "low", least, "a screen that owns", FRAMES)


@contextmanager
def owner(home: Path) -> Iterator[None]:
    """Have an owner without a screen meanwhile."""
    argv = [sys.executable, "-m", "tasktui", "--home", str(home), "serve"]
    with subprocess.Popen(argv, env=dict(KEEP_ALL) | _path(), stderr=subprocess.DEVNULL) as process:
        try:
            start_owner(home)
            yield
        finally:
            process.terminate()


def first_frame(home: Path, *, flags: tuple[str, ...] = ()) -> float:
    """Return milliseconds from the start of a screen until it shows a task."""
    with dashboard(home, flags=flags) as app:
        return (app.wait_screen(has_row, 30) - app.started_at) * 1000


def replayed(connect: Callable[[], Manager]) -> float:
    """Return events a second of the long task, as they reach who asks for them."""
    return median(asyncio.run(_replay(connect)) for _ in range(RUNS))


async def _replay(connect: Callable[[], Manager]) -> float:
    manager = connect()
    try:
        found = await _long_task(manager)
        began = time.perf_counter()
        number = 0
        async for _ in _stored(manager, found):
            number += 1
        return number / (time.perf_counter() - began)
    finally:
        await manager.close()


async def _stored(manager: Manager, task_id: str) -> AsyncIterator[object]:
    number = 0
    async for event in manager.subscribe(task_id):
        yield event
        number += 1
        if number >= EVENTS:
            return


async def _long_task(manager: Manager) -> str:
    from tasktui.domain.query import EVERYTHING

    (newest,) = (await manager.page(EVERYTHING, limit=1)).items
    return newest.id


def _path() -> dict[str, str]:
    import os

    return {name: os.environ[name] for name in ("PATH", "HOME", "BENCH_KEEP") if name in os.environ}


def _note() -> str:
    return f"{EVENTS:,} stored events of one task, replayed, decoded and validated"
