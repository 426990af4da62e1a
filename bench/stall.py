"""B4: what a terminal that reads nothing, or slowly, does to the manager, and what it shows afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from bench.keys import LIVE, copied, moved, ready
from bench.pty import PtyApp
from bench.rows import Row
from bench.screens import cursor_line, loaded

RATE = 1_000
STALL_S = 5.0
RUNS = 5
SLOW = 2_000
"""Bytes a second of a slow link."""


def measure(runs: int = RUNS) -> Iterator[Row]:
    """Yield the manager's longest stall, stale bytes, and the time of a key over a slow link."""
    free, stopped, slow, stale, answers = [], [], [], [], []
    for _ in range(runs):
        home = copied(10_000)
        beat = home / "beat.json"
        with loaded(home, tasks=LIVE, rate=RATE, beat=beat) as app:
            ready(app)
            free.append(_longest(beat, STALL_S))
            app.throttle(0)
            stopped.append(_longest(beat, STALL_S))
            stale.append(_stale(app))
            app.throttle(SLOW)
            slow.append(_longest(beat, STALL_S))
            answers.append(_answer(app))
    note = f"{RATE:,} events/s of {LIVE} tasks; {median(free):.0f} ms while the terminal reads"
    yield Row("B4", "longest stall, terminal reads nothing", median(stopped), "ms", 50, runs=runs, note=note)
    yield Row("B4", "longest stall, terminal reads 2 kB/s", median(slow), "ms", 50, runs=runs)
    told = "from reading again to the frame with a key pressed meanwhile"
    yield Row("B4", "stale bytes after a stop", median(stale), "KiB", 20, runs=runs, note=told)
    yield Row("B4", "key → frame at 2 kB/s", median(answers), "s", 3, runs=runs)


def _longest(beat: Path, seconds: float) -> float:
    """Return the longest lateness of the manager's loop over some seconds, in milliseconds."""
    time.sleep(0.5)
    reset = beat.with_suffix(".reset")
    reset.touch()
    while reset.exists():
        time.sleep(0.01)
    time.sleep(seconds)
    return float(json.loads(beat.read_text())["longest_ms"])


def _stale(app: PtyApp) -> float:
    """Press a key, let the terminal read again, and return KiB until the key is seen."""
    line = cursor_line(app.screen()) or 0
    app.send(b"j")
    time.sleep(0.5)
    mark = app.mark()
    app.throttle(None)
    seen = app.wait_screen(partial(moved, line), 10)
    return sum(len(chunk.data) for chunk in app.chunks_since(mark) if chunk.at <= seen) / 1024


def _answer(app: PtyApp) -> float:
    line = cursor_line(app.screen()) or 0
    sent = app.send(b"j")
    return app.wait_screen(partial(moved, line), 20) - sent
