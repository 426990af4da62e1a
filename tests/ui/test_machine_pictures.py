"""How several machines look: in the list, one of them away, the hosts view."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from tasktui.ui.app import TasktuiApp
from tests.ui.conftest import Compare
from tests.ui.machines_night import Machines, three_machines
from tests.ui.night import eventually
from tests.ui.test_dashboard import Desk
from tests.ui.test_dashboard_pictures import SIZES
from tests.ui.test_machines import ALL, listed


@pytest.fixture
async def machines(tmp_path: Path) -> AsyncIterator[Machines]:
    async with three_machines(tmp_path) as made:
        yield made


def shown(
    machines: Machines, what: str, *keys: str, away: bool = False
) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Wait for the list, cut a connection if `away`, press keys, wait until it says something."""

    async def before(pilot: Pilot[Any]) -> None:
        seen = Desk(cast("TasktuiApp", pilot.app), pilot, machines.here)
        await listed(seen.app, ALL)
        if away:
            await pilot.press("/", *"host:gpu", "enter")
            for words in ("chunk 7 of 17", "run 1 · on local"):
                await eventually(partial(seen.shows, words), "all of a task of the one that will be away")
            machines.line.cut()
            await eventually(lambda: machines.standing("gpu") == "unreachable", "gpu is away")
            machines.pass_time(130)
        await pilot.press(*keys)
        await eventually(lambda: seen.shows(what), what)
        await pilot.pause()

    return before


@pytest.mark.parametrize("size", SIZES)
async def test_list(size: str, machines: Machines, snap_compare: Compare) -> None:
    """A column with the machine of each task; the header says how many there are."""
    assert await snap_compare(machines.app(), size=SIZES[size], before=shown(machines, "gpu"))


@pytest.mark.parametrize("size", SIZES)
async def test_one_is_away(size: str, machines: Machines, snap_compare: Compare) -> None:
    """Its tasks are dim and say how old that is; the header counts it."""
    before = shown(machines, "heard", away=True)
    assert await snap_compare(machines.app(), size=SIZES[size], before=before)


@pytest.mark.parametrize("size", SIZES)
async def test_hosts(size: str, machines: Machines, snap_compare: Compare) -> None:
    """Each machine with its state, what runs there and when it answered; the one away with the reason."""
    before = shown(machines, "Connection refused", "H", away=True)
    assert await snap_compare(machines.app(), size=SIZES[size], before=before)
