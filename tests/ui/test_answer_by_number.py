"""The options of a question are answered by their number, wherever it is shown and nothing is typed."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea
from textual.widgets._toast import Toast

from tasktui.domain.query import EVERYTHING
from tasktui.domain.status import Attention
from tasktui.ui.keymap import chosen
from tasktui.ui.screens.inbox import InboxView
from tasktui.ui.widgets.detail.request_bar import RequestBar
from tests.ui.night import Night
from tests.ui.test_dashboard import Desk, desk
from tests.ui.test_views import open_view

ASKS = "refactor settings"


async def task_that_asks(night: Night) -> str:
    rows = (await night.manager.page(EVERYTHING)).items
    return next(row.id for row in rows if row.title == ASKS)


async def answer(night: Night, task_id: str) -> str | None:
    await night.until(task_id, lambda row: row.attention is Attention.NONE)
    (asked,) = (await night.manager.detail(task_id)).requests
    return asked.decision


def typed(seen: Desk) -> str:
    field = seen.app.focused
    return field.value if isinstance(field, Input) else field.text if isinstance(field, TextArea) else ""


async def choose(seen: Desk) -> None:
    await seen.go_to(ASKS)
    await seen.until(lambda: seen.shows("answer: 1 yes · 2 no"), "the question")


async def test_from_the_list(busy_night: Night) -> None:
    task_id = await task_that_asks(busy_night)
    async with desk(busy_night) as seen:
        await choose(seen)
        await seen.press("7")
        await seen.until(lambda: seen.shows("No question waits here that has an answer 7."), "a sentence")
        await seen.press("2")
        assert await answer(busy_night, task_id) == "no"


async def test_without_a_question_it_says_where_the_tab_is(busy_night: Night) -> None:
    """A digit means one thing: a question that comes while somebody presses it is not answered by chance."""
    async with desk(busy_night) as seen:
        await seen.go_to("run integration suite")
        await seen.press("2")
        await seen.until(lambda: seen.shows("No question waits here. ⏎ then 2 shows Tools."), "a sentence")


async def test_from_the_inbox(busy_night: Night) -> None:
    task_id = await task_that_asks(busy_night)
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 3)
        assert isinstance(view, InboxView)
        assert view.chosen is not None
        while view.chosen.row.id != task_id:
            await seen.press("j")
        await seen.press("1")
        assert await answer(busy_night, task_id) == "yes"


@pytest.mark.parametrize("keys", [("slash", "2"), ("i", "2")])
async def test_what_is_typed_answers_nothing(busy_night: Night, keys: tuple[str, ...]) -> None:
    task_id = await task_that_asks(busy_night)
    async with desk(busy_night) as seen:
        await choose(seen)
        await seen.press(keys[0])
        await seen.until(lambda: "list" not in seen.app.dashboard.contexts, "a place to type")
        await seen.press(*keys[1:])
        await seen.until(lambda: typed(seen) == "2", "the digit where it was typed")
        assert (await busy_night.manager.get(task_id)).row.attention is Attention.INPUT


async def test_the_pane_keeps_its_digits_for_its_tabs(busy_night: Night) -> None:
    task_id = await task_that_asks(busy_night)
    async with desk(busy_night) as seen:
        await choose(seen)
        await seen.press("enter", "2")
        await seen.until(lambda: seen.shows("[2 Tools"), "the tab")
        assert (await busy_night.manager.get(task_id)).row.attention is Attention.INPUT


async def test_a_stray_paste_answers_nothing_in_safe_mode(busy_night: Night) -> None:
    task_id = await task_that_asks(busy_night)
    async with desk(busy_night, keymap=chosen({}, safe_mode=True)) as seen:
        await choose(seen)
        await seen.press("1", "2")
        assert (await busy_night.manager.get(task_id)).row.attention is Attention.INPUT
        await seen.press("f3")
        assert await answer(busy_night, task_id) == "no"


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 50)])
async def test_a_toast_leaves_what_is_asked_readable(busy_night: Night, size: tuple[int, int]) -> None:
    async with desk(busy_night, size=size) as seen:
        await choose(seen)
        seen.app.notify("Stopping 1 task")
        await seen.until(lambda: seen.shows("Stopping 1 task"), "the toast")
        (toast,) = seen.app.screen.query(Toast)
        asked = seen.app.screen.query_one(RequestBar).region
        assert asked.area
        assert not toast.region.overlaps(asked)
        assert seen.shows("answer: 1 yes · 2 no")
