"""B2: from a key to the frame that shows it, while events arrive and are stored."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from bench.databases import fresh, home_with
from bench.pty import Lines, PtyApp
from bench.rows import Row
from bench.screens import cursor_line, loaded

LIVE = 100
RATE = 10_000
PRESSES = 200
"""The slowest one of a hundred keys needs hundreds to be more than the worst of all."""
RUNS = 3
GAP_S = 0.03
"""A key held down: shorter, with its frame, than the rest after which a pane is read."""


def measure(sizes: Sequence[int] = (10_000, 100_000), runs: int = RUNS) -> list[Row]:
    """Return the middle and the slow end of a key's latency under load, beside those of the idle screen."""
    rows = []
    for tasks in sizes:
        quiet, busy = _sides(tasks, runs)
        told = f"{RATE:,} events/s, {tasks:,} tasks, {LIVE} live"
        for name, at in (("p50", 50), ("p99", 99)):
            idle = _percentile([second for seconds in quiet for second in seconds], at) * 1000
            load = _percentile([second for seconds, _ in busy for second in seconds], at) * 1000
            stored = median(stored for _, stored in busy)
            note = f"of all keys, {PRESSES} a run; {stored:,.0f} events/s were stored meanwhile"
            rows.append(
                Row("B2", f"key → frame {name}, {told}", load, "ms", 1.5, "low", idle, "idle", runs, note)
            )
    return rows


def _sides(tasks: int, runs: int) -> tuple[list[list[float]], list[tuple[list[float], float]]]:
    quiet, busy = [], []
    for _ in range(runs):
        quiet.append(_run(tasks, 0)[0])
        busy.append(_run(tasks, RATE))
    return quiet, busy


def _run(tasks: int, rate: int) -> tuple[list[float], float]:
    """Return the latencies, and how many events a second were stored."""
    home = copied(tasks)
    with loaded(home, tasks=LIVE, rate=rate) as app:
        ready(app)
        before, began = stored_events(home), time.perf_counter()
        seconds = press(app, PRESSES)
        stored = (stored_events(home) - before) / (time.perf_counter() - began)
    shutil.rmtree(home)
    return seconds, stored


def copied(tasks: int) -> Path:
    """Return a data directory of its own with finished tasks."""
    home = fresh()
    shutil.copy(home_with(tasks) / "tasktui.db", home)
    return home


def ready(app: PtyApp) -> None:
    """Wait until the live tasks run and the first row has the cursor."""
    app.wait_screen(lambda lines: f"{LIVE} running" in lines[0], 20)
    time.sleep(1.5)
    app.send(b"g")
    app.wait_screen(lambda lines: cursor_line(lines) == 3, 5)
    time.sleep(0.3)


def press(app: PtyApp, count: int) -> list[float]:
    """Move the cursor down and up; return seconds from each key to the frame with the cursor moved."""
    seconds = []
    for number in range(count):
        down = number // 20 % 2 == 0
        line = cursor_line(app.screen()) or 0
        sent = app.send(b"j" if down else b"k")
        seconds.append(app.wait_screen(partial(moved, line), 5) - sent)
        time.sleep(GAP_S)
    return seconds


def moved(before: int, lines: Lines) -> bool:
    """Whether the cursor stands on another line than `before`."""
    now = cursor_line(lines)
    return now is not None and now != before


def stored_events(home: Path) -> int:
    """Return how far the log has come."""
    import sqlite3

    connection = sqlite3.connect(f"file:{home}/tasktui.db?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT head FROM state").fetchone()[0])
    finally:
        connection.close()


def _percentile(seconds: list[float], at: int) -> float:
    return quantiles(seconds, n=100, method="inclusive")[at - 1]
