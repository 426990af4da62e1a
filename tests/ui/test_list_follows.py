"""The list follows what changes, also at its first task, at its last, and while it is being read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tasktui.domain.query import TaskQuery
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.rows import Counts
from tasktui.domain.status import Status
from tasktui.ui.app import TasktuiApp
from tasktui.ui.widgets.task_list import REREAD_S
from tests.ui.dialogs.asking import row
from tests.ui.night import Night, eventually

SIZE = (120, 35)


class SlowLink:
    """A night's manager whose pages are on the way for as long as it is told; what changes the test says."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self.arrives = asyncio.Event()
        self.arrives.set()
        self.on_the_way = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._night.manager, name)

    async def changes(self, _: Interest) -> AsyncIterator[ChangeSet]:
        await asyncio.Event().wait()
        yield ChangeSet()

    async def page(self, query: TaskQuery, **which: Any) -> Any:
        read = await self._night.manager.page(query, **which)
        self.on_the_way += 1
        await self.arrives.wait()
        self.on_the_way -= 1
        return read


@asynccontextmanager
async def slowly_linked(night: Night) -> AsyncIterator[tuple[TasktuiApp, SlowLink]]:
    """A screen behind such a link, which has read that there is nothing."""
    link = SlowLink(night)

    async def connect() -> Any:
        return link

    app = TasktuiApp(connect, now=night.clock.now)
    async with app.run_test(size=SIZE):
        await eventually(lambda: app.dashboard.has_class("-empty"), "the empty state")
        await eventually(lambda: not any(work.group == "listing" for work in app.workers), "all pages")
        yield app, link


async def test_the_first_task_takes_the_place_of_what_to_do(quiet_night: Night) -> None:
    async with slowly_linked(quiet_night) as (app, _):
        one = row(1)
        app.dashboard.apply(ChangeSet(rows=(one,), counts=Counts(((Status.RUNNING, 1),))))
        await eventually(lambda: not app.dashboard.has_class("-empty"), "a list")
        app.dashboard.apply(ChangeSet(removed=(one.id,), counts=Counts(())))
        await eventually(lambda: app.dashboard.has_class("-empty"), "the empty state again")


async def test_what_comes_while_the_list_is_read(quiet_night: Night) -> None:
    """The pages that are on the way know nothing of it."""
    async with slowly_linked(quiet_night) as (app, link):
        listed = app.dashboard.list
        link.arrives.clear()
        app.dashboard.relist()
        await eventually(lambda: link.on_the_way > 0, "a page on the way")
        listed.apply(ChangeSet(rows=(row(1),), counts=Counts(((Status.RUNNING, 1),))))
        link.arrives.set()
        await eventually(lambda: not any(work.group == "listing" for work in app.workers), "the pages")
        assert [one.id for one in listed.window.rows()] == ["task_1"]
        await eventually(lambda: not app.dashboard.has_class("-empty"), "a list")


async def test_a_slow_link_shows_a_list_that_changes_all_the_time(quiet_night: Night) -> None:
    """A reading that is under way is not begun anew because more has changed."""
    async with slowly_linked(quiet_night) as (app, link):
        listed = app.dashboard.list
        await quiet_night.submit("first", held=True)
        link.arrives.clear()
        listed.apply(ChangeSet(reread=True))
        await eventually(lambda: link.on_the_way == 1, "a page on the way")
        for _ in range(3):
            listed.apply(ChangeSet(reread=True))
            await asyncio.sleep(1.2 * REREAD_S)
        assert link.on_the_way == 1, "one reading, not begun again"
        link.arrives.set()
        await eventually(lambda: listed.window.total == 1, "the task")
