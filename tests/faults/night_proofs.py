"""What the morning shows: every task in a true state, nothing left running, nothing that grew."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tasktui.domain.query import EVERYTHING
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import TERMINAL
from tasktui.executors.launch import MARK
from tasktui.service.owner import is_there, read_owner
from tasktui.store.sqlite.reader import Reader
from tests.faults.night_tasks import Told

MOST_TASKS = 1_000_000
MOST_LOG_BYTES = 20 << 20
"""Of all its files together, which rotate."""
GROWTH = 1.2
GROWTH_BYTES = 12 << 20
"""By how much an owner may be larger at the end of its life than after its first third."""
DATABASE_BYTES = 32 << 20
"""What the write-ahead log may take, with an empty database."""
TASK_BYTES = 64 << 10
"""For a task, on the average, with its events and the text of its output in the index."""
ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\dT)", re.MULTILINE)
ALARM = re.compile(" (ERROR|CRITICAL) ")
FDS = 8
"""By how many descriptors an idle owner after the night may have more than a fresh one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The owner at one moment."""

    at: float
    pid: int
    rss_bytes: int
    fds: int


def sample(home: Path) -> Sample | None:
    """Look at the owner; None while there is none."""
    info = read_owner(home)
    with suppress(psutil.Error):
        if info is not None and is_there(home, info):
            process = psutil.Process(info.pid)
            return Sample(time.monotonic(), info.pid, process.memory_info().rss, process.num_fds())
    return None


def all_rows(home: Path) -> tuple[TaskRow, ...]:
    """Return every task that is stored."""
    with Reader.open(home / "tasktui.db") as reader:
        return reader.page(EVERYTHING, limit=MOST_TASKS).items


def untrue(home: Path, told: Mapping[str, Told]) -> list[str]:
    """Return what is not as it must be, a line for each task."""
    rows = {row.id: row for row in all_rows(home)}
    found = [f"{task_id}: acknowledged and gone" for task_id in told if task_id not in rows]
    for row in rows.values():
        first = told.get(row.id) or told.get(row.retry_of or "")
        if first is None:
            found.append(f"{row.id}: nobody asked for it")
        elif why := _wrong(row, first, _runs(home, row.id)):
            found.append(f"{row.id} ({first.kind}): {why}; {row.status} {row.terminal_reason} {row.error}")
    return found


def _runs(home: Path, task_id: str) -> tuple[str, ...]:
    path = home / "ran" / task_id
    return tuple(path.read_text().split()) if path.exists() else ()


def _wrong(row: TaskRow, told: Told, runs: tuple[str, ...]) -> str | None:
    if row.status not in TERMINAL:
        return "has not ended"
    if len(set(runs)) != len(runs):
        return f"ran twice: {runs}"
    if told.canceled and row.status == "canceled":
        return None
    if row.status != told.status or row.exit_code != told.exit_code:
        return f"not {told.status} with {told.exit_code} but with {row.exit_code}"
    return None if runs == told.runs else f"ran {runs} instead of {told.runs}"


def left_running(home: Path) -> list[str]:
    """Return processes of tasks, by the mark and the home in their environments."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            environment = process.environ()
            if MARK in environment and environment.get("TASKTUI_HOME") == str(home):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found


def grown(samples: list[Sample], database: Path, tasks: int) -> list[str]:
    """Return what grew that must not, by the life of the owner that lived longest."""
    longest = max({one.pid for one in samples}, key=lambda pid: sum(one.pid == pid for one in samples))
    life = [one for one in samples if one.pid == longest]
    third, end = life[len(life) // 3], life[-1]
    size = sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
    found = []
    if end.rss_bytes > third.rss_bytes * GROWTH + GROWTH_BYTES:
        found.append(f"memory from {third.rss_bytes >> 20} to {end.rss_bytes >> 20} MiB")
    if size > DATABASE_BYTES + TASK_BYTES * tasks:
        found.append(f"the database: {size >> 10} KiB for {tasks} tasks")
    return found


def alarming(home: Path) -> list[str]:
    """Return what the log tells of that should not have been, and whether it is too long."""
    files = list((home / "log").iterdir())
    told = [line for path in files for line in ENTRY.split(path.read_text(errors="replace"))]
    found = [line for line in told if ALARM.search(line.partition("\n")[0])]
    if sum(path.stat().st_size for path in files) > MOST_LOG_BYTES:
        found.append("the log is longer than it may become")
    return found
