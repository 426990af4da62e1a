"""The command palette: every action, filters, tasks; what is chosen happens."""

from __future__ import annotations

from typing import Any

from textual.command import CommandList, CommandPalette
from textual.fuzzy import Matcher
from textual.pilot import Pilot
from textual.style import Style
from textual.widgets.option_list import Option

from tasktui.domain.status import Attention
from tasktui.ui.app import TasktuiApp
from tasktui.ui.keymap import TABLE
from tasktui.ui.palette import Command
from tasktui.ui.screens.figures import FiguresView
from tasktui.ui.screens.help_dialog import HelpDialog
from tasktui.ui.widgets.detail.request_bar import RequestBar
from tests.ui.night import Night, eventually

SIZE = (120, 35)


def app_of(night: Night, **more: Any) -> TasktuiApp:
    return TasktuiApp(night.connect, now=night.clock.now, **more)


def offered(app: TasktuiApp) -> list[str]:
    if not isinstance(app.screen, CommandPalette):
        return []
    commands = app.screen.query_one(CommandList)
    return [str(commands.get_option_at_index(at).prompt) for at in range(commands.option_count)]


async def opened(pilot: Pilot[Any], app: TasktuiApp, typed: str, wanted: str) -> None:
    """Open the palette, type, and wait until it offers what begins like this, first."""
    await eventually(lambda: app.manager is not None and app.dashboard.list.window.total > 0, "a list")
    await pilot.press("colon")
    await eventually(lambda: len(offered(app)) > len(TABLE) // 2, "all actions")
    await pilot.press(*("space" if key == " " else key for key in typed))
    await eventually(lambda: bool(offered(app)) and offered(app)[0].startswith(wanted), wanted)


async def test_every_action_is_offered_with_the_persons_own_key(busy_night: Night) -> None:
    app = app_of(busy_night, keymap={"task.archive": "ctrl+e"})
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, "", "")
        shown = offered(app)
    for key in TABLE:
        if key.id not in {"palette", "back"}:
            assert any(line.startswith(key.description) for line in shown), key.id
    assert any(line.startswith("Hide a finished task") and "^e" in line for line in shown)


async def test_an_action_is_done(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, "keys and help", "Keys and help")
        await pilot.press("enter")
        await eventually(lambda: isinstance(app.screen, HelpDialog), "help")


async def test_enter_twice_does_it_once(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, "keys and help", "Keys and help")
        commands = app.screen.query_one(CommandList)
        commands.action_select()
        commands.action_select()
        await eventually(lambda: isinstance(app.screen, HelpDialog), "help")
        await pilot.pause()
        assert len(app.screen_stack) == 2
    assert app.faults.total == 0


async def test_paging_before_it_is_laid_out(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, "", "")
        commands = app.screen.query_one(CommandList)
        commands.clear_options()
        commands.add_options([Option("one"), Option("two")])
        await app.screen.run_action("command_list('page_up')")
        assert isinstance(app.screen, CommandPalette)
    assert app.faults.total == 0


async def test_it_opens_again_after_the_screen_failed_below_it(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, "", "")
        await app.start_over("something broke")
        assert not isinstance(app.screen, CommandPalette)
        await opened(pilot, app, "", "")
        assert app.faults.total == 0


async def test_a_status_becomes_the_filter(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, "show: queued", "Show: Queued")
        await pilot.press("enter")
        await eventually(lambda: app.dashboard.filter.text == "status:queued", "the filter")
        assert app.dashboard.has_class("-filtered")


async def test_a_task_is_opened_by_its_title(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await eventually(lambda: app.manager is not None and app.dashboard.list.window.total > 3, "a list")
        await pilot.press("j", "j", "j")
        wanted = app.dashboard.selected
        assert wanted is not None
        await pilot.press("g")
        await opened(pilot, app, f"open {wanted.title}"[:30], f"Open {wanted.title}")
        await pilot.press("enter")
        await eventually(
            lambda: app.dashboard.selected is not None and app.dashboard.selected.id == wanted.id, "the task"
        )


async def test_what_is_done_to_a_task_of_the_list_is_not_done_from_elsewhere(busy_night: Night) -> None:
    """The question of the task under the cursor of a list that nobody sees would be answered."""
    app = app_of(busy_night)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await eventually(lambda: app.manager is not None and app.dashboard.list.window.total > 3, "a list")
        asking = next(row for row in app.dashboard.list.window.rows() if row.title == "refactor settings")
        app.dashboard.list.go_to(asking.id)
        bar = app.dashboard.query_one(RequestBar)
        await eventually(lambda: bar.asked is not None and bar.asked.task_id == asking.id, "its question")
        await pilot.press("S")
        await opened(pilot, app, "answer 1 of", "Answer 1 of the question")
        await pilot.press("enter")
        await eventually(lambda: bool(app._notifications), "what became of it")
        assert [note.message for note in app._notifications] == [
            "That is for a task of the list. Go there first."
        ]
        assert isinstance(app.screen, FiguresView)
        assert (await busy_night.row(asking.id)).attention is Attention.INPUT


def test_nothing_in_a_title_is_read_as_markup() -> None:
    matcher = Matcher("red", match_style=Style(bold=True))
    command = Command("Open [red]x[/red]", "[b]", lambda: None)
    assert command.shown().plain == command.shown(matcher).plain == "Open [red]x[/red]  [b]"
