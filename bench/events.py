"""B5: events made durable through the whole path, against raw `sqlite3.executemany` of the same rows."""

from __future__ import annotations

import asyncio
import gc
import shutil
import sqlite3
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import median

from bench.databases import KEEP_ALL, fresh
from bench.flood import FACTS, MESSAGE, Fact
from bench.rows import Row
from tasktui.bootstrap.house import House, acquire
from tasktui.config import load
from tasktui.domain.events.registry import parse
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.requests import Interest
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Reason, Status

TASKS = 100
EVENTS = 60_000
RUNS = 5
BATCH = 4000
STRIDE = 40
MIXES = {"messages": (MESSAGE,), "messages, tool calls, status": FACTS}


class Burst:
    """An executor whose tasks report as fast as they are let, once all of them run."""

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        self.facts = facts
        self.contexts: list[RunContext] = []
        self.all_here = asyncio.Event()
        self.go = asyncio.Event()

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        return Capabilities()

    async def check(self, spec: TaskSpec) -> None:
        """Refuse nothing."""

    async def run(self, ctx: RunContext) -> Outcome:
        said = [
            (name, form % number)
            for number, (name, form) in zip(range(EVENTS // TASKS), cycle(self.facts), strict=False)
        ]
        self.contexts.append(ctx)
        if len(self.contexts) == TASKS:
            self.all_here.set()
        await self.go.wait()
        for number, (name, raw) in enumerate(said):
            ctx.emit(parse(name, raw), raw=raw)
            if number % STRIDE == STRIDE - 1:
                await ctx.room()
                await asyncio.sleep(0)
        return Outcome(Status.COMPLETED, Reason.COMPLETED)


def measure() -> Iterator[Row]:
    """Yield events a second: parsed, folded, committed, counted and told to a screen."""
    gc.set_threshold(50_000, 20, 100)  # as the owner does after its first frame
    for what, facts in MIXES.items():
        ours, raw = [], []
        for _ in range(RUNS):
            ours.append(asyncio.run(_through_the_house(facts)))
            raw.append(_raw(facts))
        note = (
            f"{EVENTS:,} events of {TASKS} tasks, synchronous=FULL, a screen follows, full-text index behind"
        )
        yield Row(
            "B5", what, median(ours), "events/s", 0.3, "high", median(raw), "executemany", RUNS, note
        )  # fmt: skip


async def _through_the_house(facts: tuple[Fact, ...]) -> float:
    home, burst = fresh(), Burst(facts)
    lock = acquire(home)
    if lock is None:
        raise RuntimeError("somebody owns the bench's directory")
    config = load({"home": home, **_settings()}).config
    house = await House.open(config, lock, executors={"burst": burst})
    watching = asyncio.create_task(_watch(house))
    try:
        spec = TaskSpec(work=CustomWork(executor="burst"))
        tasks = [await house.manager.submit(spec) for _ in range(TASKS)]
        await burst.all_here.wait()
        began = time.perf_counter()
        burst.go.set()
        for task in tasks:
            await house.manager.wait(task.row.id)
        elapsed = time.perf_counter() - began
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        await house.close("cancel")
        lock.release()
        shutil.rmtree(home)
    return EVENTS / elapsed


def _settings() -> dict[str, object]:
    names = {name.removeprefix("TASKTUI_").lower(): text for name, text in KEEP_ALL.items()}
    return {name: int(text) for name, text in names.items() if text.isdigit()}


async def _watch(house: House) -> None:
    async for _ in house.manager.changes(Interest()):
        pass


def _raw(facts: tuple[Fact, ...]) -> float:
    home, turn = fresh(), cycle(facts)
    rows = []
    for number in range(EVENTS):
        name, form = next(turn)
        rows.append(
            (number, number % TASKS, number // TASKS, 1, 1_700_000_000_000, name, "agent", form % number)
        )
    connection = sqlite3.connect(Path(home, "raw.db"), isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE events (gid INTEGER PRIMARY KEY, task, seq, run, ts, type TEXT, actor TEXT, data BLOB)"
    )
    began = time.perf_counter()
    for start in range(0, EVENTS, BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?)", rows[start : start + BATCH])
        connection.execute("COMMIT")
    elapsed = time.perf_counter() - began
    connection.close()
    shutil.rmtree(home)
    return EVENTS / elapsed
