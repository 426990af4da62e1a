"""The long view: a few screens in memory, following, cursor, search, copying, wrapping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
from textual.app import App, ComposeResult

from tasktui.ui.messages import CopyRequested
from tasktui.ui.styles import sheets
from tasktui.ui.widgets.detail.line import Line, line
from tasktui.ui.widgets.detail.line_view import LineView
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value
from tests.ui.detail_desk import says, shown, until_says
from tests.ui.night import eventually


class Numbers(PlainSource):
    """Items that are their own numbers; every tenth opens, every seventh is an error."""

    def __init__(self, count: int) -> None:
        self.stop = count
        self.reads: list[tuple[int, int]] = []

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        self.reads.append((first, stop))
        return {item: item for item in range(first, min(stop, self.stop))}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        more = [line((f"  more about {value}", "muted"))] * 3 if expanded else []
        stamp = "12:00 " if look.times else ""
        raw = "raw " if look.raw else ""
        return [line((f"{stamp}{raw}item {value}", "plain"), (" word" * 30, "muted")), *more]

    def opens(self, value: Value) -> bool:
        return isinstance(value, int) and value % 10 == 0

    def is_error(self, value: Value) -> bool:
        return isinstance(value, int) and value % 7 == 0

    def is_tool(self, value: Value) -> bool:
        return isinstance(value, int) and value % 10 == 0

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        yield [Match(item) for item in range(self.stop) if text in f"item {item}"]

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        return f"item {value}", "the item"


class Ageing(Numbers):
    """Items that grow older; answers come when the test lets them, as old as their questions."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.age = 0
        self.on_the_way: list[asyncio.Event] = []

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        age, comes = self.age, asyncio.Event()
        self.on_the_way.append(comes)
        await comes.wait()
        return {item: 1000 * age + item for item in await super().load(first, stop)}

    async def arrive(self, app: App[None]) -> None:
        """Let all answers come, the newest first."""
        while any(work.group == "fill" for work in app.workers):
            for comes in reversed(self.on_the_way):
                comes.set()
                await asyncio.sleep(0.02)


class ViewApp(App[None]):
    CSS_PATH = sheets("app", "detail")

    def __init__(self, count: int, *, points: bool = True) -> None:
        super().__init__()
        self.source = Numbers(count)
        self.points = points
        self.copied: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield LineView(points=self.points)

    def on_mount(self) -> None:
        self.view.attach(self.source)
        self.view.focus()

    def on_copy_requested(self, request: CopyRequested) -> None:
        self.copied.append((request.text, request.what))

    @property
    def view(self) -> LineView:
        return self.query_one(LineView)


def top_line(app: ViewApp) -> str:
    return shown(app)[0]


async def at_item(app: ViewApp, item: int) -> None:
    await eventually(lambda: app.view.cursor == item, f"the cursor at {item}")


async def test_a_million_items_from_the_end_and_anywhere():
    app = ViewApp(1_000_000)
    async with app.run_test(size=(60, 20)) as pilot:
        await until_says(pilot, "item 999999")
        for place in (500_000, 3, 777_777):
            app.view.go_to(place)
            await until_says(pilot, f"item {place} ")
            assert app.view.window.loaded <= 20 * 8
        assert max(stop - first for first, stop in app.source.reads) <= 20 * 4
        assert len(app.source.reads) <= 8


async def test_following_pauses_when_somebody_goes_up_and_counts_what_comes():
    app = ViewApp(100)
    async with app.run_test(size=(60, 10)) as pilot:
        await until_says(pilot, "item 99")
        app.source.stop = 103
        app.view.grow({100: 100, 101: 101, 102: 102})
        await until_says(pilot, "item 102")
        await pilot.press("k")
        assert not app.view.following
        before = shown(app)
        app.source.stop = 110
        app.view.grow({item: item for item in range(103, 110)})
        await pilot.pause()
        assert app.view.unseen == 7
        assert shown(app)[:8] == before[:8]
        await pilot.press("G")
        await until_says(pilot, "item 109")
        assert app.view.following
        assert app.view.unseen == 0


async def test_scrolling_by_wheel_pauses_and_the_end_resumes():
    app = ViewApp(100)
    async with app.run_test(size=(60, 10)) as pilot:
        await until_says(pilot, "item 99")
        app.view.scroll_to(y=20, animate=False)
        await until_says(pilot, "item 20")
        assert not app.view.following
        await pilot.press("f")
        await until_says(pilot, "item 99")


