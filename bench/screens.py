"""Programs that the rows start under a terminal: the dashboard, the dashboard under load, the bare app."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from bench.databases import KEEP_ALL
from bench.pty import Lines, PtyApp

COLS: Final = 120
LINES: Final = 35
CURSOR: Final = "▌"


Started = tuple[Sequence[str], Mapping[str, str]]
"""A command line and what it needs of the environment."""
_WAY: Final[ContextVar[Callable[[Sequence[str], Mapping[str, str]], Started] | None]] = ContextVar("way")


@contextmanager
def by(way: Callable[[Sequence[str], Mapping[str, str]], Started]) -> Iterator[None]:
    """Start what is started meanwhile by another way, for instance on another machine."""
    token = _WAY.set(way)
    try:
        yield
    finally:
        _WAY.reset(token)


def start(argv: Sequence[str], env: Mapping[str, str]) -> PtyApp:
    """Start a program under a terminal, the way that holds now."""
    way = _WAY.get(None)
    if way is not None:
        argv, env = way(argv, env)
    return PtyApp(argv, cols=COLS, rows=LINES, env=env)


def dashboard(home: Path, env: Mapping[str, str] | None = None, *, flags: tuple[str, ...] = ()) -> PtyApp:
    """Start `tasktui` on a data directory."""
    argv = [sys.executable, "-m", "tasktui", "--home", str(home), *flags]
    return start(argv, {**KEEP_ALL, **(env or {})})


def bare() -> PtyApp:
    """Start the least Textual program."""
    return start([sys.executable, "-m", "bench.bare"], {})


@contextmanager
def loaded(home: Path, env: Mapping[str, str] | None = None, **load: object) -> Iterator[PtyApp]:
    """Start the dashboard with an executor that floods it; see `bench.flood` for what `load` may say."""
    argv = [sys.executable, "-m", "bench.flood", "--home", str(home)]
    argv += [word for name, value in load.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    with start(argv, {**KEEP_ALL, **(env or {})}) as app:
        yield app


def has_row(lines: Lines) -> bool:
    """Whether a task is on the screen."""
    return any("module " in line or "flood number" in line for line in lines[2:])


def is_bare(lines: Lines) -> bool:
    """Whether the bare app has drawn."""
    return "bare app stands" in lines[0]


def cursor_line(lines: Lines) -> int | None:
    """Return the line on which the list's cursor stands."""
    return next((y for y, line in enumerate(lines) if line[1:2] == CURSOR), None)


def settle(app: PtyApp, seconds: float = 1.5) -> None:
    """Let start-up end: the manager, the pane, the collector."""
    app.wait_screen(has_row)
    time.sleep(seconds)
