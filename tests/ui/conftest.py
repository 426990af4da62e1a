"""Pictures, and a manager on which a night of work has happened."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from textual.app import App
from textual.pilot import Pilot

from tests.ui.handled import instead_of_idleness
from tests.ui.night import Night, night

ROOT = Path(__file__).resolve().parent.parent.parent
REST_S = 0.6
"""A screen that did not change for so long shows all it will show; only while pictures are drawn anew."""
STILL_S = 15.0
"""A screen that did not change for so long does not become the picture that is kept."""
LONGEST_S = 45.0
_HAIR = 0.06
"""Pixels by which rounded figures may differ."""
_CELLS = re.compile(r'<rect fill="([^"]+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="24\.65"[^>]*/>')
_TERMINAL_ID = re.compile(r"\bterminal-\d+-([\w-]+)")


class Picture(SingleFileSnapshotExtension):
    """An SVG picture at snapshots/<test module>/<test name>.svg."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "snapshots" / test_location.basename)


class Compare(Protocol):
    """Compares what an app shows with its picture."""

    async def __call__(
        self,
        app: App[Any],
        *,
        press: tuple[str, ...] = (),
        size: tuple[int, int] = (80, 24),
        before: Callable[[Pilot[Any]], Awaitable[None]] | None = None,
    ) -> bool: ...


def _picture_of(app: App[Any]) -> str:
    return _TERMINAL_ID.sub(r"terminal-\1", app.export_screenshot(simplify=True))


def _seen(svg: str) -> str:
    """Return a picture with neighbouring cells of one colour as one: how they were painted is not seen."""
    lines = []
    for line in svg.split("\n"):
        merged: list[tuple[tuple[str, str], float, float]] = []
        for fill, x, y, width in _CELLS.findall(line):
            if merged and merged[-1][0] == (fill, y) and abs(sum(merged[-1][1:]) - float(x)) < _HAIR:
                merged[-1] = (*merged[-1][:2], merged[-1][2] + float(width))
            else:
                merged.append(((fill, y), float(x), float(width)))
        boxes = [(*which, round(x, 1), round(width, 1)) for which, x, width in merged]
        lines.append(f"{boxes}{_CELLS.sub('', line)}" if boxes else line)
    return "\n".join(lines)


async def _at_rest(app: App[Any], pilot: Pilot[Any], wanted: str | None) -> str:
    """Return the picture once it is the one wanted, or else once it has not changed for a while.

    What a screen reads arrives when the machine has time for it, so no fixed pause is long enough.
    """
    shown, since, began = _picture_of(app), time.monotonic(), time.monotonic()
    rest_s = REST_S if wanted is None else STILL_S
    while (wanted is None or _seen(shown) != _seen(wanted)) and time.monotonic() - since < rest_s:
        await pilot.pause(0.05)
        newer = _picture_of(app)
        if newer != shown:
            since = time.monotonic()
        shown = newer
        assert time.monotonic() - began < LONGEST_S, "the screen never comes to rest"
    return wanted if wanted is not None and _seen(shown) == _seen(wanted) else shown


@pytest.fixture(autouse=True)
def _keys_are_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing depends on how fast the machine is between a key and what a test says of it."""
    instead_of_idleness(monkeypatch)


@pytest.fixture
def snap_compare(snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> Compare:
    """Run an app at a size, press keys, and compare it with its picture."""
    pictures = snapshot.use_extension(Picture)
    kept = ROOT / "snapshots" / request.path.stem / f"{request.node.name}.svg"
    anew = request.config.getoption("update_snapshots") or not kept.exists()
    wanted = None if anew else kept.read_text(encoding="utf-8")

    async def compare(
        app: App[Any],
        *,
        press: tuple[str, ...] = (),
        size: tuple[int, int] = (80, 24),
        before: Callable[[Pilot[Any]], Awaitable[None]] | None = None,
    ) -> bool:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            if before:
                await before(pilot)
            await pilot.press(*press)
            await pilot.wait_for_scheduled_animations()
            await pilot.pause()
            svg = await _at_rest(app, pilot, wanted)
        return bool(svg == pictures)

    return compare


@pytest.fixture
async def busy_night(own_home: Path) -> AsyncIterator[Night]:
    """Tasks in every state, at a fixed instant."""
    async with night(own_home) as made:
        yield made


@pytest.fixture
async def quiet_night(own_home: Path) -> AsyncIterator[Night]:
    """No task at all."""
    async with night(own_home, empty=True) as made:
        yield made
