"""Pictures, and a manager on which a night of work has happened."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from textual.app import App
from textual.pilot import Pilot

from tests.ui.night import Night, night

ROOT = Path(__file__).resolve().parent.parent.parent
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


@pytest.fixture
def snap_compare(snapshot: SnapshotAssertion) -> Compare:
    """Run an app at a size, press keys, and compare it with its picture."""
    pictures = snapshot.use_extension(Picture)

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
            svg = _TERMINAL_ID.sub(r"terminal-\1", app.export_screenshot(simplify=True))
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
