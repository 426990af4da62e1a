"""The queue by its keys: what each task waits for, pauses, places, changes, lanes and schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from tasktui.domain.status import Status
from tasktui.ui.screens.edit_dialog import EditDialog
from tasktui.ui.screens.line_dialog import LineDialog
from tasktui.ui.screens.menu_dialog import MenuDialog
from tasktui.ui.widgets.form_field import FormField
from tests.ui.queue_night import LANE, fill_queue
from tests.ui.test_dashboard import Desk, desk

if TYPE_CHECKING:
    from tests.ui.night import Night

WIDE = (200, 50)

WAITING = {"package the app", "deploy to staging", "upload the app"}
"""Tasks of one lane and priority."""


def line_of(lines: list[str], title: str) -> str:
    return next((line for line in lines if title in line), "")


def put(seen: Desk, field: str, text: str) -> None:
    entry = seen.app.screen.query_one(f"#field-{field}", FormField).entry
    assert isinstance(entry, Input)
    entry.value = text


WHY = {
    "package the app": "#1 in build",
    "deploy to staging": "#2 in build",
    "upload the app": "blocked by 2: package",
    "deploy to production": "in line behind deploy",
    "nightly backup": "at 22:26",
    "ask Ann first": "held until 23:26: lunch",
    "update changelog": "lane gpu is paused",
    "nightly index rebuild": "paused ▓▓▓░░░░░ 41%",
}


async def test_a_row_says_what_its_task_waits_for(busy_night: Night) -> None:
    await fill_queue(busy_night)
    async with desk(busy_night, size=WIDE) as seen:
        for title, why in WHY.items():
            await seen.until(
                lambda title=title, why=why: why in line_of(seen.lines(), title),  # type: ignore[misc]  # of this turn
                f"{title}: {why}",
            )


async def test_what_is_waited_for_follows_what_happens(busy_night: Night) -> None:
    ids = await fill_queue(busy_night)
    async with desk(busy_night, size=WIDE) as seen:
        await seen.until(lambda: "#1 in build" in line_of(seen.lines(), "package the app"), "its place")
        await busy_night.manager.reorder(ids["package the app"], "last")
        await seen.until(lambda: "#2 in build" in line_of(seen.lines(), "package the app"), "its new place")
        await busy_night.manager.set_lane(LANE, paused=True)
        await busy_night.manager.cancel(ids["update changelog"])
        await seen.until(lambda: "is paused" in line_of(seen.lines(), "package the app"), "the paused lane")


async def test_p_pauses_and_p_again_lets_it_go_on(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("nightly index rebuild")
        row = seen.app.dashboard.selected
        assert row is not None
        await seen.press("p")
        await busy_night.until(row.id, lambda now: now.paused_at is not None)
        await seen.until(lambda: seen.shows("‖ paused"), "the headline")

        def is_paused() -> bool:
            selected = seen.app.dashboard.selected
            return selected is not None and selected.paused_at is not None

        await seen.until(is_paused, "its row")
        await seen.press_undoable("p")
        await busy_night.until(row.id, lambda now: now.paused_at is None)
        await seen.press("z")
        await busy_night.until(row.id, lambda now: now.paused_at is not None)


async def test_p_is_for_what_runs(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("publish the docs")
        await seen.press("p")
        await seen.until(lambda: seen.shows("That is for a task that runs."), "the reason")


async def test_shift_j_and_k_move_it_and_z_moves_it_back(busy_night: Night) -> None:
    ids = await fill_queue(busy_night)

    async def before(one: str, other: str) -> bool:
        first, second = [await busy_night.row(ids[title]) for title in (one, other)]
        return first.position < second.position

    async with desk(busy_night) as seen:
        await seen.go_to("deploy to staging")
        for key, is_first in (("K", True), ("z", False), ("K", True), ("J", False)):
            staging = await busy_night.row(ids["upload the app"])
            await (seen.press if key == "z" else seen.press_undoable)(key)
            await busy_night.until(staging.id, lambda row, old=staging: row.position != old.position)
            assert await before("deploy to staging", "upload the app") is is_first


async def test_to_the_front_and_to_the_end_of_the_lane(busy_night: Night) -> None:
    ids = await fill_queue(busy_night)

    async def places() -> list[str]:
        rows = [await busy_night.row(task_id) for title, task_id in ids.items() if title in WAITING]
        return [row.title for row in sorted(rows, key=lambda row: row.position)]

    async with desk(busy_night) as seen:
        before = await places()
        await seen.go_to(before[1])
        for key, at in (("$", -1), ("^", 0)):
            row = await busy_night.row(ids[before[1]])
            await seen.press(key)
            await busy_night.until(row.id, lambda now, old=row: now.position != old.position)
            assert (await places())[at] == before[1]


async def test_e_changes_a_queued_task(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("update changelog")
        row = seen.app.dashboard.selected
        assert row is not None
        await seen.press("e")
        await seen.until(lambda: isinstance(seen.app.screen, EditDialog), "the form")
        put(seen, "cwd", "/")
        put(seen, "name", "write the changelog")
        await seen.press("ctrl+j")
        await busy_night.until(row.id, lambda now: now.title == "write the changelog")
        assert (await busy_night.row(row.id)).status is Status.QUEUED


async def test_a_refused_change_shows_the_form_again(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("update changelog")
        await seen.press("e")
        await seen.until(lambda: isinstance(seen.app.screen, EditDialog), "the form")
        put(seen, "cwd", "/")
        put(seen, "after", "task_nowhere")
        await seen.press("ctrl+j")
        await seen.until(lambda: seen.shows("✗ Not changed: It cannot wait for a task"), "why not")
        assert seen.app.screen.query_one("#field-after", FormField).value == "task_nowhere"


async def test_shift_l_asks_for_the_limit_of_its_lane(busy_night: Night) -> None:
    await fill_queue(busy_night)
    async with desk(busy_night) as seen:
        await seen.go_to("package the app")
        await seen.press("L")
        await seen.until(lambda: isinstance(seen.app.screen, LineDialog), "the question")
        await seen.until(lambda: seen.shows("Lane build"), "Lane build")
        await seen.until(lambda: seen.shows("Running now: 1, waiting: 4"), "Running now: 1, waiting: 4")
        await seen.press("0", "enter")
        await seen.until(
            lambda: seen.shows("A number from 1 to 10,000. To stop the lane, pause it."),
            "A number from 1 to 10,000. To stop the lane, pause it.",
        )
        seen.app.screen.query_one(Input).value = "9" * 5000
        await seen.press("enter")
        seen.app.screen.query_one(Input).value = "3"
        await seen.press("enter")
        await seen.until(lambda: seen.shows("Lane build: 3 at once"), "the toast")
    limits = {lane.lane: lane.limit for lane in await busy_night.manager.lanes()}
    assert limits[LANE] == 3


async def test_shift_p_pauses_the_lane(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("update changelog")
        await seen.press("P")
        await seen.until(lambda: seen.shows("Lane gpu: goes on"), "the toast")


async def test_shift_c_ends_a_recurrence_after_asking(busy_night: Night) -> None:
    ids = await fill_queue(busy_night)
    async with desk(busy_night) as seen:
        await seen.go_to("renew the certificates")
        for keys in (("escape",), ("enter",)):
            await seen.press("C")
            await seen.until(lambda: isinstance(seen.app.screen, MenuDialog), "the question")
            await seen.until(lambda: seen.shows("every 6h"), "when it fires")
            await seen.press(*keys)
            await seen.until(lambda: seen.app.screen is seen.app.dashboard, "the dashboard")
            assert len(await busy_night.manager.schedules()) == 1
        await seen.press("C")
        await seen.until(lambda: seen.shows("what runs goes on"), "the question")
        await seen.press("2")
        await seen.until(lambda: seen.shows("Recurs no more: renew the certificates"), "the toast")
        assert await busy_night.manager.schedules() == ()
        await seen.go_to("bump deps")
        await seen.press("C")
        await seen.until(lambda: seen.shows("That is for a task that recurs."), "the reason")
    assert ids["renew the certificates"]


async def test_the_figures_list_what_recurs(busy_night: Night) -> None:
    await fill_queue(busy_night)
    async with desk(busy_night) as seen:
        await seen.press("S")
        await seen.until(lambda: seen.shows("renew the certificates  every 6h"), "the schedule")
        await seen.until(lambda: seen.shows("03:26"), "03:26")


async def test_no_word_stands_under_the_scrollbar(busy_night: Night) -> None:
    await fill_queue(busy_night)
    async with desk(busy_night, size=(80, 24)) as seen:
        shown = seen.app.dashboard.list
        await seen.go_to("deploy to production")
        await seen.until(lambda: shown.show_vertical_scrollbar, "the scrollbar")
        await seen.until(lambda: any(line.endswith("…") for line in seen.lines()), "a cut word")
        await seen.until(
            lambda: max(map(len, seen.lines())) <= shown.scrollable_content_region.width, "room for the bar"
        )
