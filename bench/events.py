"""B5: events made durable by the store, against raw `sqlite3.executemany` of the same rows."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.rows import Row
from tasktui.domain.events import lifecycle
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.registry import parse
from tasktui.domain.ports.store import Change, Committed
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.store.sqlite.store import SQLiteStore

TASKS = 100
EVENTS = 60_000
BATCH = 4000
RUNS = 5
_RAW = b'{"message_id":"m%d","role":"agent","content":"read file parser.py ok read file parser.py ok"}'


def _reported(number: int) -> tuple[bytes, Data]:
    """An event as an executor hands it over: bytes, validated."""
    raw = _RAW % number
    return raw, parse("message.completed", raw)


def _batches() -> Iterator[list[Change]]:
    now = 1_700_000_000_000
    for start in range(0, EVENTS, BATCH):
        waiting: dict[str, list[NewEvent]] = {}
        for number in range(start, start + BATCH):
            raw, data = _reported(number)
            task_id = f"task_{number % TASKS}"
            waiting.setdefault(task_id, []).append(NewEvent(task_id, 1, now + number, data, "agent", raw))
        yield [Change(task_id, tuple(events)) for task_id, events in waiting.items()]


async def _flush(store: SQLiteStore, batch: list[Change]) -> None:
    assert all(isinstance(answer, Committed) for answer in await store.commit(batch))


async def _through_the_store(path: Path) -> float:
    store = SQLiteStore(path)
    await store.open()
    spec = TaskSpec(work=ShellWork(command="true"))
    for number in range(TASKS):
        task_id = f"task_{number}"
        first = (lifecycle.TaskCreated(title="true", spec=spec), lifecycle.TaskStarted())
        await store.commit([Change(task_id, tuple(NewEvent(task_id, 1, 0, data) for data in first))])
    started = time.perf_counter()
    flush: asyncio.Task[None] | None = None
    for batch in _batches():
        if flush is not None:
            await flush
        flush = asyncio.create_task(_flush(store, batch))
        await asyncio.sleep(0)  # one flush is in flight while the next batch gathers, as in the owner
    if flush is not None:
        await flush
    elapsed = time.perf_counter() - started
    await store.close()
    return elapsed


def _raw(path: Path) -> float:
    now = 1_700_000_000_000
    rows = [
        (number, number % TASKS, number // TASKS, 1, now, "message.completed", "agent", _RAW % number)
        for number in range(EVENTS)
    ]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE events (gid INTEGER PRIMARY KEY, task, seq, run, ts, type TEXT, actor TEXT, data BLOB)"
    )
    started = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?)", rows[start : start + BATCH])
        connection.execute("COMMIT")
    elapsed = time.perf_counter() - started
    connection.close()
    return elapsed


def measure() -> tuple[Row]:
    """Return events a second: validation, commit, projection and counters, beside the raw rows."""
    gc.set_threshold(50_000, 20, 100)  # as the owner does after its first frame
    ours, raw = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(EVENTS / asyncio.run(_through_the_store(Path(folder, "store.db"))))
            raw.append(EVENTS / _raw(Path(folder, "raw.db")))
    row = Row(
        "B5",
        f"events made durable by the store, {BATCH} a batch",
        median(ours),
        "events/s",
        goal=0.30,
        better="high",
        reference=median(raw),
        against="raw executemany of the same rows",
        runs=RUNS,
        note=f"{EVENTS:,} events of {TASKS} tasks, validation included, full-text index behind",
    )
    return (row,)


if __name__ == "__main__":
    print(*measure())
