"""B7: the timeline of one task with a million entries."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from statistics import median

from bench.databases import home_with
from bench.pty import Lines, PtyApp
from bench.rows import Row
from bench.screens import dashboard, settle

RUNS = 5
JUMPS = 4
SIZES = (10_000, 1_000_000)


def measure() -> Iterator[Row]:
    """Yield the time of a jump between the ends, and the memory that the longer one takes more."""
    seconds: dict[int, list[float]] = {size: [] for size in SIZES}
    memory: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(RUNS):
        for size in SIZES:
            with dashboard(home_with(1_000, long_task=size)) as app:
                settle(app, 2)
                seconds[size].append(_jumps(app, size) * 1000)
                memory[size].append(app.usage().rss_mib)
    small, large = SIZES
    told = f"{small:,} entries"
    jump, before = median(seconds[large]), median(seconds[small])
    yield Row("B7", f"jump and repaint, {large:,} entries", jump, "ms", 1.2, "low", before, told, RUNS)
    more = median(memory[large]) - median(memory[small])
    yield Row("B7", f"memory, {large:,} entries over {told}", max(0.0, more), "MiB", 6, runs=RUNS)


def _jumps(app: PtyApp, size: int) -> float:
    """Return the median seconds from the key to the frame with the other end."""
    app.send(b"\r")
    time.sleep(0.5)
    seconds = []
    for jump in range(JUMPS):
        key, step = (b"G", size - 1) if jump % 2 else (b"g", 0)
        sent = app.send(key)
        seconds.append(app.wait_screen(partial(_shows, f"step {step} of"), 5) - sent)
        time.sleep(0.3)
    return median(seconds)


def _shows(text: str, lines: Lines) -> bool:
    return any(text in line for line in lines)
