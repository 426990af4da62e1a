"""The screen starts over as often as it fails, also twice in one breath and while changes come in."""

from __future__ import annotations

from tasktui.domain.requests import ChangeSet
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.dashboard import Dashboard
from tests.ui.night import Night, eventually

SIZE = (120, 35)


async def test_two_failures_at_once(busy_night: Night) -> None:
    app = TasktuiApp(busy_night.connect, now=busy_night.clock.now)
    async with app.run_test(size=SIZE) as pilot:
        await eventually(lambda: app.manager is not None and app.dashboard.list.window.total > 0, "a list")
        first = app.dashboard
        first.call_later(lambda: 1 / 0)
        first.list.call_later(lambda: 1 / 0)
        await eventually(lambda: app.faults.starts == 2 and app.dashboard.is_complete, "two starts")
        await eventually(lambda: app.dashboard.list.window.total > 0, "the list again")
        assert app.dashboard is not first
        await pilot.press("question_mark")
        await eventually(lambda: len(app.screen_stack) == 2, "keys still work")


async def test_changes_come_while_it_is_built(busy_night: Night) -> None:
    app = TasktuiApp(busy_night.connect, now=busy_night.clock.now)
    async with app.run_test(size=SIZE):
        await eventually(lambda: app.manager is not None, "a manager")
        unbuilt = Dashboard({})
        await app.push_screen(unbuilt)
        unbuilt.apply(ChangeSet(degraded="the disk is full"))
        assert not unbuilt.is_complete
        await app.pop_screen()
    assert app.faults.total == 0
