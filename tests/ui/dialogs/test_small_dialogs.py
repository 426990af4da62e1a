"""Cancel, leave, delete, menu, keys: what each answers to which key."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from textual.widgets import Button, OptionList, Static

from tasktui.domain.status import Status
from tasktui.ui.dialogs import Choice
from tasktui.ui.keymap import TABLE
from tasktui.ui.screens.cancel_dialog import CancelDialog
from tasktui.ui.screens.help_dialog import HelpDialog
from tasktui.ui.screens.menu_dialog import MenuDialog
from tasktui.ui.screens.modal import Modal
from tasktui.ui.screens.purge_dialog import PurgeDialog
from tasktui.ui.screens.quit_dialog import QuitDialog
from tests.ui.dialogs.asking import NOT_YET, Asking, answered, row

ONE = (row(1),)
SORTS = (
    Choice("created", "Newest first"),
    Choice("finished", "Ended last"),
    Choice("title", "Title", "a to z"),
)
DONE = tuple(row(number, Status.COMPLETED, finished_at=1) for number in range(12))
DIALOGS: tuple[partial[Modal[Any]], ...] = (
    partial(CancelDialog, ONE, False),
    partial(QuitDialog, 2),
    partial(PurgeDialog, DONE),
    partial(MenuDialog, "Sort by", SORTS, "title"),
    partial(HelpDialog, ("list", "everywhere")),
)


@pytest.mark.parametrize("make", DIALOGS)
async def test_esc_is_never_mind(make: partial[Modal[Any]]) -> None:
    assert await answered(make, "escape") is None


@pytest.mark.parametrize(
    ("force", "key", "answer"),
    [
        (False, "x", "ask"),
        (False, "y", "ask"),
        (False, "X", "force"),
        (False, "n", None),
        (False, "enter", None),
        (True, "X", "force"),
        (True, "y", "force"),
        (True, "x", "ask"),
        (True, "enter", None),
    ],
)
@pytest.mark.feature(62)
async def test_cancel_keys(force: bool, key: str, answer: str | None) -> None:
    assert await answered(partial(CancelDialog, ONE, force), key) == answer


async def test_cancel_by_the_persons_own_key() -> None:
    ask = partial(answered, partial(CancelDialog, ONE, False), keymap={"task.cancel": "c"})
    assert await ask("c") == "ask"
    assert await ask("x") is NOT_YET


@pytest.mark.parametrize(("moves", "answer"), [((), None), (("right",), "ask"), (("tab", "tab"), "force")])
async def test_cancel_buttons_by_keyboard(moves: tuple[str, ...], answer: str | None) -> None:
    assert await answered(partial(CancelDialog, ONE, False), *moves, "enter") == answer


async def test_cancel_by_mouse() -> None:
    app = Asking(partial(CancelDialog, ONE, False))
    async with app.run_test() as pilot:
        await pilot.click("#ask")
    assert app.answer == "ask"


async def test_a_dialog_is_left_once() -> None:
    app = Asking(partial(CancelDialog, ONE, False))
    async with app.run_test() as pilot:
        await pilot.pause()
        kill = app.screen.query_one("#force", Button)
        kill.press()
        kill.press()
        await pilot.press("X", "X")
        await pilot.pause()
        assert len(app.screen_stack) == 1
    assert app.answer == "force"


async def test_cancel_names_the_first_tasks_and_counts_the_rest() -> None:
    app = Asking(partial(CancelDialog, tuple(row(number) for number in range(1, 9)), False))
    async with app.run_test() as pilot:
        await pilot.pause()
        said = " ".join(str(line.content) for line in app.screen.query(Static))
        assert str(app.screen.query_one("#dialog").border_title) == "Cancel 8 tasks?"
    assert "suite 5" in said
    assert "suite 6" not in said
    assert "and 3 more" in said


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_the_buttons_are_always_in_sight(size: tuple[int, int]) -> None:
    app = Asking(partial(CancelDialog, tuple(row(number) for number in range(20)), False))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        shown = [button.region for button in app.screen.query(Button)]
    assert all(region.area and region.bottom <= size[1] and region.right <= size[0] for region in shown)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), "detach"),
        (("q",), "detach"),
        (("down", "q"), "detach"),
        (("w",), NOT_YET),
        (("w", "enter"), "wait"),
        (("x",), NOT_YET),
        (("x", "enter"), "cancel"),
        (("x", "b", "enter"), "detach"),
        (("j", "j", "k", "enter"), "wait"),
        (("up", "enter"), "cancel"),
    ],
)
async def test_quit_keys(keys: tuple[str, ...], answer: object) -> None:
    assert await answered(partial(QuitDialog, 4), *keys) == answer


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("1", "2", "enter"), True),
        (("enter",), NOT_YET),
        (("1", "3", "enter"), NOT_YET),
        (("1", "1", "enter", "backspace", "2", "enter"), True),
        (("a", "1", "2", "enter"), True),
        (("1", "tab", "tab", "enter"), NOT_YET),
        (("1", "2", "tab", "tab", "enter"), True),
        (("1", "2", "tab", "enter"), None),
    ],
)
async def test_purge_wants_the_number(keys: tuple[str, ...], answer: object) -> None:
    assert await answered(partial(PurgeDialog, DONE), *keys) is answer


async def test_purge_says_that_nothing_happened() -> None:
    app = Asking(partial(PurgeDialog, DONE))
    async with app.run_test() as pilot:
        await pilot.press("9", "enter")
        assert app.screen.query_one(".wrong").display
        await pilot.press("backspace")
        assert not app.screen.query_one(".wrong").display


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), "title"),
        (("1",), "created"),
        (("3",), "title"),
        (("4",), NOT_YET),
        (("up", "enter"), "finished"),
        ((*"last", "enter"), "finished"),
        ((*"lasz", "backspace", "t", "enter"), "finished"),
        ((*"last", "ctrl+u", "1"), "created"),
        ((*"a to", "enter"), "title"),
        ((*"zzz", "enter"), NOT_YET),
    ],
)
async def test_menu_keys(keys: tuple[str, ...], answer: object) -> None:
    pressed = ("space" if key == " " else key for key in keys)
    assert await answered(partial(MenuDialog, "Sort by", SORTS, "title"), *pressed) == answer


async def test_a_menu_shows_words_literally() -> None:
    app = Asking(partial(MenuDialog, "[red]", (Choice("a", "[bold]x[/bold]\x1b[2J"),), ""))
    async with app.run_test() as pilot:
        await pilot.pause()
        shown = str(app.screen.query_one(OptionList).get_option_at_index(0).prompt)
    assert "[bold]x[/bold]" in shown
    assert "\x1b" not in shown


async def test_help_has_every_key_of_the_place_and_marks_the_persons_own() -> None:
    app = Asking(partial(HelpDialog, ("list", "act"), {"task.cancel": "c"}))
    async with app.run_test(size=(120, 35)) as pilot:
        await pilot.pause()
        shown = "\n".join(str(column.content) for column in app.screen.query("Keys Static").results(Static))
    lines = shown.splitlines()
    here = {key.description for key in TABLE if key.context in {"list", "act"}}
    for description in {key.description for key in TABLE}:
        assert any(line.endswith(f"  {description}") for line in lines) == (description in here)
    assert any(line.startswith("*c ") for line in lines)
    assert "*" not in "".join(
        line[:1] for line in lines if "Cancel the task" not in line and "Mark all" not in line
    )


async def test_help_scrolls_by_the_keys_of_the_list() -> None:
    app = Asking(partial(HelpDialog, ("list", "act", "everywhere")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        keys = app.screen.query_one("Keys")
        assert keys.scroll_y == keys.max_scroll_y > 0
        await pilot.press("g", "j")
        await pilot.pause()
        assert keys.scroll_y == 1
        await pilot.press("question_mark")
    assert app.answer is None
