"""What is followed is the task that the person sees, through the manager that is there now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from tasktui.domain.errors import ManagerClosedError, StoreError
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.status import Status
from tasktui.manager.scripted import Gate, Output
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.detail import DetailScreen
from tasktui.ui.widgets.detail.pane import DetailPane
from tests.ui.detail_desk import PaneApp, until_gone, until_says
from tests.ui.night import Night, eventually

SIZE = (120, 35)
TALKING = [Output("first words\n"), Gate("on"), Output("last words\n"), Gate("end")]


class Lease:
    """The night's manager for as long as it is lent: then nothing can be asked through it any more."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._over = asyncio.Event()

    def end(self) -> None:
        self._over.set()

    def __getattr__(self, name: str) -> Any:
        if self._over.is_set():
            raise ManagerClosedError
        return getattr(self._night.manager, name)

    async def changes(self, interest: Interest) -> AsyncIterator[ChangeSet]:
        stream = self._night.manager.changes(interest)
        over = asyncio.ensure_future(self._over.wait())
        try:
            while not over.done():
                coming = asyncio.ensure_future(anext(stream, ChangeSet()))
                await asyncio.wait({coming, over}, return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    yield coming.result()
                coming.cancel()
        finally:
            over.cancel()


async def talking(night: Night, name: str) -> str:
    night.executor.scripts[name] = TALKING
    task_id = await night.submit(name, "shell")
    await night.until(task_id, lambda row: row.status is Status.RUNNING)
    return task_id


async def test_a_task_is_followed_again_by_who_comes_back_to_it(quiet_night: Night) -> None:
    """From its own screen a person finds another task, looks at that one, and goes back."""
    shown, other = await talking(quiet_night, "shown"), await talking(quiet_night, "other")
    app = TasktuiApp(quiet_night.connect, now=quiet_night.clock.now)
    async with app.run_test(size=SIZE) as pilot:
        await eventually(lambda: app.dashboard.list.window.total == 2, "the list")
        await app.push_screen(DetailScreen(shown, {}))
        await pilot.press("4")
        await until_says(pilot, "first words")
        await app.push_screen(DetailScreen(other, {}))
        await eventually(
            lambda: app._interest is not None and app._interest.task_id == other, "the other one"
        )
        await pilot.press("escape")
        quiet_night.executor.open_gate("on")
        await until_says(pilot, "shown", "last words")


async def has_another_manager(app: TasktuiApp, leases: list[Lease]) -> None:
    """End the first, and wait until the list is read through the second."""
    leases[0].end()
    await eventually(lambda: len(leases) == 2 and app.manager is leases[1], "another manager")
    await eventually(lambda: not any(worker.group == "listing" for worker in app.workers), "the list again")


async def test_another_manager_is_followed_for_the_screen_that_is_seen(quiet_night: Night) -> None:
    """Also where the list below has chosen another task: what that one says is of no use here."""
    shown, _ = await talking(quiet_night, "shown"), await talking(quiet_night, "chosen in the list")
    leases: list[Lease] = []

    async def connect() -> Any:
        leases.append(Lease(quiet_night))
        return leases[-1]

    app = TasktuiApp(connect, now=quiet_night.clock.now)
    async with app.run_test(size=SIZE) as pilot:
        await eventually(lambda: app.dashboard.list.window.total == 2, "the list")
        await app.push_screen(DetailScreen(shown, {}))
        await pilot.press("4")
        await until_says(pilot, "first words")
        await has_another_manager(app, leases)
        quiet_night.executor.open_gate("on")
        await until_says(pilot, "last words")


async def test_the_open_tab_asks_the_manager_that_is_there(quiet_night: Night) -> None:
    """A screen that read the database itself attaches to the owner once there is one."""
    await talking(quiet_night, "shown")
    leases: list[Lease] = []

    async def connect() -> Any:
        leases.append(Lease(quiet_night))
        return leases[-1]

    app = TasktuiApp(connect, now=quiet_night.clock.now)
    async with app.run_test(size=SIZE) as pilot:
        await until_says(pilot, "started")
        next(iter(app.dashboard.query(DetailPane))).tab = 4
        await until_says(pilot, "first words")
        await has_another_manager(app, leases)
        quiet_night.executor.open_gate("on")
        await until_says(pilot, "last words")


async def test_output_that_cannot_be_read_does_not_hide_that_of_the_next_task(
    quiet_night: Night, monkeypatch: Any
) -> None:
    """The reading of the first one fails when the person looks at the second one already."""
    quiet_night.executor.scripts["first"] = [Output("never read\n"), Gate("end")]
    first, second = await quiet_night.submit("first", "shell"), await talking(quiet_night, "second")
    output, asked, fails = quiet_night.manager.output, asyncio.Event(), asyncio.Event()

    async def failing(task_id: str, **which: Any) -> Any:
        if task_id == first:
            asked.set()
            await fails.wait()
            raise StoreError("The file cannot be read.")
        return await output(task_id, **which)

    monkeypatch.setattr(quiet_night.manager, "output", failing)
    app = PaneApp(quiet_night.manager, first)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("4")
        await eventually(asked.is_set, "the reading of the first")
        app.look_at(second)
        app.pane.show(second)
        await eventually(lambda: app.pane.row is not None and app.pane.row.id == second, "the second")
        fails.set()
        await until_says(pilot, "first words")
        await until_gone(app, "cannot be read")
