"""What the settings say is what the screen does: ASCII, safe mode, saved filters, a notice read once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot

from tasktui.ui.app import TasktuiApp
from tasktui.ui.keymap import chosen
from tasktui.ui.screens.answer_dialog import AnswerDialog
from tasktui.ui.screens.cancel_dialog import CancelDialog
from tasktui.ui.screens.help_dialog import HelpDialog
from tasktui.ui.screens.menu_dialog import MenuDialog
from tasktui.ui.widgets.banner import Banner
from tests.ui.night import Night, eventually
from tests.ui.test_dashboard import is_read

SIZE = (120, 35)
SAVED = {"mine": "status:queued", "broken": "status:nonsense"}


@asynccontextmanager
async def opened(night: Night, **settings: Any) -> AsyncIterator[tuple[TasktuiApp, Pilot[Any]]]:
    app = TasktuiApp(night.connect, now=night.clock.now, **settings)
    async with app.run_test(size=SIZE) as pilot:
        total = (await night.manager.counts()).total
        await eventually(lambda: app.manager is not None and is_read(app, total), "the list")
        await eventually(lambda: "allow once" in screen_text(app), "the question of the first task")
        await eventually(lambda: "run by" in screen_text(app), "who runs the tasks")
        yield app, pilot


def screen_text(app: TasktuiApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def titles(app: TasktuiApp) -> set[str]:
    return {row.title for row in app.dashboard.list.window.rows()}


async def test_in_ascii_no_other_glyph_reaches_the_terminal(busy_night: Night) -> None:
    async with opened(busy_night, glyphs="ascii") as (app, pilot):
        for keys in ((), ("2",), ("3",), ("7",), ("question_mark",), ("escape", "x")):
            await pilot.press(*keys)
            await pilot.pause()
            shown = screen_text(app)
            assert re.findall(r"[^\x00-\x7f]", shown) == [], keys
        assert isinstance(app.screen, CancelDialog)


async def test_every_status_has_its_twin_where_the_glyph_stood(busy_night: Night) -> None:
    async with opened(busy_night, glyphs="ascii") as (app, _):
        lines = screen_text(app).split("\n")
        for twin, title, word in (
            ("+", "bump deps", "done"),
            ("x", "unit tests", "exit 1"),
            ("=", "publish", "held"),
        ):
            line = next(line for line in lines if title in line)
            assert re.search(rf"{re.escape(twin)} .*{title}.* {word}", line), line
        assert any(line.startswith("+- Tasks ---") for line in lines)
        assert {len(line) for line in lines} == {SIZE[0]}


async def test_in_safe_mode_lowercase_letters_do_nothing_to_tasks(busy_night: Night) -> None:
    async with opened(busy_night, keymap=chosen({}, safe_mode=True)) as (app, pilot):
        waiting = (await busy_night.manager.counts()).needs_you
        await pilot.press(*"xxhrdiauzn")
        await pilot.pause()
        assert app.screen is app.dashboard
        assert app.focused is app.dashboard.list
        assert (await busy_night.manager.counts()).needs_you == waiting
        await pilot.press("X")
        await eventually(lambda: isinstance(app.screen, CancelDialog), "the dialog")
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(app.screen, CancelDialog), "neither does the old key confirm"


async def test_safe_mode_is_in_footer_help_palette_and_dialogs(busy_night: Night) -> None:
    async with opened(busy_night, keymap=chosen({}, safe_mode=True)) as (app, pilot):
        await eventually(lambda: " X Cancel" in screen_text(app).split("\n")[-1], "the footer")
        assert "[A] allow once  [^y] for this task  [U] deny" in screen_text(app)
        await pilot.press("question_mark")
        await eventually(lambda: isinstance(app.screen, HelpDialog), "help")
        await pilot.pause()
        assert re.search(r"\*X +Cancel the task", screen_text(app))
        await pilot.press("escape", "colon", *"cancel")
        await eventually(
            lambda: (
                isinstance(app.screen, CommandPalette)
                and any(
                    "X · Act" in str(option.prompt) for option in app.screen.query_one(CommandList).options
                )
            ),
            "the palette",
        )


async def test_in_safe_mode_a_stray_y_or_n_answers_no_question(busy_night: Night) -> None:
    async with opened(busy_night, keymap=chosen({}, safe_mode=True)) as (app, pilot):
        waiting = (await busy_night.manager.counts()).needs_you
        await pilot.press("ctrl+k")
        await eventually(lambda: isinstance(app.screen, AnswerDialog), "the dialog")
        await pilot.press("escape")
        await pilot.pause()
        assert (await busy_night.manager.counts()).needs_you == waiting


async def test_a_saved_filter_is_typed_by_its_name(busy_night: Night) -> None:
    async with opened(busy_night, filters=SAVED) as (app, pilot):
        await pilot.press("slash", *"@mine", "enter")
        queued = {"port parser to rust", "update changelog", "publish the docs"}
        await eventually(lambda: titles(app) == queued, "the queued")
        await pilot.press("slash", *" port")
        await eventually(lambda: titles(app) == {"port parser to rust"}, "both filters")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("@mini", "did you mean @mine?"),
        ("@broken", "no such status: nonsense"),
        ("!@mine", "cannot be turned"),
    ],
)
async def test_a_wrong_name_is_said(busy_night: Night, typed: str, said: str) -> None:
    async with opened(busy_night, filters=SAVED) as (app, pilot):
        await pilot.press("slash", *typed)
        await eventually(lambda: said in screen_text(app), said)
        assert app.dashboard.filter.wrong


async def test_saved_filters_are_in_the_menu_and_in_the_palette(busy_night: Night) -> None:
    async with opened(busy_night, filters=SAVED) as (app, pilot):
        await pilot.press("f")
        await eventually(lambda: isinstance(app.screen, MenuDialog), "the menu")
        await pilot.pause()
        assert re.search(r"mine +status:queued", screen_text(app))
        await pilot.press("escape", "colon", *"show: mine")
        await eventually(
            lambda: (
                isinstance(app.screen, CommandPalette)
                and app.screen.query_one(CommandList).option_count > 0
                and str(app.screen.query_one(CommandList).get_option_at_index(0).prompt).startswith(
                    "Show: mine"
                )
            ),
            "the palette",
        )
        await pilot.press("enter")
        await eventually(lambda: len(titles(app)) == 3, "the queued")
        assert app.dashboard.filter.text == "@mine"


class Told:
    """A notice in memory."""

    def __init__(self, sentence: str | None) -> None:
        self.sentence = sentence

    def unread(self) -> str | None:
        return self.sentence

    def was_read(self) -> None:
        self.sentence = None


async def test_a_notice_stays_until_it_is_read(busy_night: Night) -> None:
    notice = Told("The database was damaged.")
    async with opened(busy_night, notice=notice) as (app, pilot):
        await eventually(lambda: "The database was damaged. (esc: read)" in screen_text(app), "the notice")
        await pilot.press("j", "k")
        assert app.dashboard.query_one(Banner).shown
        await pilot.press("escape")
        await eventually(lambda: notice.sentence is None, "read")
        await eventually(lambda: "damaged" not in screen_text(app), "no notice")


async def test_a_click_reads_it_too(busy_night: Night) -> None:
    notice = Told("The database was damaged.")
    async with opened(busy_night, notice=notice) as (app, pilot):
        await eventually(lambda: app.dashboard.query_one(Banner).shown, "the notice")
        await pilot.pause()
        await pilot.click(Banner)
        await eventually(lambda: notice.sentence is None, "read")


@pytest.mark.parametrize("level", ["none", "basic", "full"])
async def test_animation_is_the_apps(busy_night: Night, level: str) -> None:
    async with opened(busy_night, animation=level) as (app, _):
        assert app.animation_level == level
