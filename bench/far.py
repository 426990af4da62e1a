"""The same through a real ssh to this machine: keys, bytes, stalls, commands, events, the first frame."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench import attached, keys, stall, written
from bench.databases import KEEP_ALL, home_with
from bench.rows import Row
from bench.screens import by
from tests.sshd import BOX, Sshd, sshd

ROOT = Path(__file__).parent.parent
RUNS = 7
LEAST = ("ssh", "-o", "BatchMode=yes", BOX.destination, sys.executable, "-c", "pass")
REMOTE = ("-tt", "-o", "BatchMode=yes", BOX.destination)


def measure() -> Iterator[Row]:
    """Yield the rows of S2, S3, S4, S9 and S14: as B2, B3, B4, B9 and B14, with ssh between."""
    with box() as far:
        with by(far):
            yield from _renamed(keys.measure((10_000,), 2))
            yield from _renamed(written.over_a_link())
            yield from _renamed(stall.measure(2))
        yield from _commands()
        yield from _attached()


class Far:
    """Starts a program on the box, under a terminal of its own there."""

    def __init__(self, running: Sshd) -> None:
        self._path = running.path

    def __call__(self, argv: Sequence[str], env: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line of ssh that starts it."""
        words = shlex.join(("env", *(f"{name}={value}" for name, value in env.items()), *argv))
        return ["ssh", *REMOTE, f"cd {shlex.quote(str(ROOT))} && exec {words}"], {"PATH": self._path}


@contextmanager
def box() -> Iterator[Far]:
    """Have an sshd on loopback, and an `ssh` that knows it."""
    with tempfile.TemporaryDirectory() as folder, sshd(Path(folder, "sshd")) as running:
        before = os.environ["PATH"]
        os.environ["PATH"] = running.path
        try:
            yield Far(running)
        finally:
            os.environ["PATH"] = before


def _renamed(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield replace(row, name=row.name.replace("B", "S"))


def _commands() -> Iterator[Row]:
    far = ["--host", BOX.name, "--home", str(home_with(10_000))]
    ours = [sys.executable, "-m", "tasktui", *far, "ls", "--json", "--limit", "20"]
    figures: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for argv, kept in zip((ours, LEAST), figures, strict=True):
            kept.append(_timed(argv))
    took, beside = map(median, figures)
    what = "tasktui --host ls --json --limit 20"
    yield Row("S9", what, took, "ms", 6, "low", beside, "ssh with python -c pass", RUNS)


def _timed(argv: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True, timeout=30, env={**os.environ, **KEEP_ALL})
    return (time.perf_counter() - began) * 1000


def _attached() -> Iterator[Row]:
    from tasktui.bootstrap.distant import distant

    home = home_with(attached.TASKS, long_task=attached.EVENTS)
    with attached.owner(home):
        rate = attached.replayed(lambda: distant(BOX, home=str(home)))
        yield Row("S14", "events over stdio and ssh", rate, "events/s", 20_000, "high", runs=attached.RUNS)
        far, here = [], []
        for run in range(RUNS + 1):
            there = attached.first_frame(home, flags=("--host", BOX.name))
            beside = attached.first_frame(home) + _timed(LEAST)
            if run:
                far.append(there)
                here.append(beside)
        ours, least = median(far), median(here)
        told = "attached here, and ssh with python -c pass"
        what = "--host → first frame with a task"
        yield Row("S14", what, ours, "ms", 1.5, "low", least, told, RUNS)
