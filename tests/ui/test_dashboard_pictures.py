"""How the dashboard looks, at the three sizes and in its states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tasktui.domain.errors import OwnerError
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.detail import DetailScreen
from tasktui.ui.screens.listing import Listing
from tasktui.ui.waits import may_wait_for_others
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.filter_bar import FilterBar
from tests.ui.conftest import Compare
from tests.ui.night import Night, eventually

SIZES = {"80x24": (80, 24), "120x35": (120, 35), "200x50": (200, 50)}


def app_of(night: Night, **more: Any) -> TasktuiApp:
    return TasktuiApp(night.connect, now=night.clock.now, **more)


LARGE = 1_000
"""Tasks of a list whose queue is too long to be told place by place."""


def settled(night: Night, *keys: str, total: int | None = None) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Wait until list and pane show what they will show, press keys, and wait again."""

    async def before(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, TasktuiApp)
        everything = (await night.manager.counts()).total
        await _listed(app, everything)
        await pilot.press(*keys)
        if keys:
            await _listed(app, everything if total is None else total)
        await pilot.pause()

    return before


async def _listed(app: TasktuiApp, total: int) -> None:
    def there() -> bool:
        screen = app.dashboard
        assert isinstance(screen, Listing)
        panes = list(screen.query(DetailPane))
        chosen = screen.selected.id if screen.selected else None
        shown = panes[0].row.id if panes and panes[0].row else None
        queued = [row for row in screen.list.visible_rows() if may_wait_for_others(row, app.now())]
        told = not queued or bool(screen.list.waits) or total > LARGE
        listed = app.manager is not None and screen.list.window.total == total
        return listed and told and bool(panes) and shown == chosen

    await eventually(there, f"{total} tasks and the chosen one")


@pytest.mark.parametrize("size", SIZES)
async def test_night(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """Sections with counts, a glyph and a word for each status, the first task beside or below."""
    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=settled(busy_night))


async def test_shown_large(busy_night: Night, snap_compare: Compare) -> None:
    """Which task it is above all, the whole screen for it, the keys of the pane below."""
    ready = settled(busy_night)

    async def before(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        assert isinstance(pilot.app, TasktuiApp)
        chosen = pilot.app.dashboard.selected
        assert chosen is not None
        await pilot.press("enter")

        def shown() -> bool:
            screen = pilot.app.screen
            large = isinstance(screen, DetailScreen) and screen.pane.page is not None
            return large and chosen.title in str(screen.query_one("#title", Static).content)

        await eventually(shown, "the task")
        await pilot.pause()

    assert await snap_compare(app_of(busy_night), size=(80, 24), before=before)


@pytest.mark.parametrize("size", SIZES)
async def test_filter(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """The filter above the list, `4 of 11` at its right, only shell tasks."""
    before = settled(busy_night, "slash", *"kind:shell", "enter", total=4)
    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=before)


async def test_wrong_filter(busy_night: Night, snap_compare: Compare) -> None:
    """A caret under the wrong term and what may stand there; the list as it was; keys of the filter below."""
    ready = settled(busy_night)

    async def before(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        await pilot.press("slash")
        pilot.app.query_one(FilterBar).put("flaky kind:robot")
        await pilot.pause()

    assert await snap_compare(app_of(busy_night), size=(120, 35), before=before)


async def test_marked(busy_night: Night, snap_compare: Compare) -> None:
    """Two marks in the second column, `2 marked` at the left of the footer."""
    before = settled(busy_night, "G", "k", "k", "space", "space")
    assert await snap_compare(app_of(busy_night), size=(120, 35), before=before)


async def test_one_list(busy_night: Night, snap_compare: Compare) -> None:
    """No sections: newest first, every line with its word."""
    assert await snap_compare(app_of(busy_night), size=(120, 35), before=settled(busy_night, "b"))


async def test_large_list(busy_night: Night, snap_compare: Compare) -> None:
    """The list alone, with kind, lane and calls."""
    assert await snap_compare(app_of(busy_night), size=(120, 35), before=settled(busy_night, "m"))


async def test_ansi(busy_night: Night, snap_compare: Compare) -> None:
    """The terminal's own sixteen colours; nothing unreadable."""
    assert await snap_compare(app_of(busy_night, theme="ansi"), size=(120, 35), before=settled(busy_night))


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_yet(size: str, quiet_night: Night, snap_compare: Compare) -> None:
    """What to do first."""
    assert await snap_compare(app_of(quiet_night), size=SIZES[size], before=settled(quiet_night))


async def test_nothing_matches(busy_night: Night, snap_compare: Compare) -> None:
    """The filter that matches nothing, and how to drop it."""
    before = settled(busy_night, "slash", *"status:lost", "enter", total=0)
    assert await snap_compare(app_of(busy_night), size=(80, 24), before=before)


async def test_too_small(busy_night: Night, snap_compare: Compare) -> None:
    """A notice with the counts."""
    assert await snap_compare(app_of(busy_night), size=(48, 12), before=settled(busy_night))


async def test_disconnected(busy_night: Night, snap_compare: Compare) -> None:
    """A banner says that nobody answers and that it is tried again."""

    async def connect() -> Any:
        raise OwnerError("Nobody runs these tasks now.")

    async def before(pilot: Pilot[Any]) -> None:
        await eventually(lambda: bool(pilot.app.query("Banner.-shown")), "the banner")
        await eventually(lambda: bool(pilot.app.query(DetailPane)), "the pane")
        await pilot.pause()

    app = TasktuiApp(connect, now=busy_night.clock.now)
    assert await snap_compare(app, size=(120, 35), before=before)
