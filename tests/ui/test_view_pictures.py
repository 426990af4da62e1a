"""How the screens above the dashboard look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import Compare
from tests.ui.night import Night
from tests.ui.test_dashboard_pictures import SIZES, app_of, settled


def shown(night: Night, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    ready = settled(night)

    async def before(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        await pilot.press(*keys)
        await pilot.pause(0.6)
        await pilot.app.workers.wait_for_complete(
            [worker for worker in pilot.app.workers if worker.group in {"inbox", "find", "figures"}]
        )
        await pilot.pause()

    return before


@pytest.mark.parametrize("size", SIZES)
async def test_inbox(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """Two questions in the list, the first with its options and keys."""
    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=shown(busy_night, "I"))


@pytest.mark.parametrize("size", SIZES)
async def test_find(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """Places with their task, source and time; the text marked in each excerpt."""
    before = shown(busy_night, "F", *"login")
    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=before)


@pytest.mark.parametrize("size", SIZES)
async def test_stop(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """The tasks that would end, the safe button first."""
    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=shown(busy_night, "Q"))
