"""The pane over a real manager: every tab shows what happened, and what happens while it is open."""

from __future__ import annotations

import asyncio

import pytest

from tasktui.domain.events.work import MessageDelta
from tasktui.domain.requests import ChangeSet
from tasktui.domain.status import Status
from tests.ui.detail_desk import PaneApp, desk, says, shown, until_gone, until_says
from tests.ui.night import eventually


@pytest.fixture
async def table(own_home):
    async with desk(own_home) as made:
        yield made


async def test_the_timeline_tells_the_facts_and_follows(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_says(pilot, "created", "failed · 3.4s", "lint failed", "approval")
        await until_says(pilot, "[1 Timeline 18]", "2 Tools 3 ✗1", "6 Checks 5/8", "▼ following")
        await until_says(pilot, "! approval · ", "214k tok", "$0.42", "1 warning")
        table.night.executor.open_gate("on")
        await until_says(pilot, "Pushed.", "gh run watch")


async def test_going_up_in_a_growing_timeline_counts_what_comes(table):
    task_id = await table.run("many facts")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 20)) as pilot:
        await until_says(pilot, "fact number 400")
        app.view.focus()
        await pilot.press("g")
        await until_says(pilot, "created")
        table.night.executor.open_gate("on")
        await until_says(pilot, "↓ 5 new")
        assert says(app, "created")
        await pilot.press("G")
        await until_says(pilot, "late fact 5")


async def test_what_is_being_said_stays_while_other_things_change(table):
    """Most change sets tell nothing of messages; only its end takes a message that streams away."""
    task_id = await table.run("speak")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        app.view.focus()
        await pilot.press("3")
        table.night.executor.open_gate("on")
        await until_says(pilot, "half a sent")
        app.pane.apply(ChangeSet(rows=((await table.manager.get(task_id)).row,)))
        # on its way since before the screen came here
        app.pane.apply(ChangeSet(task_id="another", live=(("m", "of another"),)))
        await pilot.pause()
        assert says(app, "half a sent")
        assert not says(app, "of another")
        table.night.executor.open_gate("broken off")
        await until_says(pilot, "failed")
        await eventually(lambda: not says(app, "half a sent"))


async def test_what_a_running_tool_writes_is_seen_as_it_comes(table):
    task_id = await table.run("build")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_says(pilot, "make docs")
        app.view.focus()
        await pilot.press("2")
        await until_says(pilot, "make -j2 → compil ")
        await pilot.press("=")
        await until_says(pilot, "terminal", "│ compiling one.c")
        table.night.executor.open_gate("on")
        await until_says(pilot, "make -j2 → compiling two.c", "│ compiling two.c", "│ writing index.html")
        await pilot.press("g", "y")
        await eventually(lambda: bool(app.copied))
        assert "compiling two.c" in app.copied[0], "what is seen is copied"
        table.night.executor.open_gate("built")
        await until_says(pilot, "2 files compiled", "make docs → writing index.html")
        await until_gone(app, "compiling two.c")


