"""To whom the dashboard lets a person write, and where what they typed is found again."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import TextArea

from tasktui.ui.screens.detail import DetailScreen
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.intervene_bar import InterveneBar
from tests.ui.night import Night
from tests.ui.test_dashboard import Desk, desk


def typed_to(seen: Desk) -> tuple[str, str] | None:
    """To which task a person types on the screen that is seen, and what stands there."""
    bar = seen.app.screen.query_one(InterveneBar)
    return (bar.row.title, bar.query_one(TextArea).text) if bar.row and bar.has_focus_within else None


async def types(seen: Desk, title: str, text: str) -> None:
    """Wait until a person types to this task and this stands there."""
    await seen.until(lambda: typed_to(seen) == (title, text), f"{text} typed to {title}")


async def rests_on(seen: Desk, title: str) -> None:
    await seen.go_to(title)
    pane = seen.app.dashboard.query_one(DetailPane)
    await seen.until(lambda: pane.row is not None and pane.row.title == title, f"{title} in the pane")


async def test_a_key_pressed_while_the_cursor_moves_is_for_the_task_under_it(busy_night: Night) -> None:
    """The pane follows once the cursor rests; letters that came in between were commands."""
    async with desk(busy_night) as seen:
        await rests_on(seen, "fix flaky login test")
        await seen.pilot.press("j", "j", "i", *"use x")
        await types(seen, "run integration suite", "use x")
        assert seen.app.screen is seen.app.dashboard


async def test_what_is_typed_while_the_line_is_built_is_no_command(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await rests_on(seen, "run integration suite")
        bar = seen.app.dashboard.query_one(InterveneBar)
        opening = asyncio.ensure_future(bar.open())
        await asyncio.sleep(0)
        assert bar.has_focus_within
        seen.app.simulate_key("x")
        await opening
        await types(seen, "run integration suite", "x")


async def test_a_marked_task_is_gone_to_before_it_is_written_to(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await rests_on(seen, "run integration suite")
        await seen.press("space", "j", "i", *"use")
        await types(seen, "run integration suite", "use")
        assert seen.title == "run integration suite"


async def test_who_types_stays_with_the_task_when_the_list_moves_on(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("/", *"status:active", "enter")
        await seen.until(lambda: len(list(seen.app.dashboard.list.window.rows())) == 4, "the filter")
        await rests_on(seen, "run integration suite")
        await seen.press("i", *"half")
        selected = seen.app.dashboard.selected
        assert selected is not None
        await busy_night.manager.cancel(selected.id, force=True)
        await seen.until(lambda: seen.title != "run integration suite", "it left the list")
        await seen.until(lambda: seen.shows("This task has ended"), "the line says so")
        await seen.press(*" a")
        await types(seen, "run integration suite", "half a")
        await seen.press("escape")
        pane = seen.app.dashboard.query_one(DetailPane)
        await seen.until(lambda: pane.row is not None and pane.row.title == seen.title, "the pane follows")


async def test_the_next_that_waits_is_gone_to_out_of_the_line(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await rests_on(seen, "run integration suite")
        await seen.press("i", *"half")
        await seen.app.dashboard.action_attention_next().wait()
        pane = seen.app.dashboard.query_one(DetailPane)
        await seen.until(
            lambda: pane.row is not None and pane.row.title == "fix flaky login test", "it is shown"
        )
        await seen.until(lambda: seen.app.focused is seen.app.dashboard.list, "the focus in the list")


@pytest.mark.parametrize("size", [(80, 24)])
async def test_half_a_message_is_found_on_every_screen(busy_night: Night, size: tuple[int, int]) -> None:
    async with desk(busy_night, size=size) as seen:
        await rests_on(seen, "run integration suite")
        await seen.press("enter")
        await seen.until(lambda: isinstance(seen.app.screen, DetailScreen), "the large view")
        pane = seen.app.screen.query_one(DetailPane)
        await seen.until(lambda: seen.shows("tasktui ▸ run integration suite"), "its name")
        assert pane.row is not None
        await seen.press("i", *"half")
        await types(seen, "run integration suite", "half")
        await seen.press("escape", "escape")
        await seen.until(lambda: seen.app.screen is seen.app.dashboard, "the list")
        await seen.press("i", *" more")
        await types(seen, "run integration suite", "half more")


async def test_a_task_shown_large_is_followed_though_the_list_below_moves_on(busy_night: Night) -> None:
    async with desk(busy_night, size=(80, 24)) as seen:
        await seen.press("/", *"status:active", "enter")
        await seen.until(lambda: len(list(seen.app.dashboard.list.window.rows())) == 4, "the filter")
        await rests_on(seen, "run integration suite")
        await seen.press("enter")
        await seen.until(lambda: seen.shows("tasktui ▸ run integration suite"), "the large view")
        selected, interest = seen.app.dashboard.selected, seen.app._interest
        assert selected is not None
        assert interest is not None
        await busy_night.manager.cancel(selected.id, force=True)
        await seen.until(lambda: seen.title != "run integration suite", "it left the list")
        await seen.until(lambda: not seen.app.dashboard.list.is_moving, "the cursor rests")
        await seen.pilot.pause()
        assert interest.task_id == selected.id
        await seen.press("escape")
        await seen.until(lambda: interest.task_id != selected.id, "the pane follows the list again")
