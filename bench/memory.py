"""B10: memory of the owner and of a shim; B12: what an open dashboard costs while nothing happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from statistics import median

import psutil

from bench.databases import fresh, home_with
from bench.keys import LIVE, copied
from bench.pty import PtyApp, Usage
from bench.rows import Row
from bench.screens import bare, dashboard, is_bare, loaded, settle
from bench.spawn import opened
from tasktui.domain.spec import ShellWork, TaskSpec

RUNS = 5
IDLE_S = 6.0
SHIMS = 20


def measure() -> Iterator[Row]:
    """Yield the owner's memory beside a bare app's, and a shim's."""
    ours, least = [], []
    for _ in range(RUNS):
        least.append(_bare_usage().rss_mib)
        ours.append(_owner_mib())
    what = f"owner, 100,000 tasks stored, {LIVE} live, 1,000 events/s for 3 s"
    yield Row("B10", what, median(ours), "MiB", 1.7, "low", median(least), "bare app RSS", RUNS)
    sizes = asyncio.run(_shims_mib())
    yield Row("B10", "one shim, PSS", median(sizes), "MiB", 2.5, runs=len(sizes), note=f"{SHIMS} running")


def _bare_usage() -> Usage:
    with bare() as app:
        app.wait_screen(is_bare)
        time.sleep(0.5)
        return app.usage()


def _owner_mib() -> float:
    with loaded(copied(100_000), tasks=LIVE, rate=1000) as app:
        app.wait_screen(lambda lines: f"{LIVE} running" in lines[0], 20)
        time.sleep(3)
        return psutil.Process(app.process.pid).memory_info().rss / 2**20


async def _shims_mib() -> list[float]:
    async with opened(fresh()) as house:
        spec = TaskSpec(work=ShellWork(argv=("sleep", "600")), cwd="/")
        for _ in range(SHIMS):
            await house.manager.submit(spec)
        deadline = time.monotonic() + 20
        while len(shims := _parents_of_sleep()) < SHIMS and time.monotonic() < deadline:  # noqa: ASYNC110  # processes tell nobody
            await asyncio.sleep(0.1)
        return [shim.memory_full_info().pss / 2**20 for shim in shims]


def _parents_of_sleep() -> Sequence[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    sleeping = [process for process in found if process.name() == "sleep"]
    return [parent for process in sleeping if (parent := process.parent()) is not None]


def idle() -> Iterator[Row]:
    """Yield the CPU of an open dashboard beside a bare app's."""
    figures: dict[str, list[float]] = {"bare": [], "nothing running": [], f"{LIVE} silent tasks": []}
    for _ in range(RUNS):
        with bare() as app:
            app.wait_screen(is_bare)
            figures["bare"].append(cpu_percent(app))
        with dashboard(home_with(10_000)) as app:
            settle(app)
            figures["nothing running"].append(cpu_percent(app))
        with loaded(copied(10_000), tasks=LIVE, rate=0) as app:
            app.wait_screen(lambda lines: f"{LIVE} running" in lines[0], 20)
            figures[f"{LIVE} silent tasks"].append(cpu_percent(app))
    least = max(0.05, median(figures.pop("bare")))
    for (what, percents), goal in zip(figures.items(), (2, 5), strict=True):
        yield Row("B12", f"idle CPU, {what}", median(percents), "%", goal, "low", least, "bare app", RUNS)


def cpu_percent(app: PtyApp) -> float:
    """Return percent of one core over some quiet seconds."""
    time.sleep(2)
    process = psutil.Process(app.process.pid)
    before = process.cpu_times()
    time.sleep(IDLE_S)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) * 100 / IDLE_S
