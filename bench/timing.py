"""Times small reads: the median of many."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def median_ms(read: Callable[[], object], runs: int = 200) -> float:
    """Return the median time of a call, in milliseconds, after a few calls that warm it up."""
    for _ in range(5):
        read()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        read()
        times.append(time.perf_counter() - started)
    return median(times) * 1000
