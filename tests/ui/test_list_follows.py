"""The list follows what changes, also at its first task, at its last, and while it is being read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tasktui.domain.query import TaskQuery
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.rows import Counts
from tasktui.domain.status import Group, Status
from tasktui.ui.app import TasktuiApp
from tasktui.ui.newest import MOST
from tasktui.ui.widgets import task_list
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
        self.of: Group | None = None
        """Of which group alone pages take their time; None: all do."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._night.manager, name)

    async def changes(self, _: Interest) -> AsyncIterator[ChangeSet]:
        await asyncio.Event().wait()
        yield ChangeSet()

    async def page(self, query: TaskQuery, **which: Any) -> Any:
        read = await self._night.manager.page(query, **which)
        if self.of not in {None, query.group}:
            return read
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


async def test_what_comes_while_a_page_is_read_is_newer_than_the_page(quiet_night: Night) -> None:
    """A row that came into sight is still queued in the page on the way; its task has ended meanwhile."""
    async with slowly_linked(quiet_night) as (app, link):
        listed = app.dashboard.list
        task_id = await quiet_night.submit("one", held=True)
        link.arrives.clear()
        listed.apply(ChangeSet(counts=Counts(((Status.QUEUED, 1),))))
        await eventually(lambda: link.on_the_way == 1, "a page on the way")
        await quiet_night.manager.cancel(task_id)
        ended = await quiet_night.row(task_id)
        listed.apply(ChangeSet(rows=(ended,), counts=Counts(((Status.CANCELED, 1),))))
        link.arrives.set()
        await eventually(lambda: not any(work.group == "rows" for work in app.workers), "the page")
        assert [one.status for one in listed.window.rows()] == [Status.CANCELED]
        assert listed.window.total == 1


async def test_more_changes_than_are_kept_while_the_list_is_read(quiet_night: Night) -> None:
    """What is not known of any more is read."""
    async with slowly_linked(quiet_night) as (app, link):
        listed = app.dashboard.list
        task_id = await ended(quiet_night)
        link.of = Group.FINISHED
        link.arrives.clear()
        app.dashboard.relist()
        await eventually(lambda: link.on_the_way == 1, "a page on the way")
        await quiet_night.manager.purge([task_id])
        listed.apply(ChangeSet(removed=(task_id,)))
        for _ in range(MOST):
            listed.apply(ChangeSet())
        link.arrives.set()
        await eventually(lambda: not any(work.group == "listing" for work in app.workers), "the pages")
        await eventually(lambda: not list(listed.window.rows()), "a list without it")


async def test_what_is_deleted_while_all_are_marked_is_not_marked(quiet_night: Night) -> None:
    async with slowly_linked(quiet_night) as (app, link):
        listed = app.dashboard.list
        task_id = await ended(quiet_night)
        listed.apply(ChangeSet(counts=Counts(((Status.CANCELED, 1),))))
        await eventually(lambda: [one.id for one in listed.window.rows()] == [task_id], "the task")
        await eventually(lambda: not any(work.node is not app for work in app.workers), "all that is read")
        link.arrives.clear()
        listed.action_mark_all()
        await eventually(lambda: link.on_the_way == 1, "a page on the way")
        await quiet_night.manager.purge([task_id])
        listed.apply(ChangeSet(removed=(task_id,)))
        link.arrives.set()
        await eventually(lambda: not any(work.group == "marks" for work in app.workers), "the marks")
        assert not listed.marks


async def ended(night: Night) -> str:
    """A task that has ended."""
    task_id = await night.submit("one", held=True)
    await night.manager.cancel(task_id)
    return task_id


async def test_a_filter_says_how_many_fit_when_one_fits_no_more(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_list, "REREAD_S", 1000.0)
    app = TasktuiApp(busy_night.connect, now=busy_night.clock.now)
    async with app.run_test(size=SIZE):
        await eventually(lambda: app.dashboard.list.window.total > 0, "the list")
        app.dashboard.filter.put("status:active")
        await eventually(lambda: app.dashboard.filter.shown == (4, 11), "how many are active")
        gone = next(one for one in app.dashboard.list.window.rows() if one.status is Status.RUNNING)
        await busy_night.manager.cancel(gone.id)
        await eventually(lambda: app.dashboard.list.window.total == 3, "three rows")
        await eventually(lambda: app.dashboard.filter.shown == (3, 11), "how many are active now")
