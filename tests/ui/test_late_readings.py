"""What is read again while more changes comes to its end, and what came meanwhile is read after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from tasktui.domain.requests import Answer, ChangeSet
from tasktui.domain.status import Group, Status
from tasktui.manager.scripted import Gate as ScriptGate
from tasktui.ui import in_turn
from tasktui.ui.screens import figures
from tasktui.ui.screens.detail import DetailScreen
from tasktui.ui.screens.inbox import InboxView
from tasktui.ui.widgets.context_column import ContextColumn
from tasktui.ui.widgets.detail.messages_tab import TYPES, MessagesSource
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.intervene_bar import InterveneBar
from tests.ui import detail_desk
from tests.ui.detail_desk import PaneApp, says, until_says
from tests.ui.gated import Gated
from tests.ui.handled import handled
from tests.ui.night import Night, eventually
from tests.ui.test_dashboard import Desk, desk
from tests.ui.test_detail_artifacts import put
from tests.ui.test_views import open_view


@pytest.fixture
async def table(own_home: Path) -> AsyncIterator[detail_desk.Desk]:
    async with detail_desk.desk(own_home) as made:
        yield made


@asynccontextmanager
async def opened(table: detail_desk.Desk, task_id: str, tab: int) -> AsyncIterator[PaneApp]:
    """A pane with this tab open, all of which is read."""
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)):
        app.pane.tab = tab
        await eventually(lambda: app.pane.page is not None and app.pane.page.task_id == task_id, "the tab")
        await eventually(lambda: not any(work.node is not app for work in app.workers), "all that is read")
        yield app


def tell(app: PaneApp) -> None:
    """Tell the open tab that more changed than can be told."""
    page, row = app.pane.page, app.pane.row
    assert page is not None
    assert row is not None
    page.apply(ChangeSet(reread=True), row)


@pytest.mark.parametrize(("tab", "verb"), [(3, "detail"), (5, "artifacts"), (6, "detail"), (7, "detail")])
async def test_a_tab_that_changes_all_the_time_is_read_to_the_end(
    table: detail_desk.Desk, tab: int, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link slower than the changes would never show anything, were each reading begun anew."""
    async with opened(table, await table.run("fix the login test"), tab) as app:
        gated = Gated(table.manager, verb, monkeypatch)
        gated.close()
        for _ in range(3):
            tell(app)
            await eventually(lambda: gated.asked > 0, "a reading")
            await asyncio.sleep(0.02)
        assert gated.asked == 1, "one reading, not begun again"
        gated.open()
        await eventually(lambda: gated.asked >= 2, "once more, for what came meanwhile")


