"""The screen starts over as often as it fails, also twice in one breath and while changes come in."""

from __future__ import annotations

import asyncio

from tasktui.domain.requests import ChangeSet
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.dashboard import Dashboard
from tasktui.ui.screens.inbox import InboxView
from tests.ui.night import Night, eventually

SIZE = (120, 35)


class FailsFirst(TasktuiApp):
    """Fails where it would begin."""

    def on_ready(self) -> None:
        self.dashboard.call_later(lambda: 1 / 0)


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
        shown = app.push_screen(unbuilt)
        app._pane_changed(ChangeSet(reread=True))
        await shown
        unbuilt.apply(ChangeSet(degraded="the disk is full"))
        unbuilt.connected()
        unbuilt.disconnected("it has gone")
        assert not unbuilt.is_complete
        await app.pop_screen()
    assert app.faults.total == 0


async def test_a_failure_before_the_first_connection(busy_night: Night) -> None:
    app = FailsFirst(busy_night.connect, now=busy_night.clock.now)
    async with app.run_test(size=SIZE):
        await eventually(lambda: app.faults.starts == 1 and app.dashboard.is_complete, "a start")
        await eventually(lambda: app.manager is not None, "a manager")
        await eventually(lambda: app.dashboard.list.window.total > 0, "a list")


async def test_keys_come_before_the_screen_is_built(busy_night: Night) -> None:
    app = TasktuiApp(busy_night.connect, now=busy_night.clock.now)
    async with app.run_test(size=SIZE):
        await eventually(lambda: app.manager is not None and app.dashboard.list.window.total > 0, "a list")
        shown = app.push_screen(InboxView())
        assert app.targets == ()
        for action in ("task_purge", "task_cancel", "help", "copy"):
            await app.run_action(action)
        await shown
        await eventually(lambda: all(worker.group != "dialog" for worker in app.workers), "their ends")
        assert isinstance(app.screen, InboxView)
    assert app.faults.total == 0


async def test_work_that_outlives_its_screen_is_no_failure(busy_night: Night) -> None:
    app = TasktuiApp(busy_night.connect, now=busy_night.clock.now)
    gone = asyncio.Event()

    async def late() -> None:
        await gone.wait()
        raise LookupError

    async with app.run_test(size=SIZE):
        await eventually(lambda: app.manager is not None and app.dashboard.list.window.total > 0, "a list")
        await app.push_screen(InboxView())
        worker = app.screen.run_worker(late())
        left = app.pop_screen()
        gone.set()
        await left
        await eventually(lambda: worker.is_finished, "its end")
    assert app.faults.total == 0


async def test_what_comes_while_the_screen_is_left_is_no_failure(busy_night: Night) -> None:
    app = TasktuiApp(busy_night.connect, now=busy_night.clock.now)
    async with app.run_test(size=SIZE):
        await eventually(lambda: app.manager is not None and app.dashboard.list.window.total > 0, "a list")
        app.exit("detach")
        app.dashboard.list.call_later(lambda: 1 / 0)
    assert (app.return_code, app.return_value, app.faults.total) == (0, "detach", 0)
