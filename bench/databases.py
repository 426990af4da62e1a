"""Data directories with many stored tasks: a few hundred written by the store, the others copied by SQL."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from tasktui.domain.events import lifecycle
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.ports.store import Change
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.store.sqlite.migrations import steps
from tasktui.store.sqlite.store import SQLiteStore

SEED: Final = 500
LANES: Final = ("default", "builds", "tests", "agents")
WORDS: Final = ("build", "deploy", "lint", "migrate", "parse", "render", "review", "test", "train", "verify")
_SAID: Final = b'{"message_id":"m%d","role":"agent","content":"step %d of the long run"}'
KEEP_ALL: Final[Mapping[str, str]] = {
    "TASKTUI_KEEP_TASKS": "100000000",
    "TASKTUI_KEEP_DAYS": "36500",
    "TASKTUI_LANE_LIMIT": "1000",
    "TASKTUI_MAX_RUNNING": "1000",
    "TASKTUI_CONFIG": os.devnull,
}
"""Settings under which nothing that a bench stored is deleted, and nothing waits in a queue."""


@cache
def _root() -> Path:
    """Return the directory of this run, or the one that `BENCH_KEEP` names, which stays."""
    if kept := os.environ.get("BENCH_KEEP"):
        return Path(kept)
    root = Path(tempfile.mkdtemp(prefix="bench-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root


def fresh() -> Path:
    """Return a new empty data directory; it goes with the run."""
    _root().mkdir(exist_ok=True)
    return Path(tempfile.mkdtemp(dir=_root(), prefix="home-"))


@cache
def _schema() -> str:
    """Return what tells one schema from another, for directories that stay."""
    return sha256("".join(script for _, script in steps()).encode()).hexdigest()[:8]


def home_with(tasks: int, *, long_task: int = 0) -> Path:
    """Return a data directory with finished tasks, made once a run.

    Args:
        tasks: how many; each with three events, a page of them with more.
        long_task: events of one more task, the newest.
    """
    home = _root() / f"{tasks}-{long_task}-{_schema()}"
    if not home.exists():
        making = home.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True, mode=0o700)
        _make(making / "tasktui.db", tasks, long_task)
        making.rename(home)
    return home


def _make(path: Path, tasks: int, long_task: int) -> None:
    asyncio.run(_seed(path, min(tasks, SEED)))
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        if tasks > SEED:
            _multiply(connection, tasks)
        if long_task:
            _lengthen(connection, long_task)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def _seed(path: Path, tasks: int) -> None:
    store = SQLiteStore(path)
    await store.open()
    now = time.time_ns() // 1_000_000 - 3_600_000
    for number in range(tasks):
        task_id = f"task_{number:016x}"
        told = [NewEvent(task_id, 1, now + number, data) for data in _life(number)]
        await store.commit([Change(task_id, tuple(told))])
    await store.close()


def _life(number: int) -> Iterator[Data]:
    """Yield the few facts of a finished task; lanes, names and ends are mixed."""
    word = WORDS[number % len(WORDS)]
    name = f"{word} module {number % 97} of the nightly run"
    spec = TaskSpec(work=ShellWork(command=f"make {word}"), name=name, lane=LANES[number % len(LANES)])
    yield lifecycle.TaskCreated(title=name, spec=spec)
    yield lifecycle.TaskStarted()
    failed = number % 7 == 0
    yield lifecycle.TaskFinished(
        status=Status.FAILED if failed else Status.COMPLETED,
        reason=Reason.EXIT_NONZERO if failed else Reason.COMPLETED,
        exit_code=int(failed), duration_ms=1000 + number * 37 % 90_000, result_summary="done",
    )  # fmt: skip


def _multiply(connection: sqlite3.Connection, tasks: int) -> None:
    """Copy the seeded tasks, with all that belongs to them, until there are enough."""
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    (span,) = connection.execute("SELECT head FROM state").fetchone()
    copies = (tasks - 1) // SEED
    times = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :copies)"
    given = {"copies": copies, "span": span}
    _copy(connection, "tasks", times, given, {
        "id": "printf('task_%016x', created_seq + k * :span)",
        "created_seq": "created_seq + k * :span",
        "created_at": "created_at + k", "updated_at": "updated_at + k",
    })  # fmt: skip
    _copy(connection, "bodies", times, given, {"task": "task + k * :span"})
    moved = {"gid": "gid + k * :span", "task": "task + k * :span"}
    _copy(connection, "events", times, given, moved)
    connection.execute("UPDATE counters SET number = number * (1 + :copies)", given)
    connection.execute(
        "INSERT INTO words (rowid, text) SELECT created_seq, title || char(10) || coalesce(prompt, '')"
        " FROM tasks LEFT JOIN bodies ON task = created_seq WHERE created_seq > :span ORDER BY 1",
        given,
    )
    for _, sql in indexes:
        connection.execute(sql)
    _all_indexed(connection, span * (1 + copies))


def _copy(
    connection: sqlite3.Connection, table: str, times: str, given: Mapping[str, int], moved: Mapping[str, str]
) -> None:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(moved.get(column, column) for column in columns)
    connection.execute(f"{times} INSERT INTO {table} SELECT {values} FROM n CROSS JOIN {table}", given)


def _all_indexed(connection: sqlite3.Connection, head: int) -> None:
    connection.execute("UPDATE state SET head = ?, said_upto = ?, words_upto = ?", (head, head, head))


def _lengthen(connection: sqlite3.Connection, events: int) -> None:
    """Give the newest task many messages before its end."""
    (head,) = connection.execute("SELECT head FROM state").fetchone()
    task, seq, ts = connection.execute(
        "SELECT created_seq, last_seq, started_at FROM tasks ORDER BY 1 DESC LIMIT 1"
    ).fetchone()
    connection.execute(
        "UPDATE events SET seq = seq + ?, gid = gid + ? WHERE task = ? AND seq = ?",
        (events, events, task, seq),
    )
    connection.executemany(
        "INSERT INTO events VALUES (?, ?, ?, 1, ?, 'message.completed', 'executor', ?)",
        ((head + n, task, seq + n, ts + n, _SAID % (n, n)) for n in range(events)),
    )
    connection.execute("UPDATE tasks SET last_seq = last_seq + ? WHERE created_seq = ?", (events, task))
    _all_indexed(connection, head + events)
