"""The dialog of a question that is answered elsewhere meanwhile, and what was typed in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Button, Input

from tasktui.domain.requests import Answer
from tasktui.domain.status import Attention
from tasktui.ui.screens.answer_dialog import AnswerDialog
from tasktui.ui.widgets.detail.pane import DetailPane
from tests.ui.gated import Apart, Gated
from tests.ui.handled import handled
from tests.ui.night import Night
from tests.ui.test_dashboard import Desk, desk
from tests.ui.test_views import open_view

QUESTION = "refactor settings"
APPROVAL = "fix flaky login test"


async def asked_by(seen: Desk, title: str) -> AnswerDialog:
    """Open the dialog of the task's question from the list."""
    await seen.go_to(title)
    pane = seen.app.dashboard.query_one(DetailPane)
    await seen.until(lambda: pane.row is not None and pane.row.title == title, "its task")
    pane.ask()
    await seen.until(lambda: seen.shows("waits for you since"), "the dialog")
    await handled()
    assert isinstance(seen.app.screen, AnswerDialog)
    return seen.app.screen


def open_buttons(dialog: AnswerDialog) -> list[str | None]:
    return [button.id for button in dialog.query(Button) if not button.disabled]


async def test_a_question_that_is_answered_elsewhere_takes_no_second_answer(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = Gated(manager := Apart(busy_night.manager), "answer", monkeypatch)
    async with desk(replace(busy_night, manager=manager)) as seen:
        await seen.go_to(QUESTION)
        row = seen.app.dashboard.selected
        assert row is not None
        dialog = await asked_by(seen, QUESTION)
        dialog.query_one(Input).focus()
        await seen.press(*"may")
        await busy_night.manager.answer(row.id, Answer(row.attention_id, text="yes", by="ann", origin="cli"))
        await seen.until(lambda: seen.shows("It waits no longer; answered: yes by ann on the command"), "who")
        assert seen.shows("asked at ")
        assert seen.shows("esc Close")
        assert not seen.shows("waits for you since")
        assert open_buttons(dialog) == ["later"]
        assert dialog.query_one(Input).value == "may"
        await seen.press("enter")
        assert not gated.asked
        await seen.press("escape")
        assert seen.app.screen is seen.app.dashboard


async def test_the_question_of_a_task_that_ended_is_over(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to(APPROVAL)
        row = seen.app.dashboard.selected
        assert row is not None
        dialog = await asked_by(seen, APPROVAL)
        await busy_night.manager.cancel(row.id, force=True)
        await seen.until(lambda: seen.shows("waits no longer"), "that it is over")
        assert open_buttons(dialog) == ["later"]


async def test_a_key_that_is_held_answers_once(busy_night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer would be refused, and the dialog stay for that."""
    gated = Gated(manager := Apart(busy_night.manager), "answer", monkeypatch)
    async with desk(replace(busy_night, manager=manager)) as seen:
        await asked_by(seen, APPROVAL)
        gated.close()
        await seen.press("a", "a", "a")
        await seen.until(lambda: gated.asked > 0, "the answer on its way")
        gated.open()
        await seen.until(lambda: seen.app.screen is seen.app.dashboard, "the dialog has gone")
        assert gated.asked == 1


async def test_half_an_answer_is_found_again(busy_night: Night) -> None:
    """Who puts a question off to look at the output comes back to what was typed."""
    async with desk(busy_night) as seen:
        dialog = await asked_by(seen, QUESTION)
        dialog.query_one(Input).focus()
        await seen.press(*"keep th", "escape")
        assert seen.app.screen is seen.app.dashboard
        dialog = await asked_by(seen, QUESTION)
        dialog.query_one(Input).focus()
        await seen.press(*"em", "enter")
        await seen.until(lambda: seen.app.screen is seen.app.dashboard, "the dialog has gone")
        row = seen.app.dashboard.selected
        assert row is not None
        await busy_night.until(row.id, lambda now: now.attention is Attention.NONE)
        (asked,) = (await busy_night.manager.detail(row.id)).requests
        assert asked.decision == "keep them"


async def test_half_a_reason_is_seen_before_it_is_sent(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await asked_by(seen, APPROVAL)
        await seen.press("U", *"not on a fri", "escape")
        dialog = await asked_by(seen, APPROVAL)
        assert dialog.query_one(Input).display
        assert seen.shows("not on a fri")


async def test_the_inbox_opens_nothing_that_takes_an_answer_twice(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = await open_view(seen, "I", 3)
        (row,) = view.targets
        await seen.press("enter")
        await seen.until(lambda: seen.shows("waits for you since"), "the dialog")
        await busy_night.manager.answer(row.id, Answer(row.attention_id, text="no"))
        await seen.until(lambda: seen.shows("It waits no longer; answered: no"), "that it is over")
