"""The screens above the dashboard, by their keys, with the real manager behind them."""

from __future__ import annotations

from functools import partial

import pytest
from textual.widgets import Static

from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.query import EVERYTHING
from tasktui.domain.requests import Answer
from tasktui.domain.status import TERMINAL, Attention
from tasktui.manager.scripted import Gate
from tasktui.ui.host import contexts_here
from tasktui.ui.screens.answer_dialog import AnswerDialog
from tasktui.ui.screens.detail import DetailScreen
from tasktui.ui.screens.figures import FiguresView
from tasktui.ui.screens.help_dialog import HelpDialog
from tasktui.ui.screens.inbox import InboxView
from tasktui.ui.screens.stop_dialog import StopDialog
from tasktui.ui.screens.view import View
from tests.ui.night import Night
from tests.ui.test_dashboard import Desk, desk


def view_of(seen: Desk) -> View:
    assert isinstance(seen.app.screen, View)
    return seen.app.screen


async def open_view(seen: Desk, key: str, rows: int) -> View:
    await seen.press(key)
    await seen.until(lambda: isinstance(seen.app.screen, View), "the view")
    view = view_of(seen)
    await seen.until(lambda: view.rows.option_count >= rows, f"{rows} rows")
    await seen.pilot.pause()
    return view


async def test_the_inbox_lists_every_question_with_its_context(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 3)
        assert isinstance(view, InboxView)
        await seen.until(lambda: seen.shows("2 wait for you"), "how many wait")
        await seen.until(lambda: seen.shows("Keep the old names as aliases?"), "the question")
        await seen.press("j")
        await seen.until(
            lambda: bool(view.targets) and view.targets[0].title == "fix flaky login test", "its row"
        )
        await seen.until(lambda: seen.shows("git push origin fix/login"), "what it asks")
        await seen.press("escape")
        assert seen.app.screen is seen.app.dashboard


async def test_allowing_in_the_inbox_moves_it_into_the_history(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 3)
        assert isinstance(view, InboxView)
        await seen.press("j")
        (row,) = view.targets
        await seen.press("a")
        await busy_night.until(row.id, lambda now: now.attention is Attention.NONE)
        await seen.until(lambda: seen.shows("ANSWERED 1") and seen.shows("1 waits for you"), "the history")
        await seen.until(lambda: seen.shows("allowed"), "the decision")


async def test_the_history_says_who_decided_what_when_and_from_where(busy_night: Night) -> None:
    manager = busy_night.manager
    clock = busy_night.clock
    clock.before_the_end(30)
    asking = {row.title: row for row in (await manager.page(EVERYTHING)).items if row.attention_id}
    login, settings = asking["fix flaky login test"], asking["refactor settings"]
    denied = Answer(login.attention_id, "deny", "not tonight", by="ann", origin="cli")
    await manager.answer(login.id, denied)
    await manager.answer(settings.id, Answer(settings.attention_id, text="yes"))
    busy_night.executor.scripts["shell asks"] = [
        InputRequested(request_id="q", question="Which colour?", expires_at=clock.now() + 1), Gate("end"),
    ]  # fmt: skip
    shell = await busy_night.submit("shell asks", "shell")
    await busy_night.until(shell, lambda row: row.attention is Attention.INPUT)
    clock.before_the_end(0)
    await busy_night.until(shell, lambda row: row.attention is Attention.NONE)
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 4)
        await seen.until(lambda: seen.shows("ANSWERED 3"), "the history")
        for words in (
            "⊘ Which colour?", "expired",
            "denied by ann · fix flaky login test", "✗ git push origin fix/login",
            "answered: yes by you · refactor settings",
        ):  # fmt: skip
            await seen.until(partial(seen.shows, words), words)
        view.rows.highlighted = [option.id for option in view.rows.options].index(f"{login.id}/r1")
        await seen.until(lambda: seen.shows("denied by ann on the command line at 21:26:10, after"), "who")
        await seen.until(lambda: seen.shows("not tonight"), "why")
        await seen.until(lambda: seen.shows("3m42s"), "after how long")


async def test_numbers_stand_only_where_they_are_keys(busy_night: Night) -> None:
    busy_night.executor.scripts["choose"] = [
        ApprovalRequested(request_id="a", summary="rm -r build", options=["Do it", "Leave it"]), Gate("end"),
    ]  # fmt: skip
    task = await busy_night.submit("choose")
    await busy_night.until(task, lambda row: row.attention is Attention.APPROVAL)
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 4)
        view.rows.highlighted = [option.id for option in view.rows.options].index(f"{task}/a")
        await seen.until(lambda: seen.shows("a allow once"), "its keys")
        assert not seen.shows("1 Do it")


