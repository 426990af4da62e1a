"""L1: the owner is killed; until the attached screen shows what the next one has."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

from bench.databases import fresh
from bench.pty import PtyApp
from bench.rows import Row
from tasktui.service.asking import answers
from tasktui.service.owner import read_owner
from tasktui.service.starting import start_owner

RUNS = 7
REST_S = 0.5
"""Nothing is written for so long: the screen is at rest again, and the next death can come."""
LEAST = "import fastapi, uvicorn, aiosqlite"
"""What any owner with such an API has to load."""


def measure() -> Iterator[Row]:
    """Yield the gap between two owners, as a person sees it."""
    home = fresh()
    start_owner(home)
    argv = [sys.executable, "-m", "tasktui", "--home", str(home)]
    gaps, least = [], []
    try:
        with PtyApp(argv, env={"TASKTUI_HOME": str(home)}) as screen:
            for _ in range(RUNS):
                _attached(screen, _owner(home))
                screen.wait_quiet(REST_S)
                gaps.append(_gap(screen, home))
                least.append(_least())
    finally:
        _end(_owner(home))
    yield Row(
        "L1", "owner killed → screen on the next one", median(gaps), "ms", 4, "low", median(least),
        "python -c 'import fastapi, uvicorn, aiosqlite'", RUNS,
    )  # fmt: skip


def _gap(screen: PtyApp, home: Path) -> float:
    former = _owner(home)
    began = time.perf_counter()
    _end(former, 9)
    while _owner(home) in {0, former} or not answers(home):
        time.sleep(0.02)
    return (_attached(screen, _owner(home)) - began) * 1000


def _attached(screen: PtyApp, owner: int) -> float:
    return screen.wait_screen(lambda lines: f"attached to {owner}" in lines[0], timeout_s=30)


def _least() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", LEAST], check=True, timeout=20)
    return (time.perf_counter() - began) * 1000


def _owner(home: Path) -> int:
    info = read_owner(home)
    return info.pid if info is not None else 0


def _end(pid: int, number: int = 15) -> None:
    os.kill(pid, number)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
