"""How the screens above the dashboard look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from tasktui.ui.app import TasktuiApp
from tests.ui.conftest import Compare
from tests.ui.night import Night, eventually
from tests.ui.test_dashboard import Desk
from tests.ui.test_dashboard_pictures import SIZES, app_of, settled


def shown(night: Night, what: str, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Press keys on a dashboard that has settled, and wait until the screen says something."""
    ready = settled(night)

    async def before(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        await pilot.press(*keys)
        screen = Desk(cast("TasktuiApp", pilot.app), pilot, night)
        await eventually(lambda: screen.shows(what), what)
        await pilot.pause()

    return before


@pytest.mark.parametrize("size", SIZES)
async def test_inbox(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """Two questions in the list, the first with its options and keys."""
    assert await snap_compare(
        app_of(busy_night), size=SIZES[size], before=shown(busy_night, "Keep the old names", "I")
    )


@pytest.mark.parametrize("size", SIZES)
async def test_find(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """Places with their task, source and time; the text marked in each excerpt."""
    before = shown(busy_night, "places", "F", *"login")
    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=before)


@pytest.mark.parametrize("size", SIZES)
async def test_stop(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """The tasks that would end, the safe button first."""
    assert await snap_compare(
        app_of(busy_night), size=SIZES[size], before=shown(busy_night, "Stop everything", "Q")
    )
