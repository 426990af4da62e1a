"""B5: events made durable through the whole path, against raw `sqlite3.executemany` of the same rows.

The rows of the reference are those that the run before it left, in the real schema with its indexes: the log,
and each tool call once, as it was in the end. The rows of tasks and counters, the full-text index and what is
told to the screen are the path's own to pay.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import TypeAlias

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
from tasktui.store.sqlite.connecting import connect_reader, connect_writer
from tasktui.store.sqlite.migrations import migrate
from tasktui.ui.settling import tune_collector

TASKS = 100
EVENTS = 60_000
RUNS = 5
BATCH = 4000
SETTLE_S = 0.2
STRIDE = 40
QUAD = 4
"""Facts that share a number, so that a tool call ends under the name it began with."""
Stored: TypeAlias = tuple[object, ...]
"""One row of a table."""
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
            (name, form % (number // QUAD))
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
    for what, facts in MIXES.items():
        ours, raw = [], []
        for _ in range(RUNS):
            speed, rows = asyncio.run(_through_the_house(facts))
            ours.append(speed)
            raw.append(_raw(rows))
        note = (
            f"{EVENTS:,} events of {TASKS} tasks, synchronous=FULL, a screen follows, full-text index behind"
        )
        yield Row(
            "B5", what, median(ours), "events/s", 0.3, "high", median(raw), "executemany", RUNS, note
        )  # fmt: skip


async def _through_the_house(facts: tuple[Fact, ...]) -> tuple[float, dict[str, list[Stored]]]:
    home, burst = fresh(), Burst(facts)
    lock = acquire(home)
    if lock is None:
        raise RuntimeError("somebody owns the bench's directory")
    config = load({"home": home, **_settings()}).config
    house = await House.open(config, lock, executors={"burst": burst})
    tune_collector()  # as every owner does
    watching = asyncio.create_task(_watch(house))
    try:
        spec = TaskSpec(work=CustomWork(executor="burst"))
        tasks = [await house.manager.submit(spec) for _ in range(TASKS)]
        await burst.all_here.wait()
        ends = asyncio.gather(*(house.manager.wait(task.row.id) for task in tasks))
        await asyncio.sleep(SETTLE_S)
        began = time.perf_counter()
        burst.go.set()
        await ends
        elapsed = time.perf_counter() - began
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        await house.close("cancel")
        lock.release()
    rows = _stored(home / "tasktui.db")
    shutil.rmtree(home)
    return EVENTS / elapsed, rows


def _settings() -> dict[str, object]:
    names = {name.removeprefix("TASKTUI_").lower(): text for name, text in KEEP_ALL.items()}
    return {name: int(text) for name, text in names.items() if text.isdigit()}


async def _watch(house: House) -> None:
    async for _ in house.manager.changes(Interest()):
        pass


def _stored(database: Path) -> dict[str, list[Stored]]:
    """Return what the run left in the log and of its tool calls, in the order of the log."""
    with closing(connect_reader(database)) as connection:
        return {
            "events": connection.execute(
                "SELECT * FROM events WHERE type NOT IN ('task.created', 'task.started') ORDER BY gid"
            ).fetchall(),
            "tool_calls": connection.execute(
                "SELECT c.* FROM tool_calls c JOIN events e ON e.task = c.task AND e.seq = c.seq ORDER BY gid"
            ).fetchall(),
        }


def _raw(rows: Mapping[str, Sequence[Stored]]) -> float:
    """Write the same rows into the same tables, each once and as it was in the end."""
    home = fresh()
    with closing(connect_writer(home / "raw.db")) as connection:
        migrate(connection)
        inserts = {
            table: f"INSERT INTO {table} VALUES ({', '.join('?' * len(lines[0]))})"
            for table, lines in rows.items()
            if lines
        }
        batches = EVENTS // BATCH
        gc.collect()
        began = time.perf_counter()
        for batch in range(batches):
            connection.execute("BEGIN IMMEDIATE")
            for table, insert in inserts.items():
                lines = rows[table]
                first, last = len(lines) * batch // batches, len(lines) * (batch + 1) // batches
                connection.executemany(insert, lines[first:last])
            connection.execute("COMMIT")
        elapsed = time.perf_counter() - began
    shutil.rmtree(home)
    return EVENTS / elapsed
