"""B11: a file is written in a watched directory of 100,000 others; until the Files tab has its row."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from bench.databases import KEEP_ALL, fresh
from bench.memory import cpu_percent
from bench.pty import Lines, PtyApp
from bench.rows import Row
from bench.screens import dashboard

FILES = 100_000
WRITES = 200
RUNS = 3
REST_S = 0.35
"""Between two writes: the frame of the one before is out, as for a person who saves a file."""
ARMED_S = 2.0
"""The watch is made, and the directory was scanned, before the first write."""
LONG_AGO = 1_600_000_000


def measure() -> Iterator[Row]:
    """Yield the time from a write to its row, and what the watch costs while nothing is written."""
    seconds: list[float] = []
    costs: dict[int, list[float]] = {1: [], FILES: []}
    for _ in range(RUNS):
        for files, percents in costs.items():
            with _opened(files) as (app, directory):
                percents.append(cpu_percent(app))
                if files == FILES:
                    seconds += [_written(app, directory, number) for number in range(WRITES)]
    p99 = quantiles(seconds, n=100)[98] * 1000
    note = f"of {len(seconds)} files; p50 {median(seconds) * 1000:.0f} ms"
    yield Row("B11", f"file → row p99, {FILES:,} files watched", p99, "ms", 60, runs=RUNS, note=note)
    yield Row(
        "B11", f"idle CPU, {FILES:,} files watched", median(costs[FILES]), "%", 1.2, "low", median(costs[1]),
        "1 file watched", RUNS, "the task's time ticks in both",
    )  # fmt: skip


@contextmanager
def _opened(files: int) -> Iterator[tuple[PtyApp, Path]]:
    """A dashboard on the Files tab of a task that watches a directory with so many files of long ago."""
    home = fresh()
    with tempfile.TemporaryDirectory() as name, dashboard(home) as app:
        directory = Path(name)
        for number in range(files):
            (directory / f"old-{number:06}").touch()
            os.utime(directory / f"old-{number:06}", (LONG_AGO, LONG_AGO))
        app.wait_screen(partial(_says, "Nothing here yet"))
        _tasktui(home, "run", "-d", "--name", "watches", "--watch", name, "--", "sleep", "3600")
        app.wait_screen(partial(_says, "watches"))
        app.send(b"gl5")
        app.wait_screen(partial(_says, "watching ●"))
        time.sleep(ARMED_S)
        yield app, directory
        _tasktui(home, "cancel", "--all", "--force")
        app.wait_screen(partial(_says, "0 running"))


def _tasktui(home: Path, *words: str) -> None:
    env = os.environ | KEEP_ALL | {"TASKTUI_HOME": str(home)}
    argv = [sys.executable, "-m", "tasktui", *words]
    subprocess.run(argv, check=True, env=env, stdout=subprocess.DEVNULL, timeout=30)


def _written(app: PtyApp, directory: Path, number: int) -> float:
    """Write one file, which is listed above those before it, and return when it is on the screen."""
    time.sleep(REST_S)
    name = f"new-{WRITES - number:04}"
    began = time.perf_counter()
    (directory / name).write_bytes(b"x" * 100)
    return app.wait_screen(partial(_says, name)) - began


def _says(words: str, lines: Lines) -> bool:
    return any(words in line for line in lines)
