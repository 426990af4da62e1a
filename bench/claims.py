"""C3: the claim of the next task with 100,000 in store: five lanes, half of what waits waits for others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from bench.databases import fresh
from bench.filled import database
from bench.rows import Row
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.lifecycle import TaskCreated, TaskFinished, TaskStarted
from tasktui.domain.ports.store import Change
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.store.sqlite.reader import Reader
from tasktui.store.sqlite.writer import Writer

LANES: Final = ("default", "builds", "tests", "agents", "gpu")
ROOM: Final = 8
"""How many of a lane the scheduler asks for at most."""
MANY: Final = 100_000
FEW: Final = 100
CLAIMS: Final = 200
_BATCH: Final = 1_000
_T0: Final = 1_700_000_000_000


class Queue:
    """A database of tasks, seen as the scheduler does: half of them have ended, the others wait."""

    def __init__(self, path: Path, tasks: int) -> None:
        """Write the tasks by the store's own path; durability is no part of what is measured."""
        self._connection = database(path)
        self.writer = Writer(self._connection)
        for start in range(0, tasks, _BATCH):
            numbers = range(start, min(start + _BATCH, tasks))
            self.writer.commit([change for number in numbers for change in _life(number)])
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.reader = Reader.open(path)
        self._now = _T0 + tasks

    def next(self, lane: str) -> TaskRow | None:
        """Look as the scheduler does, and take the best of a lane."""
        self.reader.lane_counts()
        rows = self.reader.claimable(lane, now=self._now, limit=ROOM)
        if not rows:
            return None
        started = NewEvent(rows[0].id, 1, self._now, TaskStarted())
        self.writer.commit(
            [Change(rows[0].id, (started,), expected_seq=rows[0].last_seq, expected_status=Status.QUEUED)]
        )
        self.reader.next_due(self._now)
        return rows[0]

    def end(self, row: TaskRow) -> None:
        """Let a task complete, and those that wait for it go on."""
        end = TaskFinished(status=Status.COMPLETED, reason=Reason.COMPLETED)
        self.writer.commit([Change(row.id, (NewEvent(row.id, 1, self._now, end),))])

    def close(self) -> None:
        """Let go of the files."""
        self.reader.close()
        self._connection.close()


def _id(number: int) -> str:
    return f"task_{number:016x}"


def _life(number: int) -> Iterator[Change]:
    """Yield what is stored of a task: every second has ended, of the others every second waits for one."""
    group, place = divmod(number, 4)
    after = (_id(number - 2),) if place == 3 else ()
    spec = TaskSpec(
        work=ShellWork(command="true"), name=f"job {number}", lane=LANES[group % len(LANES)],
        depends_on=after, priority=number % 3,
    )  # fmt: skip
    yield _change(number, TaskCreated(title=spec.title, spec=spec), run=0)
    if place in {0, 2}:
        yield _change(number, TaskStarted())
        yield _change(number, TaskFinished(status=Status.COMPLETED, reason=Reason.COMPLETED))


def _change(number: int, data: Data, run: int = 1) -> Change:
    return Change(_id(number), (NewEvent(_id(number), run, _T0 + number, data),))


def _times_ms(queue: Queue, claims: int) -> list[float]:
    times = []
    for number in range(claims):
        began = time.perf_counter()
        row = queue.next(LANES[number % len(LANES)])
        times.append((time.perf_counter() - began) * 1000)
        if row is None:
            break
        queue.end(row)
    return times[:-1] if len(times) < claims else times


def measure() -> Iterator[Row]:
    """Yield the claim among many beside that among few."""
    few: list[float] = []
    for _ in range(8):  # so few last for a short while only
        small = Queue(fresh() / "tasktui.db", FEW)
        few += _times_ms(small, CLAIMS)
        small.close()
    large = Queue(fresh() / "tasktui.db", MANY)
    many = _times_ms(large, CLAIMS)
    large.close()
    note = "five lanes, half ended, a quarter waits for others; without fsync"
    yield Row(
        "C3", f"claim of the next task, {MANY:,} stored", median(many), "ms", 2, "low", median(few),
        f"{FEW} stored", CLAIMS, note,
    )  # fmt: skip
