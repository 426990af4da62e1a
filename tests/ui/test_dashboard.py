"""The dashboard with the real manager behind it, by its keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from tasktui.domain.errors import ConfigError, OwnerError
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Attention, Group, Status
from tasktui.ui.app import TasktuiApp
from tasktui.ui.keymap import BY_ID
from tasktui.ui.screens.detail import DetailScreen
from tasktui.ui.widgets.detail.headline import Headline
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.footer import Footer
from tasktui.ui.widgets.header import Header
from tasktui.ui.widgets.task_list import TaskList
from tasktui.ui.window import Heading
from tests.ui.night import Night, eventually

SIZE = (120, 35)


class Desk:
    """The app at work, and what a person sees of it."""

    def __init__(self, app: TasktuiApp, pilot: Pilot[Any], night: Night) -> None:
        self.app = app
        self.pilot = pilot
        self.night = night

    @property
    def title(self) -> str:
        """The task under the cursor."""
        row = self.app.dashboard.selected
        return row.title if row else ""

    def lines(self) -> list[str]:
        """The list as text."""
        view = self.app.dashboard.list
        return [view.render_line(y).text.rstrip() for y in range(view.size.height)]

    def section(self, group: Group) -> list[str]:
        """The titles of a section."""
        return [
            row.title
            for section in self.app.dashboard.list.window.sections
            if section.group is group
            for row in section.rows
        ]

    def shows(self, text: str) -> bool:
        """Whether the screen shows it anywhere."""
        strips = self.app.screen._compositor.render_strips()
        return any(text in strip.text for strip in strips)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def press_undoable(self, key: str) -> None:
        """Press a key, and wait until what it did can be undone."""
        before = self.app._undo
        await self.press(key)
        await self.until(lambda: self.app._undo not in (None, before), f"the offer to undo {key}")

    async def go_to(self, title: str) -> None:
        row = next(row for row in self.app.dashboard.list.window.rows() if row.title == title)
        self.app.dashboard.list.go_to(row.id)
        await eventually(lambda: self.title == title, f"the cursor on {title}")

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        await eventually(condition, what)


@asynccontextmanager
async def desk(night: Night, size: tuple[int, int] = SIZE, **more: Any) -> AsyncIterator[Desk]:
    app = TasktuiApp(night.connect, now=night.clock.now, **more)
    async with app.run_test(size=size, notifications=True) as pilot:
        made = Desk(app, pilot, night)
        total = (await night.manager.counts()).total
        await eventually(lambda: app.manager is not None and is_read(app, total), "the list")
        await eventually(lambda: bool(app._alerts and app._alerts.knows), "who waits already is known")
        await pilot.pause()
        yield made


def is_read(app: TasktuiApp, total: int) -> bool:
    """Whether the list has so many tasks and holds those that are seen; it knows how many before which."""
    listed = app.dashboard.list
    held = listed.window.needed(listed.scroll_offset.y, listed.scroll_offset.y + listed.size.height) is None
    return app.dashboard.is_complete and listed.window.total == total and held


async def test_sections_stand_in_order_with_their_counts(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        window = seen.app.dashboard.list.window
        headings = [line for y in range(window.height) if isinstance(line := window.line(y), Heading)]
        assert [(line.group, line.total) for line in headings] == [
            (Group.NEEDS_YOU, 2), (Group.RUNNING, 2), (Group.QUEUED, 3), (Group.FINISHED, 4),
        ]  # fmt: skip
        assert seen.section(Group.FINISHED) == [
            "bump deps",
            "unit tests",
            "release 0.4 dry run",
            "try other cache",
        ]
        header = seen.app.dashboard.query_one(Header)
        await seen.until(lambda: "! 2 need you" in header.render_line(0).text, "how many need somebody")


async def test_every_status_has_a_glyph_and_a_word(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        shown = "\n".join(seen.lines())
        for glyph, title, word in (
            ("!", "fix flaky login test", "approval"),
            ("?", "refactor settings", "question"),
            ("●", "run integration suite", "running"),
            ("‖", "publish the docs", "held"),
            ("✓", "bump deps", "done"),
            ("✗", "unit tests", "exit 1"),
            ("⊘", "try other cache", "canceled"),
        ):
            line = next(line for line in shown.split("\n") if title[:20] in line)
            assert glyph in line, line
            assert word in line, line


async def test_keys_move_over_headings_and_the_cursor_is_one_cell(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        assert seen.title == "fix flaky login test"
        await seen.press("j")
        assert seen.title == "refactor settings"
        await seen.press("j")
        assert seen.title == "run integration suite"
        await seen.press("k", "k")
        assert seen.title == "fix flaky login test"
        await seen.press("G")
        assert seen.title == "try other cache"
        await seen.press("g")
        assert [line for line in seen.lines() if line.startswith("▌")] == [seen.lines()[1]]


async def test_the_cursor_stays_on_its_task_when_it_moves(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("nightly index rebuild")
        chosen = seen.app.dashboard.selected
        assert chosen is not None
        await busy_night.manager.cancel(chosen.id)
        await seen.until(lambda: "nightly index rebuild" in seen.section(Group.FINISHED), "it ends")
        assert seen.title == "nightly index rebuild"


async def test_a_new_task_appears_without_a_key(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await busy_night.submit("a late idea", lane="gpu")
        await seen.until(lambda: "a late idea" in seen.section(Group.QUEUED), "the new one")
        assert seen.title == "fix flaky login test"


async def test_resting_on_a_row_opens_it_in_the_pane(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("unit tests")
        await seen.until(lambda: seen.shows("exit code 1"), "its timeline")


async def test_ages_stand_still_while_the_cursor_moves(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        view = seen.app.dashboard.list
        await seen.until(lambda: not view.is_moving, "the cursor at rest")
        busy_night.clock.before_the_end(100)
        view.action_list_down()
        began = view.now()
        busy_night.clock.before_the_end(0)
        assert view.is_moving
        assert view.now() == began
        await seen.until(lambda: not view.is_moving, "the cursor at rest again")
        assert view.now() > began


async def test_a_filter_narrows_the_list_and_says_how_many(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("slash", *"kind:shell", "enter")
        await seen.until(lambda: seen.app.dashboard.list.window.total == 4, "only shell tasks")
        await seen.until(lambda: seen.shows("4 of 11"), "how many of all")
        await seen.until(lambda: "list" in seen.app.dashboard.contexts, "the focus in the list")
        await seen.press("escape")
        await seen.until(lambda: seen.app.dashboard.list.window.total == 11, "all again")


async def test_a_wrong_filter_points_at_its_column(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("slash", *"flaky status:sad")
        await seen.until(lambda: seen.app.dashboard.filter.wrong, "the error")
        await seen.until(lambda: seen.shows("^") and seen.shows("sad"), "where it is wrong")
        await seen.press("escape")
        await seen.until(lambda: not seen.app.dashboard.filter.wrong, "no error")


async def test_a_filter_follows_what_happens(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("slash", *"status:queued", "enter")
        await seen.until(lambda: seen.app.dashboard.list.window.total == 3, "the queued")
        await busy_night.submit("one more", lane="gpu")
        await seen.until(lambda: "one more" in seen.section(Group.QUEUED), "the new one")
        await seen.until(lambda: seen.app.dashboard.list.window.total == 4, "one more in all")


async def test_an_action_goes_to_all_marked(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("update changelog")
        await seen.press("space", "space")
        assert len(seen.app.dashboard.targets) == 2
        await seen.until(lambda: seen.shows("2 marked"), "the footer")
        await seen.press_undoable("h")
        held = [row for row in seen.app.dashboard.list.window.rows() if row.lane == "gpu"]
        for row in held:
            await busy_night.until(row.id, lambda now: now.held)
        await seen.press("z")
        for row in held:
            await busy_night.until(row.id, lambda now: not now.held)


async def test_marks_by_range_all_and_inverted(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        marks = seen.app.dashboard.list.marks
        await seen.press("V", "j", "j")
        assert len(marks) == 3
        await seen.press("escape", "asterisk")
        await seen.until(lambda: len(marks) == 11, "all")
        await seen.press("escape", "space", "tilde")
        await seen.until(lambda: len(marks) == 10, "all but one")


async def test_archive_hides_at_once_and_z_brings_it_back(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("bump deps")
        await seen.press_undoable("d")
        await seen.until(lambda: "bump deps" not in seen.section(Group.FINISHED), "it is gone")
        await seen.press("z")
        await seen.until(lambda: "bump deps" in seen.section(Group.FINISHED), "it is back")


async def test_allow_lets_the_task_go_on(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        chosen = seen.app.dashboard.selected
        assert chosen is not None
        await seen.press("a")
        await busy_night.until(chosen.id, lambda row: row.attention == "none")
        await seen.until(lambda: "fix flaky login test" in seen.section(Group.RUNNING), "it runs on")


async def test_an_action_that_does_not_fit_says_why(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("r")
        await seen.until(lambda: seen.shows("has ended"), "the reason")


async def test_w_goes_round_those_that_need_somebody(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("G", "w")
        await seen.until(lambda: seen.title == "fix flaky login test", "the first")
        await seen.press("w")
        await seen.until(lambda: seen.title == "refactor settings", "the second")


async def test_the_footer_holds_what_fits_the_task(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        footer = seen.app.dashboard.query_one(Footer)
        await seen.until(lambda: "Allow" in footer.render_line(0).text, "allow for one that asks")
        await seen.go_to("bump deps")
        await seen.until(lambda: "Retry" in footer.render_line(0).text, "retry for a finished one")
        assert "Allow" not in footer.render_line(0).text
        await seen.press("slash")
        await seen.until(lambda: "Clear" in footer.render_line(0).text, "the keys of the filter")


async def test_enter_on_a_narrow_screen_opens_the_detail(busy_night: Night) -> None:
    async with desk(busy_night, (80, 24)) as seen:
        await seen.press("enter")
        await seen.until(lambda: isinstance(seen.app.screen, DetailScreen), "the detail screen")
        await seen.press("q")
        await seen.until(lambda: seen.app.screen is seen.app.dashboard, "back")


async def test_enter_beside_it_moves_the_focus(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("enter")
        await seen.until(lambda: "detail" in seen.app.dashboard.contexts, "the focus")
        await seen.press("escape")
        await seen.until(lambda: "list" in seen.app.dashboard.contexts, "back in the list")


async def test_below_the_least_size_there_is_a_notice(busy_night: Night) -> None:
    async with desk(busy_night, (48, 12)) as seen:
        await seen.until(lambda: seen.shows("tasktui needs 60×15 (now 48×12)."), "the notice")
        await seen.until(lambda: seen.shows("! 2 need you"), "the counts")


async def test_without_tasks_it_says_what_to_do(quiet_night: Night) -> None:
    async with desk(quiet_night) as seen:
        await seen.until(lambda: seen.shows("Nothing here yet."), "the empty state")


async def test_a_manager_that_goes_is_looked_for_again(busy_night: Night) -> None:
    tries = 0

    async def connect() -> Any:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OwnerError("Nobody answers.")
        return busy_night.manager

    app = TasktuiApp(connect, now=busy_night.clock.now)
    async with app.run_test(size=SIZE):
        await eventually(lambda: bool(app.dashboard.query("Banner.-shown")), "the banner")
        await eventually(lambda: app.dashboard.list.window.total == 11, "the list")
        await eventually(lambda: not app.dashboard.query("Banner.-shown"), "no banner")


@pytest.mark.parametrize("where", ["render_line", "action_list_down"])
async def test_a_widget_that_raises_is_started_again(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fails(*given: object) -> None:
        monkeypatch.undo()
        raise ZeroDivisionError("a widget's mistake")

    async with desk(busy_night) as seen:
        before = seen.app.dashboard
        running = (await busy_night.manager.counts()).of(Status.RUNNING)
        monkeypatch.setattr(type(before.list), where, fails)
        before.list.refresh()
        await seen.pilot.press("j")
        await seen.until(lambda: seen.app.dashboard is not before, "another dashboard")
        await seen.until(lambda: is_read(seen.app, 11) and bool(seen.title), "its list")
        await seen.until(lambda: seen.shows("a widget's mistake"), "the banner")
        assert (await busy_night.manager.counts()).of(Status.RUNNING) == running
        chosen = seen.title
        await seen.press("j")
        assert seen.title != chosen


async def test_leaving_with_nothing_to_do_ends_the_app(quiet_night: Night) -> None:
    async with desk(quiet_night) as seen:
        await seen.press("q")
        await seen.until(lambda: seen.app.return_value == "detach", "it ends")


def test_a_wrong_keymap_or_theme_is_refused() -> None:
    async def connect() -> Any:
        await asyncio.Event().wait()

    with pytest.raises(ConfigError, match="cancle"):
        TasktuiApp(connect, keymap={"task.cancle": "x"})
    with pytest.raises(ConfigError, match="purple"):
        TasktuiApp(connect, theme="purple")


@pytest.mark.feature(62)
async def test_x_and_x_again_cancels(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("nightly index rebuild")
        await seen.press("x")
        await seen.until(lambda: seen.app.screen is not seen.app.dashboard, "the dialog")
        await seen.press("x")
        await seen.until(lambda: "nightly index rebuild" in seen.section(Group.FINISHED), "it is canceled")


async def test_a_status_is_chosen_from_a_menu(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("f")
        await seen.until(lambda: seen.app.screen is not seen.app.dashboard, "the menu")
        await seen.press("down", "down", "enter")
        await seen.until(lambda: seen.app.dashboard.list.window.total == 4, "the running")
        assert seen.app.dashboard.filter.text == "status:active"


async def test_an_action_from_the_palette_runs_where_it_belongs(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.until(lambda: seen.app.dashboard.query_one(DetailPane).page is not None, "the pane")
        await seen.app.run_key(BY_ID["list.bottom"])
        await seen.until(lambda: seen.title == "try other cache", "the last one")
        await seen.app.run_key(BY_ID["tab.4"])
        await seen.until(lambda: seen.app.dashboard.query_one(DetailPane).tab == 4, "the output tab")


async def test_the_headline_says_once_that_a_task_is_done(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("bump deps")
        headline = seen.app.dashboard.query_one(Headline)
        await seen.until(lambda: "done" in str(headline.render()), "the headline")
        assert str(headline.render()).count("done") == 1


async def test_who_makes_a_task_comes_to_it(busy_night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasktui.ui.widgets.task_list.EXPECTED_S", 60.0)
    async with desk(busy_night) as seen:
        await seen.press("n", *"./bump", "ctrl+j")
        await seen.until(lambda: seen.shows("Queued: ./bump"), "it is queued")
        await seen.until(lambda: seen.title == "./bump", "the cursor is there")
        selected = seen.app.dashboard.selected
        assert selected is not None
        await busy_night.until(selected.id, lambda row: row.finished_at is not None)
        await seen.until(lambda: "./bump" in seen.section(Group.FINISHED), "the row follows")
        assert seen.title == "./bump"


@pytest.mark.parametrize("meanwhile", ["j", "t", "/", "late"])
async def test_who_does_something_else_meanwhile_stays_where_they_are(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """A key for the task that is seen must not come to another one."""
    async with desk(busy_night) as seen:
        await seen.go_to("bump deps")
        listed = seen.app.dashboard.list
        work = {"kind": "shell", "command": "./bump.sh"}
        spec = TaskSpec.model_validate({"work": work, "name": "made meanwhile"})
        if meanwhile == "late":
            monkeypatch.setattr("tasktui.ui.widgets.task_list.EXPECTED_S", 0.0)
        listed.expect("task_late")
        if meanwhile != "late":
            await seen.press(meanwhile)
        await busy_night.manager.submit(spec, task_id="task_late")
        await seen.until(lambda: listed.window.line_of("task_late") is not None, "it is listed")
        await seen.pilot.pause()
        assert seen.title == ("unit tests" if meanwhile == "j" else "bump deps")


async def test_what_is_told_while_the_app_ends_is_told_to_nobody(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        app = seen.app
    app.changed(ChangeSet(reread=True))
    app.found_again(busy_night.manager)
    app.disconnected("It has gone.")
    app.connected(busy_night.manager, Interest())
    assert app.manager is None


async def test_nobody_is_asked_what_becomes_of_work_that_ends_anyway(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        seen.app.last_word = "cancel"
        await seen.press("q")
        await seen.until(lambda: seen.app.return_value == "cancel", "it is left")


async def test_a_question_is_announced_once(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        assert not seen.app._notifications
        await busy_night.submit("refactor settings")
        await seen.until(lambda: len(seen.app._notifications) == 1, "the toast")
        await seen.until(lambda: seen.shows("has a question"), "its words")


async def test_a_toast_names_the_key_that_the_person_has(busy_night: Night) -> None:
    async with desk(busy_night, keymap={"attention.next": "ctrl+y"}) as seen:
        await busy_night.submit("refactor settings")
        await seen.until(lambda: seen.shows("^y goes there"), "its key")


async def test_a_question_that_a_page_brought_before_it_was_told_is_announced(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        listed = seen.app.dashboard.list
        running = next(row for row in listed.window.rows() if row.group is Group.RUNNING)
        asks = running._replace(attention=Attention.INPUT, attention_id="asked")
        listed.window.apply(asks)
        listed.post_message(TaskList.Listed(1, 1))
        await seen.pilot.pause()
        seen.app.changed(ChangeSet(rows=(asks,)))
        await seen.until(lambda: len(seen.app._notifications) == 1, "the toast")


async def test_a_click_goes_to_a_row(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.pilot.click("TaskList", offset=(10, 4))
        await seen.until(lambda: seen.title == "run integration suite", "the row")


async def test_the_footer_can_be_clicked(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        footer = seen.app.dashboard.query_one(Footer)
        # once it holds what fits the task, its keys stay where they are
        await seen.until(lambda: "Allow" in footer.render_line(0).text, "the keys of the task")
        await seen.pilot.click("#footer", offset=(footer.render_line(0).text.index("Filter"), 0))
        await seen.until(lambda: "filter" in seen.app.dashboard.contexts, "the filter")


async def test_a_narrow_screen_that_grows_shows_three_columns(busy_night: Night) -> None:
    async with desk(busy_night, (80, 24)) as seen:
        assert not seen.app.dashboard.query_one("#context-place").display
        await seen.pilot.resize_terminal(200, 50)
        await seen.until(
            lambda: bool(seen.app.dashboard.query_one("#context-place").display), "the third column"
        )
        await seen.until(lambda: seen.shows("find the cause"), "the checklist in it")
