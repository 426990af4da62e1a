"""B9: commands from nothing, beside the interpreter itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from bench.databases import KEEP_ALL, fresh, home_with
from bench.rows import Row

RUNS = 11


def measure() -> Iterator[Row]:
    """Yield `ls` without an owner, and `run -d` with one."""
    tasktui = [sys.executable, "-m", "tasktui", "--home"]
    cases = (
        ("ls --json --limit 20", 6, [*tasktui, str(home_with(10_000)), "ls", "--json", "--limit", "20"]),
        ("run -d -- true", 9, [*tasktui, str(owned := fresh()), "run", "-d", "--", "true"]),
    )
    owner = subprocess.Popen([*tasktui, str(owned), "serve"], env=_environment(), stderr=subprocess.DEVNULL)
    try:
        _wait_for_owner(owned)
        for what, goal, argv in cases:
            figures: tuple[list[float], list[float]] = ([], [])
            for _ in range(RUNS):
                for command, kept in zip((argv, [sys.executable, "-c", "pass"]), figures, strict=True):
                    kept.append(_timed(command))
            ours, least = map(median, figures)
            yield Row("B9", f"tasktui {what}", ours, "ms", goal, "low", least, "python -c pass", RUNS)
    finally:
        owner.terminate()
        owner.wait(20)


def _wait_for_owner(home: Path) -> None:
    deadline = time.monotonic() + 20
    while not list(home.rglob("*.sock")) and time.monotonic() < deadline:
        time.sleep(0.1)


def _timed(argv: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True, timeout=20, env=_environment())
    return (time.perf_counter() - began) * 1000


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | dict(KEEP_ALL)
