"""B3: bytes that the screen sends to the terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from statistics import median

from bench.databases import home_with
from bench.keys import copied, moved
from bench.pty import PtyApp
from bench.rows import Row
from bench.screens import CURSOR, cursor_line, dashboard, loaded, settle

THEMES = {"truecolor": "dark", "ANSI theme": "ansi-dark"}
PRESSES = 10
RUNS = 5


def measure() -> Iterator[Row]:
    """Yield bytes a key, with and without the pane, and bytes a second: idle, ticking, under load."""
    yield from _keys()
    yield from _seconds()


def over_a_link() -> Iterator[Row]:
    """Yield what a key and a busy second cost on a link."""
    sizes: list[float] = []
    for _ in range(RUNS):
        with dashboard(home_with(10_000)) as app:
            settle(app)
            sizes.append(_per_key(app, 0.05))
    yield _row("cursor key, truecolor", median(sizes), 100, "B", RUNS)
    busy = [_under({"tasks": 20, "rate": 1000}, "dark", pane=True) for _ in range(3)]
    yield _row("second with 1,000 events/s, with the pane, truecolor", median(busy), 30 * 1024, "B", 3)


def _row(what: str, figure: float, goal: float, unit: str, runs: int, note: str = "") -> Row:
    return Row("B3", what, figure, unit, goal, runs=runs, note=note)


def _keys() -> Iterator[Row]:
    for (told, theme), goal in zip(THEMES.items(), (100, 60), strict=True):
        quick: list[float] = []
        resting: list[float] = []
        for _ in range(RUNS):
            with dashboard(home_with(10_000), flags=("--theme", theme)) as app:
                settle(app)
                quick.append(_per_key(app, 0.03))
                time.sleep(0.5)
                resting.append(_per_key(app, 0.3))
        note = "mean of ten keys in a row, each pressed before the pane is read"
        yield _row(f"cursor key, {told}", median(quick), goal, "B", RUNS, note)
        yield _row(f"cursor key with the pane read, {told}", median(resting), 2048, "B", RUNS)


def _per_key(app: PtyApp, rest_s: float) -> float:
    """Return bytes a key; the last one's frame has been written, its pane is not read yet."""
    mark = app.mark()
    for _ in range(PRESSES):
        line = cursor_line(app.screen()) or 0
        app.send(b"j")
        app.wait_screen(partial(moved, line), 5)
        time.sleep(rest_s)
    return len(app.bytes_since(mark)) / PRESSES


def _seconds() -> Iterator[Row]:
    idle = []
    for _ in range(RUNS):
        with dashboard(home_with(10_000)) as app:
            settle(app, 2.5)
            idle.append(_per_second(app, 3))
    yield _row("idle second, nothing running", median(idle), 0, "B", RUNS)
    cases = (
        ("20 rows ticking", {"tasks": 20, "rate": 0}, False, 300),
        ("1,000 events/s, list only", {"tasks": 20, "rate": 1000}, False, 5 * 1024),
        ("1,000 events/s, with the pane", {"tasks": 20, "rate": 1000}, True, 30 * 1024),
    )
    for what, load, pane, goal in cases:
        for told, theme in THEMES.items():
            sizes = [_under(load, theme, pane=pane) for _ in range(3)]
            yield _row(f"second with {what}, {told}", median(sizes), goal, "B", 3)


def _under(load: dict[str, int], theme: str, *, pane: bool) -> float:
    home = copied(10_000)
    with loaded(home, {"TASKTUI_THEME": theme}, **load) as app:
        app.wait_screen(lambda lines: "20 running" in lines[0], 20)
        time.sleep(1.5)
        # the first rows are live; the last row of the page has ended, and its pane is quiet
        app.send(b"g" if pane else b"G")
        time.sleep(1.5)
        if not pane:
            app.send(b"g" + b"j" * 22)
            app.wait_screen(lambda lines: any(CURSOR in line[:4] and "module" in line for line in lines), 5)
            time.sleep(1.5)
        return _per_second(app, 4)


def _per_second(app: PtyApp, seconds: float) -> float:
    mark = app.mark()
    time.sleep(seconds)
    return len(app.bytes_since(mark)) / seconds