async def test_a_question_that_expires_says_when(busy_night: Night) -> None:
    later = busy_night.clock.now() + 90_000
    busy_night.executor.scripts["soon"] = [
        InputRequested(request_id="q", question="Which colour?", expires_at=later), Gate("end"),
    ]  # fmt: skip
    task = await busy_night.submit("soon", "shell")
    await busy_night.until(task, lambda row: row.attention is Attention.INPUT)
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 4)
        view.rows.highlighted = [option.id for option in view.rows.options].index(f"{task}/q")
        await seen.until(lambda: seen.shows("expires in 1m30s"), "the deadline")


async def test_enter_in_the_inbox_answers_a_question_by_number(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 3)
        assert isinstance(view, InboxView)
        (row,) = view.targets
        assert row.title == "refactor settings"
        await seen.press("enter")
        await seen.until(lambda: isinstance(seen.app.screen, AnswerDialog), "the dialog")
        await seen.press("1")
        await busy_night.until(row.id, lambda now: now.attention is Attention.NONE)
        await seen.until(lambda: seen.shows("answered: yes"), "the answer")


async def test_a_question_that_comes_while_the_inbox_is_open_appears(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await open_view(seen, "I", 3)
        await busy_night.submit("refactor settings")
        await seen.until(lambda: seen.shows("3 wait for you"), "the third")


async def test_what_is_found_opens_at_its_place(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("F", *"leaks")
        await seen.until(lambda: seen.shows("1 place"), "the hit")
        await seen.press("enter", "enter")
        await seen.until(lambda: isinstance(seen.app.screen, DetailScreen), "the task")
        await seen.until(lambda: seen.shows("/leaks"), "the search in the pane")
        await seen.press("escape")
        assert view_of(seen).NAME == "Find"
        await seen.press("escape")
        assert seen.app.screen is seen.app.dashboard


async def test_nothing_found_says_so_and_two_letters_are_too_few(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("F", *"zz")
        await seen.until(lambda: seen.shows("3 letters or more"), "too few")
        await seen.press("z")
        await seen.until(lambda: seen.shows("Nothing has 'zzz' in it"), "nothing")


async def test_a_lane_is_changed_in_the_figures(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, "S", 2)
        assert isinstance(view, FiguresView)
        assert view.chosen is not None
        name, limit = view.chosen.lane, view.chosen.limit
        await seen.press("plus", "plus", "minus")

        async def now() -> tuple[int, bool]:
            lane = next(lane for lane in await busy_night.manager.lanes() if lane.lane == name)
            return lane.limit, lane.paused

        await seen.until(lambda: view.chosen is not None and view.chosen.limit == limit + 1, "the limit")
        await seen.press("P")
        await seen.until(lambda: view.chosen is not None and view.chosen.paused, "the pause")
        assert (await now())[1]
        assert seen.app.screen is view


async def test_each_key_counts_though_the_figures_are_read_later(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, "S", 2)
        assert isinstance(view, FiguresView)
        assert view.chosen is not None
        limit = view.chosen.limit
        for _ in range(3):
            view.action_lane_more()
        view.action_lane_less()
        await seen.until(lambda: view.chosen is not None and view.chosen.limit == limit + 2, "the limit")


async def test_views_take_each_others_place_and_q_goes_back(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await open_view(seen, "I", 3)
        await open_view(seen, "S", 2)
        assert len(seen.app.screen_stack) == 2
        await seen.press("q")
        assert seen.app.screen is seen.app.dashboard


@pytest.mark.parametrize("key", ["I", "S"])
async def test_help_in_a_view_shows_its_keys(key: str, busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, key, 2)
        await seen.press("question_mark")
        await seen.until(lambda: isinstance(seen.app.screen, HelpDialog), "the help")
        await seen.pilot.pause()
        words = " ".join(str(static.content) for static in seen.app.screen.query(Static))
        assert ("Let one more task" in words) == (key == "S")
        assert contexts_here(view) == view.contexts


async def test_stopping_names_what_ends_and_the_same_key_confirms(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("Q")
        await seen.until(lambda: isinstance(seen.app.screen, StopDialog), "the dialog")
        await seen.until(lambda: seen.shows("run integration suite"), "what ends")
        await seen.press("escape")
        await seen.until(lambda: seen.app.screen is seen.app.dashboard, "the dashboard")
        assert seen.app.is_running
        await seen.press("Q")
        await seen.until(lambda: isinstance(seen.app.screen, StopDialog), "the dialog")
        await seen.press("Q")
        await seen.until(lambda: seen.app.return_value == "cancel", "it leaves")
    rows = (await busy_night.manager.page(EVERYTHING)).items
    assert all(row.status in TERMINAL or row.cancel_requested_at for row in rows)


async def test_enter_on_a_lane_lists_its_tasks(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, "S", 2)
        await seen.press("G", "enter")
        await seen.until(lambda: seen.app.screen is not view, "the list")
        await seen.until(lambda: seen.app.dashboard.list.window.total == 2, "the two of the lane")
        assert seen.app.dashboard.filter.text == "lane:gpu"