async def test_messages_stay_in_sight_while_they_are_found_again(
    table: detail_desk.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(table, await table.run("fix the login test"), 3) as app:
        await eventually(lambda: says(app, "Sessions expire"), "the messages")
        gated = Gated(table.manager, "detail", monkeypatch)
        gated.close()
        tell(app)
        await eventually(lambda: gated.asked == 1, "a reading")
        await asyncio.sleep(0.05)
        assert says(app, "Sessions expire")
        gated.open()


async def test_files_that_cannot_be_listed_now_are_listed_later(
    table: detail_desk.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the tab is opened in that moment, or something changes in it."""
    task_id = await table.run("ask me")
    await put(table, task_id, "new.txt", b"hello there")
    gated = Gated(table.manager, "artifacts", monkeypatch)
    gated.fails = True
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        app.pane.tab = 5
        await until_says(pilot, "Nobody answers.")
        await put(table, task_id, "other.txt", b"")
        await eventually(lambda: gated.asked > 1, "another reading")
        gated.fails = False
        tell(app)
        await until_says(pilot, "new.txt", "other.txt", "hello there")


async def test_the_inbox_is_read_to_the_end(busy_night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that waits and goes on writing changes all the time."""
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 3)
        assert isinstance(view, InboxView)
        await seen.until(lambda: not any(work.group == "inbox" for work in seen.app.workers), "the inbox")
        asking = [row for row in seen.app.dashboard.list.window.rows() if row.group is Group.NEEDS_YOU]
        gated = Gated(busy_night.manager, "detail", monkeypatch)
        gated.close()
        for _ in range(3):
            view.apply(ChangeSet(rows=tuple(asking)))
            await seen.until(lambda: gated.asked > 0, "a reading")
            await asyncio.sleep(0.02)
        assert gated.asked == 1, "one reading, not begun again"
        gated.open()


async def test_what_is_answered_elsewhere_moves_into_the_history(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await open_view(seen, "I", 3)
        asking = [row for row in seen.app.dashboard.list.window.rows() if row.group is Group.NEEDS_YOU]
        for number, row in enumerate(asking, 1):
            detail = await busy_night.manager.detail(row.id)
            asked = next(one for one in detail.requests if one.state == "waiting")
            decision = "allow" if asked.kind == "approval" else "answer"
            await busy_night.manager.answer(row.id, Answer(asked.request_id, decision, "yes"))
            await seen.until(partial(seen.shows, f"ANSWERED {number}"), f"{number} in the history")


async def test_figures_come_though_they_take_longer_than_until_the_next_look(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "REREAD_S", 0.02)
    async with desk(busy_night) as seen:
        gated = Gated(busy_night.manager, "stats", monkeypatch)
        gated.close()
        await seen.press("S")
        await seen.until(lambda: gated.asked > 0, "a look")
        await asyncio.sleep(0.2)
        assert gated.asked == 1, "one look, not begun again"
        gated.open()
        await seen.until(lambda: seen.shows("Last 24 hours"), "the figures")


async def test_the_context_column_is_read_to_the_end(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(busy_night, (200, 50)) as seen:
        await seen.until(lambda: seen.shows("find the cause"), "the column")
        await seen.until(lambda: not any(work.node is not seen.app for work in seen.app.workers), "all")
        gated = Gated(busy_night.manager, "detail", monkeypatch)
        gated.close()
        column = seen.app.dashboard.query_one(ContextColumn)
        for _ in range(3):
            column._again()
            await seen.until(lambda: gated.asked > 0, "a reading")
            await asyncio.sleep(0.02)
        assert gated.asked == 1, "one reading, not begun again"
        gated.open()


async def test_what_queued_tasks_wait_for_is_read_to_the_end(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(busy_night) as seen:
        gated = Gated(busy_night.manager, "lanes", monkeypatch)
        gated.close()
        for _ in range(3):
            seen.app.dashboard.list._look_now()
            await seen.until(lambda: gated.asked > 0, "a look")
            await asyncio.sleep(0.02)
        assert gated.asked == 1, "one look, not begun again"
        gated.open()
        await seen.until(lambda: seen.shows("lane paused"), "what they wait for")


async def test_a_message_that_comes_while_the_newest_are_found_stands_there_once(
    table: detail_desk.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await table.run("fix the login test")
    events = (await table.manager.timeline(task_id, types=TYPES)).items
    gated = Gated(table.manager, "timeline", monkeypatch)
    gated.close()
    source = MessagesSource(table.manager, task_id)
    opening = asyncio.ensure_future(source.open())
    await eventually(lambda: gated.asked == 1, "a reading")
    await asyncio.sleep(0.02)
    source.take(events[-1:], ())
    gated.open()
    await opening
    assert source.stop - source.first == len(events)


async def test_who_began_to_type_goes_on_typing(busy_night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task that waits next was found too late: the keys would be commands there."""
    monkeypatch.setattr(in_turn, "PATIENCE_S", 0.05)
    async with desk(busy_night) as seen:
        await seen.go_to("fix flaky login test")
        bar = next(iter(seen.app.dashboard.query(InterveneBar)))
        await seen.until(lambda: bar.row is not None and bar.row.title == seen.title, "its pane")
        gated = Gated(busy_night.manager, "page", monkeypatch)
        gated.close()
        await seen.press("w")
        await seen.until(lambda: any(work.group == "attention" for work in seen.app.workers), "the search")
        await seen.until(lambda: not seen.app._busy, "the end of the keys' patience")
        await seen.press("i")
        await seen.until(lambda: bar.has_focus_within, "the line")
        gated.open()
        await seen.until(lambda: not any(work.group == "attention" for work in seen.app.workers), "the find")
        await seen.press("x")
        assert bar.has_focus_within
        assert seen.app.screen is seen.app.dashboard


async def test_the_keys_of_a_task_of_its_own_screen_are_those_that_hold_now(quiet_night: Night) -> None:
    task_id = await quiet_night.submit("wait", "shell", held=True)
    async with desk(quiet_night) as seen:
        await seen.app.push_screen(DetailScreen(task_id, {}))
        await seen.press("7")
        await seen.until(lambda: seen.shows("./wait.sh"), "the task")
        assert not seen.shows("r Retry")
        await quiet_night.manager.cancel(task_id)
        await seen.until(lambda: seen.shows("r Retry"), "the keys of a task that has ended")


async def test_a_lane_that_is_paused_is_seen_at_the_tasks_that_wait_in_it(quiet_night: Night) -> None:
    """In the list, in the third column and in the tab Info, though nothing of the tasks has changed."""
    await quiet_night.manager.set_lane("gpu", limit=1)
    quiet_night.executor.scripts["first"] = [ScriptGate("on")]
    running = await quiet_night.submit("first", lane="gpu")
    await quiet_night.until(running, lambda row: row.status is Status.RUNNING)
    await quiet_night.submit("second", lane="gpu")
    async with desk(quiet_night, (200, 50)) as seen:
        await seen.go_to("second")
        next(iter(seen.app.dashboard.query(DetailPane))).tab = 7
        await seen.until(lambda: count(seen, "#1 in gpu") == len(PLACES), "its place")
        await quiet_night.manager.set_lane("gpu", paused=True)
        await seen.until(lambda: count(seen, "lane gpu is paused") == len(PLACES), "the pause")
        assert not seen.shows("#1 in gpu")


async def test_who_runs_the_tasks_is_asked_until_somebody_says_so(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner is there again, and this one question was lost."""
    async with desk(busy_night) as seen:
        await seen.until(lambda: seen.shows("run by this screen"), "who runs them")
        gated = Gated(busy_night.manager, "stats", monkeypatch)
        gated.fails = True
        seen.app.dashboard.apply(ChangeSet(lost=True))
        await seen.until(lambda: seen.shows("disconnected"), "the loss")
        seen.app.found_again(busy_night.manager)
        await seen.until(lambda: gated.asked > 0, "the question")
        gated.fails = False
        await seen.until(lambda: seen.shows("run by this screen"), "who runs them now")


PLACES = ("the list", "the tab", "the column")


def count(seen: Desk, words: str) -> int:
    """In how many places of the screen these stand."""
    strips = seen.app.screen._compositor.render_strips()
    return sum("".join(segment.text for segment in strip).count(words) for strip in strips)


async def test_what_was_typed_while_nobody_was_connected_is_looked_for_later(busy_night: Night) -> None:
    """Whether the manager comes, or its owner answers again."""
    async with desk(busy_night) as seen:
        manager, interest = busy_night.manager, seen.app._interest
        assert interest is not None
        seen.app.manager = None
        await seen.press("F", *"leaks")
        await seen.until(lambda: seen.shows("Not connected."), "that it cannot be looked for")
        seen.app.connected(manager, interest)
        await seen.until(lambda: seen.shows("1 place"), "the hit")


async def test_what_nobody_answered_is_looked_for_later(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = Gated(busy_night.manager, "search", monkeypatch)
    gated.fails = True
    async with desk(busy_night) as seen:
        await seen.press("F", *"leaks")
        await seen.until(lambda: seen.shows("Nobody answers."), "that it cannot be looked for")
        gated.fails = False
        seen.app.changed(ChangeSet(reread=True))
        await seen.until(lambda: seen.shows("1 place"), "the hit")


async def test_the_inbox_is_read_once_there_is_a_manager(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        manager, interest = busy_night.manager, seen.app._interest
        assert interest is not None
        seen.app.manager = None
        await seen.press("I")
        await seen.until(lambda: seen.shows("Not connected."), "that it cannot be read")
        seen.app.connected(manager, interest)
        await seen.until(lambda: seen.shows("2 wait for you"), "who waits")


async def test_what_was_found_opens_though_something_else_is_looked_for(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is seen is what opens, with the text that it was found by."""
    async with desk(busy_night) as seen:
        await seen.press("F", *"leaks")
        await seen.until(lambda: seen.shows("1 place"), "the hit")
        gated = Gated(busy_night.manager, "search", monkeypatch)
        gated.close()
        await seen.press("space")
        await seen.press(*"the")
        await seen.until(lambda: gated.asked > 0, "the next search on its way")
        await seen.press("enter", "enter")
        await seen.until(lambda: isinstance(seen.app.screen, DetailScreen), "the task")
        gated.open()
        await seen.until(lambda: seen.shows("/leaks"), "the search in the pane")


async def test_half_a_message_is_still_there_when_its_tab_is_opened_again(table: detail_desk.Desk) -> None:
    """Until its next piece nothing tells of it; of a task that has ended there is none."""
    async with opened(table, await table.run("speak"), 3) as app:
        table.night.executor.open_gate("on")
        await eventually(lambda: says(app, "half a sent"), "half a message")
        await turned(app, 4)
        assert not says(app, "half a sent")
        await turned(app, 3)
        assert says(app, "half a sent")
        await turned(app, 4)
        table.night.executor.open_gate("broken off")
        await eventually(lambda: says(app, "failed"), "its end")
        await turned(app, 3)
        assert not says(app, "half a sent")


async def turned(app: PaneApp, tab: int) -> None:
    """Open a tab, and wait until all is read that it shows."""
    app.pane.tab = tab
    await handled()
    await eventually(lambda: not any(work.node is not app for work in app.workers), "all that is read")
    await handled()
