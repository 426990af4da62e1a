"""Keys that arrive together, as over a slow link, go where the first of them led, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from textual import events
from textual.widgets import Input

from tasktui.domain.status import Attention, Status
from tasktui.ui import in_turn
from tasktui.ui.app import TasktuiApp
from tasktui.ui.in_turn import LEFT_OUT
from tasktui.ui.screens.cancel_dialog import CancelDialog
from tasktui.ui.screens.detail import DetailScreen
from tasktui.ui.screens.find import FindView
from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tasktui.ui.screens.quit_dialog import QuitDialog
from tasktui.ui.screens.stop_dialog import StopDialog
from tasktui.ui.widgets.intervene_bar import InterveneBar
from tests.ui.gated import Gated
from tests.ui.night import Night
from tests.ui.test_dashboard import Desk, desk

NAMED = {"\r": "enter", "\x1b": "escape", "/": "slash", " ": "space", "*": "asterisk"}


def key(character: str) -> events.Key:
    return events.Key(NAMED.get(character, character), character)


async def burst(seen: Desk, typed: str | Sequence[events.Event]) -> None:
    """Type all of it before anything is handled, and wait until the app knows of it."""
    for one in typed:
        seen.app.post_message(key(one) if isinstance(one, str) else one)
    came = asyncio.Event()
    seen.app.call_later(came.set)
    await came.wait()


def at_rest(app: TasktuiApp) -> bool:
    return not app._busy and not app._line


async def test_a_command_behind_the_key_for_a_new_task_is_a_command(busy_night: Night) -> None:
    """To the list it would be: sort, open, pause, mark…"""
    async with desk(busy_night) as seen:
        await seen.go_to("run integration suite")
        await burst(seen, "nsleep 77 xx")
        await seen.until(lambda: isinstance(seen.app.screen, NewTaskDialog), "the form")
        await seen.until(lambda: at_rest(seen.app), "all keys")
        assert seen.app.focused is not None
        assert getattr(seen.app.focused, "text", "") == "sleep 77 xx"
        assert not seen.app.dashboard.list.marks
        row = next(row for row in seen.app.dashboard.list.window.rows() if row.title == seen.title)
        assert (row.status, row.paused_at, row.stopping) == (Status.RUNNING, None, False)


@pytest.mark.parametrize(
    ("keys", "field"), [("/index", "#filter-text"), ("l/index", "SearchBar Input"), ("Findex", "Input")]
)
async def test_what_is_looked_for_is_typed_where_one_looks(busy_night: Night, keys: str, field: str) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("nightly index rebuild")
        await burst(seen, keys)
        await seen.until(lambda: at_rest(seen.app), "all keys")
        shown = seen.app.screen.query_one(field, Input)
        assert shown.has_focus
        assert shown.value == "index"
        assert isinstance(seen.app.screen, FindView) == keys.startswith("F")


@pytest.mark.parametrize("size", [(120, 35), (80, 24)])
async def test_a_tab_behind_the_key_that_opens_a_task_is_its_tab(
    busy_night: Night, size: tuple[int, int]
) -> None:
    async with desk(busy_night, size) as seen:
        await seen.go_to("run integration suite")
        await burst(seen, "l5")
        await seen.until(lambda: at_rest(seen.app), "all keys")
        assert isinstance(seen.app.screen, DetailScreen) == (size[0] < 120)
        await seen.until(lambda: seen.shows("[5 "), "the files")


async def test_a_decision_behind_the_key_for_who_waits_is_about_who_was_found(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the cursor stands another task that asks; what is typed waits until the next one is found."""
    async with desk(busy_night) as seen:
        await seen.go_to("fix flaky login test")
        here = seen.app.dashboard.list.row
        assert here is not None
        assert here.attention is Attention.APPROVAL
        gated = Gated(busy_night.manager, "page", monkeypatch)
        gated.close()
        await burst(seen, "wi")
        await seen.until(lambda: gated.asked > 0, "the search")
        await asyncio.sleep(0.05)
        assert not seen.app.dashboard.query_one(InterveneBar).has_focus_within
        gated.open()
        await seen.until(lambda: seen.title == "refactor settings", "the other one")
        await seen.until(lambda: at_rest(seen.app), "all keys")
        assert (await busy_night.row(here.id)).attention is Attention.APPROVAL