async def test_tools_expand_to_input_output_and_diff(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_says(pilot, "approval")
        app.view.focus()
        await pilot.press("2")
        await until_says(
            pilot, "✗ failed   $ run", "pytest -q tests/login → tests/login/test_flow.py F", "3.4s"
        )
        await until_says(pilot, "✓ ok       ± edit", "tests/login/test_flow.py +1 −1")
        await pilot.press("=")
        await until_says(pilot, "1 failed, 11 passed", "12 +    now = clock.now()", "src/login/session.py")
        table.night.executor.open_gate("on")
        await until_says(pilot, "● running  $ run", "gh run watch")


async def test_calls_of_a_helper_stand_under_the_call_that_made_it(table):
    app = PaneApp(table.manager, await table.run("call a helper"))
    async with app.run_test(size=(200, 30)) as pilot:
        await until_says(pilot, "Timeline")
        app.view.focus()
        await pilot.press("2")
        await until_says(pilot, "✓ ok       ○ think", "  ╰ ✓ ok       / find", "  ╰ ✓ ok       ± edit")
        await pilot.press("=")
        await until_says(pilot, "the fixture leaks the clock", "   12 +    now = clock.now()")
        (both,) = [line for line in shown(app) if "datetime.now()" in line]
        assert "clock.now()" in both


async def test_messages_fold_thoughts_render_markdown_and_stream(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(120, 50)) as pilot:
        await until_says(pilot, "approval")
        app.view.focus()
        await pilot.press("3")
        await until_says(
            pilot, "What I found", "1. Freeze it", "▸ thought  Start with", "waits for an answer"
        )
        assert not says(app, "┆ Start with the failing test")
        await pilot.press("g", "enter")
        await until_says(pilot, "┆ Start with the failing test")
        table.night.executor.contexts[task_id].emit(
            MessageDelta(message_id="m9", delta="## Half\n\na **sent")
        )
        await pilot.press("G")
        await until_says(pilot, "is writing", "  Half", "a **sent")
        assert not says(app, "## Half")
        await pilot.press("a")
        await until_says(pilot, "→ allowed by you")


async def test_output_tells_streams_apart_and_reads_on(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "approval")
        app.view.focus()
        await pilot.press("4")
        await until_says(pilot, "line 0299", "30%", "▼ following")
        assert not says(app, "10%")
        assert any(line.startswith("!") and "Traceback" in line for line in shown(app))
        table.night.executor.open_gate("on")
        await until_says(pilot, "one more line")
        await pilot.press("g")
        await until_says(pilot, "line 0000")
        await pilot.press("slash", *"line 0123", "enter")
        await until_says(pilot, "line 0123", "1/1")


async def test_checks_and_info_say_what_is_known(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 50)) as pilot:
        await until_says(pilot, "approval")
        app.view.focus()
        await pilot.press("6")
        await until_says(pilot, "5 of 8 done", "● doing    suite green", "✗ failed   lint", "issue #1182")
        await pilot.press("7")
        await until_says(pilot, task_id, "/srv/shop", "grounds", "201k in, 13k out", "running for")
        await until_gone(app, "following")


async def test_search_marks_and_goes_on(table):
    task_id = await table.run("fix the login test")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 40)) as pilot:
        await until_says(pilot, "approval")
        app.view.focus()
        await pilot.press("g", "slash", *"login", "enter")
        await until_says(pilot, "/login  1/10", "n next")
        await pilot.press("n")
        await until_says(pilot, "2/10")
        await pilot.press("slash", "escape")
        await eventually(lambda: app.view.query_text == "")


async def test_another_task_takes_the_place_of_the_first(table):
    first = await table.run("fix the login test")
    second = await table.run("ask me")
    app = PaneApp(table.manager, first)
    async with app.run_test(size=(100, 40)) as pilot:
        await until_says(pilot, "git push")
        app.look_at(second)
        app.pane.show(second)
        await until_says(pilot, "Keep the old names?", "[a] answer: 1 yes · 2 no")
        await until_gone(app, "git push")
        app.pane.show(None)
        await until_says(pilot, "No task chosen")
        app.pane.show("task_gone")
        await until_says(pilot, "task_gone", "[1 Timeline]")


async def test_what_changes_while_the_task_is_read_is_not_lost(table, monkeypatch):
    """The last thing that happens to a task may come before the answer that knows nothing of it."""
    task_id = await table.run("ask me")
    get, comes = table.manager.get, asyncio.Event()
    asked = asyncio.Event()

    async def slowly(task_id):
        read = await get(task_id)
        asked.set()
        await comes.wait()
        return read

    monkeypatch.setattr(table.manager, "get", slowly)
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await asked.wait()
        await table.manager.cancel(task_id)
        await eventually(
            lambda: any(row.status is Status.CANCELED for heard in app.heard for row in heard.rows)
        )
        comes.set()
        await until_says(pilot, "canceled")


async def test_hidden_tabs_do_nothing_until_they_are_opened_again(table):
    task_id = await table.run("many facts")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "fact number 400")
        timeline = app.view
        timeline.focus()
        await pilot.press("7")
        await until_says(pilot, "on restart")
        table.night.executor.open_gate("on")
        await eventually(lambda: app.pane.row is not None and app.pane.row.warnings == 405)
        assert timeline.window.source.stop == 403
        await pilot.press("1")
        await until_says(pilot, "late fact 5")
