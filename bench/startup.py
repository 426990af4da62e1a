"""B1: from the start of the process to the first frame that shows a task."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from bench.databases import home_with
from bench.pty import PtyApp, Shows
from bench.rows import Row
from bench.screens import bare, dashboard, has_row, is_bare

RUNS = 9


def measure() -> list[Row]:
    """Return the first frame beside a bare app's, and with ten times as many tasks."""
    few, many = home_with(100_000), home_with(1_000_000)
    starts: dict[str, tuple[Callable[[], PtyApp], Shows]] = {
        "bare": (bare, is_bare),
        "few": (lambda: dashboard(few), has_row),
        "many": (lambda: dashboard(many), has_row),
    }
    seconds: dict[str, list[float]] = {name: [] for name in starts}
    for run in range(RUNS + 1):
        for name, (start, shows) in starts.items():
            with start() as app:
                took = app.wait_screen(shows) - app.started_at
            if run:  # the first reads the disk
                seconds[name].append(took * 1000)
    one, hundred, million = (median(seconds[name]) for name in starts)
    return [
        Row("B1", "first frame, 100,000 tasks", hundred, "ms", 1.25, "low", one, "bare app", RUNS),
        Row("B1", "first frame, 1,000,000 tasks", million, "ms", 1.1, "low", hundred, "100,000 tasks", RUNS),
    ]