async def test_all_are_marked_before_they_are_canceled(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(busy_night) as seen:
        total = seen.app.dashboard.list.window.total
        gated = Gated(busy_night.manager, "page", monkeypatch)
        gated.close()
        await burst(seen, "*x")
        await seen.until(lambda: gated.asked > 0, "the reading")
        assert seen.app.screen is seen.app.dashboard
        gated.open()
        await seen.until(lambda: isinstance(seen.app.screen, CancelDialog), "the question")
        assert len(seen.app.dashboard.list.marks) == total


async def test_a_line_for_a_task_is_no_command(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("run integration suite")
        bar = seen.app.dashboard.query_one(InterveneBar)
        await seen.until(lambda: bar.row is not None and bar.row.title == seen.title, "its pane")
        await burst(seen, "ixxq")
        await seen.until(lambda: at_rest(seen.app), "all keys")
        await seen.until(lambda: seen.shows("❯  xxq"), "the line")
        assert seen.app.screen is seen.app.dashboard


async def test_what_was_meant_for_something_that_does_not_come_is_left_out(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, nothing else is done with it, and the next key is obeyed."""
    monkeypatch.setattr(in_turn, "PATIENCE_S", 0.3)
    async with desk(busy_night) as seen:
        await seen.go_to("update changelog")
        gated = Gated(busy_night.manager, "get", monkeypatch)
        gated.close()
        await burst(seen, "exx")
        await seen.until(lambda: seen.shows(LEFT_OUT[:24]), "a word about it")
        assert at_rest(seen.app)
        assert seen.app.screen is seen.app.dashboard
        await seen.press("j")
        await seen.until(lambda: seen.title != "update changelog", "the cursor")


async def test_a_click_comes_behind_the_keys_before_it(busy_night: Night) -> None:
    """The keys go to the tab that has the focus then, the click to the list: in this order."""
    async with desk(busy_night) as seen:
        await seen.go_to("run integration suite")
        listed = seen.app.dashboard.list
        x, y = listed.content_region.offset
        clicked = [click(kind, x + 3, y + 1) for kind in (events.MouseDown, events.MouseUp)]
        await burst(seen, [key("l"), key("5"), *clicked, key("V")])
        await seen.until(lambda: at_rest(seen.app), "all of it")
        assert listed.has_focus
        assert listed.marking
        await seen.until(lambda: seen.shows("[5 "), "the files")


def click(kind: type[events.MouseEvent], x: int, y: int) -> events.MouseEvent:
    return kind(
        widget=None, x=x, y=y, delta_x=0, delta_y=0, button=1, shift=False, meta=False, ctrl=False,
        screen_x=x, screen_y=y,
    )  # fmt: skip


async def test_a_held_cursor_key_waits_for_nothing(busy_night: Night) -> None:
    """What only moves a cursor leads nowhere; it is taken as fast as it comes."""
    async with desk(busy_night) as seen:
        await seen.press("g")
        first = seen.title
        await burst(seen, "jjk")
        await seen.until(lambda: seen.title != first, "one down")
        assert at_rest(seen.app)


@pytest.mark.parametrize("keys", ["QQQ", "xxx", "XXX", "q\r\r"])
async def test_nobody_ends_work_unseen(busy_night: Night, keys: str) -> None:
    """On a slow link a key is pressed once more when nothing seems to come of it."""
    async with desk(busy_night) as seen:
        await seen.go_to("run integration suite")
        asks = {"Q": StopDialog, "x": CancelDialog, "X": CancelDialog, "q": QuitDialog}[keys[0]]
        await burst(seen, keys)
        await seen.until(lambda: isinstance(seen.app.screen, asks), "the question")
        await seen.until(lambda: at_rest(seen.app), "all is handled")
        assert isinstance(seen.app.screen, asks)
        await seen.press("enter" if keys[0] == "q" else keys[0])
        await seen.until(lambda: not isinstance(seen.app.screen, asks) or not seen.app.is_running, "its end")