async def test_the_cursor_moves_by_items_and_expands_them():
    app = ViewApp(100)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("g")
        await until_says(pilot, "item 0 ")
        assert shown(app)[0].startswith("▌")
        await pilot.press("enter")
        await until_says(pilot, "more about 0")
        await pilot.press("j")
        await at_item(app, 1)
        assert shown(app)[4].startswith("▌")
        await pilot.press("=")
        await pilot.press("_")
        await pilot.pause()
        assert not says(app, "more about")
        await pilot.press("}")
        await at_item(app, 10)
        await pilot.press(")")
        await at_item(app, 14)
        await pilot.press("(")
        await at_item(app, 7)
        await pilot.press("{")
        await at_item(app, 0)


async def test_expanding_keeps_the_place_of_what_is_above():
    app = ViewApp(1000)
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.go_to(500)
        await until_says(pilot, "item 500")
        await pilot.press("=")
        await until_says(pilot, "more about 500")
        await at_item(app, 500)
        app.view.go_to(505)
        await pilot.pause()
        first = top_line(app)
        app.view.redraw({490: 490})
        await pilot.pause()
        assert top_line(app) == first


async def test_search_marks_counts_and_goes_round():
    app = ViewApp(5000)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("g")
        app.view.search("item 49")
        await eventually(lambda: app.view.search_words() == "1/111")
        await until_says(pilot, "item 49 ")
        await at_item(app, 49)
        await pilot.press("n")
        await at_item(app, 490)
        await pilot.press("N")
        await pilot.press("N")
        await at_item(app, 4999)
        await eventually(lambda: app.view.search_words() == "111/111")
        app.view.search("no such thing")
        await eventually(lambda: app.view.search_words() == "no match")
        app.view.search("")
        assert app.view.query_text == ""


async def test_copy_takes_the_item_or_the_lines_between_mark_and_cursor():
    app = ViewApp(1000)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("g")
        await until_says(pilot, "item 0 ")
        await pilot.press("y")
        await eventually(lambda: app.copied == [("item 0", "the item")])
        await pilot.press("v", "space", *["j"] * 40, "y")
        await eventually(lambda: len(app.copied) == 2)
        text, what = app.copied[1]
        assert what == "41 lines"
        assert text.split("\n")[40].startswith("12:00 item 40 word")
        assert not app.view.copying
        await pilot.press("v", "escape")
        assert not app.view.copying


async def test_without_a_cursor_keys_scroll_and_copy_takes_the_screen():
    app = ViewApp(1000, points=False)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("g")
        await until_says(pilot, "item 0 ")
        await pilot.press("j", "j")
        await until_says(pilot, "item 2 ")
        assert top_line(app).startswith(" 12:00 item 2")
        await pilot.press("y")
        await eventually(lambda: bool(app.copied))
        assert app.copied[0][1] == "10 lines"


async def test_wrap_times_and_raw_change_the_look_and_keep_the_place():
    app = ViewApp(1000)
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.go_to(300)
        await until_says(pilot, "item 300")
        await pilot.press("W")
        await until_says(pilot, "item 300")
        await eventually(lambda: any(text.strip().startswith("word word") for text in shown(app)))
        await pilot.press("ctrl+t")
        await eventually(lambda: not says(app, "12:00"))
        await pilot.press("ctrl+r")
        await until_says(pilot, "raw item 300")


async def test_a_resize_keeps_the_item_at_the_top():
    app = ViewApp(1000)
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.go_to(300)
        await until_says(pilot, "item 300")
        first = top_line(app).split("item ")[1].split()[0]
        await pilot.resize_terminal(90, 12)
        await eventually(lambda: len(shown(app)) == 12 and f"item {first} " in top_line(app))


async def test_a_click_points_and_a_second_one_expands():
    app = ViewApp(100)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("g")
        await until_says(pilot, "item 10 ")
        await pilot.click(LineView, offset=(5, 10))
        await at_item(app, 10)
        await pilot.click(LineView, offset=(5, 10))
        await until_says(pilot, "more about 10")


async def test_the_end_stays_in_sight_when_the_screen_becomes_lower():
    app = ViewApp(100)
    async with app.run_test(size=(60, 20)) as pilot:
        await until_says(pilot, "item 99")
        await pilot.resize_terminal(60, 8)
        await until_says(pilot, "item 99")


@pytest.mark.parametrize("told", [False, True])
async def test_what_is_older_does_not_take_the_place_of_what_is_newer(told: bool) -> None:
    """Whether that was read, too, or told while it was read."""
    app = ViewApp(20)
    async with app.run_test(size=(60, 10)):
        source = Ageing(20)
        app.view.attach(source)
        await eventually(lambda: len(source.on_the_way) == 1, "the first reading")
        await source.arrive(app)
        source.age = 1
        app.view.reread()
        await eventually(lambda: len(source.on_the_way) == 2, "the second one")
        source.age = 2
        if told:
            app.view.redraw({item: 2000 + item for item in range(20)})
        else:
            app.view.reread()
        await asyncio.sleep(0.05)
        await source.arrive(app)
        assert app.view.window.value(19) == 2019
