"""Answering and writing to a task from its pane."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Input, TextArea

from tasktui.domain.ports.executor import Capabilities
from tasktui.domain.status import Attention
from tasktui.ui.messages import AnswerRequested, InterveneRequested
from tasktui.ui.screens.answer_dialog import AnswerDialog
from tasktui.ui.widgets.detail.request_bar import RequestBar
from tasktui.ui.widgets.intervene_bar import InterveneBar, refused
from tasktui.ui.widgets.intervene_bar import says as sending_says
from tests.ui.detail_desk import PaneApp, desk, says, until_says
from tests.ui.night import eventually


@pytest.fixture
async def table(own_home):
    async with desk(own_home) as made:
        yield made


def told(app: PaneApp) -> list[tuple[object, ...]]:
    """What the pane asked for, as far as it is decisions."""
    answers = [request for request in app.requests if isinstance(request, AnswerRequested)]
    return [(one.task_id, one.request_id, one.decision, one.scope) for one in answers]


@pytest.mark.parametrize(
    ("key", "decision", "scope"), [("a", "allow", "once"), ("A", "allow", "task"), ("u", "deny", "once")]
)
@pytest.mark.feature(77)
async def test_one_key_decides_an_approval(table, key, decision, scope):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "! approval", "allow once")
        app.view.focus()
        await pilot.press(key)
        await eventually(lambda: bool(app.requests))
        assert told(app) == [(task_id, "r1", decision, scope)]
        await eventually(lambda: app.pane.row is not None and app.pane.row.attention is Attention.NONE)
        await eventually(lambda: not says(app, "waits for you"))
        (asked,) = (await table.manager.detail(task_id)).requests
        assert (asked.decision, asked.scope) == (decision, scope)


@pytest.mark.parametrize("size", [(80, 24), (130, 40)])
async def test_the_dialog_shows_the_context_and_denies_with_a_reason(table, size):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=size) as pilot:
        await until_says(pilot, "! approval", "allow once")
        app.view.focus()
        await pilot.press("U")
        await until_says(
            pilot, "Approval — fix the login test", "network, remote write", "waits for you since"
        )
        await pilot.press(*"not yet", "enter")
        await eventually(lambda: not isinstance(app.screen, AnswerDialog))
        (asked,) = (await table.manager.detail(task_id)).requests
        assert (asked.decision, asked.reason) == ("deny", "not yet")


async def test_the_dialog_shows_where_and_the_first_lines_of_a_diff_and_enter_the_whole(table):
    app = PaneApp(table.manager, await table.run("ask for an edit"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_says(pilot, "in /srv/shop", "waits for you")
        app.pane.ask()
        await until_says(pilot, "where      /srv/shop", "12 +    now = clock.now()", "4 more lines · ⏎ shows")
        assert not says(app, "step(7)")
        await pilot.press("enter")
        await until_says(pilot, "step(7)")
        await pilot.press("enter")
        await until_says(pilot, "more lines")


async def test_the_dialog_numbers_its_choices(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_says(pilot, "! approval", "allow once")
        app.pane.ask()
        await until_says(pilot, "3 Always")
        await pilot.press("3")
        await eventually(lambda: bool(app.requests))
        assert told(app) == [(task_id, "r1", "allow", "always")]


async def test_a_question_is_answered_by_number_or_in_words(table):
    task_id = await table.run("ask me")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_says(pilot, "Keep the old names?", "[a] answer: 1 yes · 2 no")
        app.view.focus()
        await pilot.press("a")
        await until_says(pilot, "settings.py")
        await pilot.press("escape")
        await eventually(lambda: not isinstance(app.screen, AnswerDialog))
        await pilot.press("a")
        await until_says(pilot, "settings.py")
        await pilot.press("2")
        await eventually(lambda: not isinstance(app.screen, AnswerDialog))
        (asked,) = (await table.manager.detail(task_id)).requests
        assert (asked.state, asked.decision) == ("answered", "no")


async def test_an_answer_that_came_too_late_is_said_and_the_words_stay(table):
    task_id = await table.run("ask me")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_says(pilot, "Keep the old names?")
        app.view.focus()
        await pilot.press("a")
        await until_says(pilot, "settings.py")
        app.screen.query_one(Input).focus()
        from tasktui.domain.requests import Answer

        await table.manager.answer(task_id, Answer("q1", text="yes"))
        await pilot.press(*"maybe", "enter")
        await until_says(pilot, "answered")
        assert app.screen.query_one(Input).value == "maybe"


async def test_a_message_is_sent_and_its_verdict_shown(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "allow once")
        app.view.focus()
        await pilot.press("i")
        await until_says(pilot, "steer: joins after the running tool")
        await pilot.press(*"use freezegun", "enter")
        await until_says(pilot, "delivered")
        (sent,) = [request for request in app.requests if isinstance(request, InterveneRequested)]
        assert (sent.text, sent.mode) == ("use freezegun", "steer")
        assert app.pane.query_one(TextArea).text == ""
        await pilot.press("up")
        assert app.pane.query_one(TextArea).text == "use freezegun"
        await pilot.press("down", *"half", "up", "up", "down", "!")
        assert app.pane.query_one(TextArea).text == "half!", "a walk through what was sent loses nothing"
        (row,) = (await table.manager.detail(task_id)).interventions
        assert row.text == "use freezegun"


async def test_more_lines_are_sent_by_ctrl_enter_and_the_mode_changes(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "allow once")
        app.view.focus()
        await pilot.press("i", *"one", "ctrl+j", *"two", "enter", *"three", "ctrl+t")
        await until_says(pilot, "queue: becomes the next turn")
        await pilot.press("alt+enter")
        await eventually(lambda: bool(app.requests))
        assert app.requests[0].text == "one\ntwo\nthree"
        assert app.requests[0].mode == "queue"


async def half_a_message(pilot, app, to, text):
    app.pane.show(to)
    await eventually(lambda: app.pane.row is not None and app.pane.row.id == to)
    app.view.focus()
    await pilot.press("i", *text)
    return app.pane.query_one(TextArea).text


async def test_half_a_message_waits_with_its_task(table):
    one, other = await table.run("fix the login test"), await table.run("fix the login test")
    app = PaneApp(table.manager, one)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "allow once")
        assert await half_a_message(pilot, app, one, "stop") == "stop"
        assert await half_a_message(pilot, app, other, "go") == "go", "nothing of it goes to another task"
        assert await half_a_message(pilot, app, one, " now") == "stop now"
        await pilot.press("enter")
        app.pane.show(other)
        await eventually(lambda: app.pane.row.id == other and bool(app.requests))
        sent = app.requests[0]
        assert (sent.task_id, sent.text) == (one, "stop now")
        assert await half_a_message(pilot, app, one, "") == "", "what was sent is no draft"
        assert await half_a_message(pilot, app, other, "") == "go"


async def test_a_dialog_opens_though_the_question_is_looked_up_anew_meanwhile(table, monkeypatch):
    """As when the task changes while a slow link fetches the question."""
    detail, comes = table.manager.detail, asyncio.Event()

    async def slowly(task_id):
        await comes.wait()
        return await detail(task_id)

    app = PaneApp(table.manager, await table.run("fix the login test"))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "allow once")
        app.pane.query_one(RequestBar).asked = None
        monkeypatch.setattr(table.manager, "detail", slowly)
        app.pane.ask()
        await eventually(lambda: any(worker.group == "ask" for worker in app.workers))
        app.pane.learn_question(app.pane.row)
        comes.set()
        await until_says(pilot, "esc Later")


async def test_a_key_that_bounces_sends_once(table):
    app = PaneApp(table.manager, await table.run("fix the login test"))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "allow once")
        await half_a_message(pilot, app, app.task_id, "stop")
        bar = app.pane.query_one(InterveneBar)
        bar.action_send()
        bar.action_send()
        await eventually(lambda: app.pane.query_one(TextArea).text == "" and bool(app.requests))
        await pilot.pause()
        assert [request.text for request in app.requests] == ["stop"]


async def test_a_task_that_ended_takes_no_message(table):
    task_id = await table.run("fix the login test")
    await table.manager.cancel(task_id)
    row = await table.manager.wait(task_id, timeout_s=30)
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "canceled")
        app.view.focus()
        await pilot.press("i")
        await eventually(lambda: any("has ended" in note.message for note in app._notifications))
        assert not app.pane.query_one(InterveneBar).has_class("-open")
    assert "ended" in refused(row)
    assert refused(None)
    assert sending_says(row, "interrupt", "steer").startswith("interrupt: interrupts what it does")


@pytest.mark.parametrize(
    ("takes", "at_first", "then"),
    [
        ("queue", "queue: becomes the next turn", "interrupt: interrupts what it does"),
        ("interrupt", "interrupt: interrupts what it does", "queue: becomes the next turn"),
    ],
)
async def test_the_bar_says_what_this_agent_does_with_a_message(table, takes, at_first, then):
    table.night.executor._capabilities = Capabilities(intervene=takes)
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "allow once")
        app.view.focus()
        await pilot.press("i")
        await until_says(pilot, at_first)
        await pilot.press("ctrl+t")
        await until_says(pilot, then)
        await pilot.press(*"stop", "enter")
        await eventually(lambda: bool(app.requests))
        assert app.requests[0].mode == then.partition(":")[0]


async def test_an_agent_that_takes_no_messages_refuses_before_anything_is_typed(table):
    table.night.executor._capabilities = Capabilities(intervene="none")
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "allow once")
        app.view.focus()
        await pilot.press("i")
        await eventually(lambda: any("takes no messages" in note.message for note in app._notifications))
        assert not app.pane.query_one(InterveneBar).has_class("-open")
        await pilot.press("i")
        assert not app.pane.query_one(InterveneBar).has_class("-open")
