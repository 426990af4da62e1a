"""Pictures of the pane: every tab at the sizes that people have, and the states that matter."""

from __future__ import annotations

import time

import pytest
from textual.pilot import Pilot

from tests.ui.detail_desk import PaneApp, desk, until_says
from tests.ui.test_detail_artifacts import with_files

SIZES = ((80, 24), (120, 35), (200, 50))
NAMES = ("Timeline", "Tools", "Messages", "Output", "Artifacts", "Checks", "Info")
READY = {1: "approval", 2: "3.4s", 3: "What I found", 4: "line 0299", 6: "suite green", 7: "running for"}


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def table(own_home):
    async with desk(own_home) as made:
        yield made


async def pane(table, name: str = "fix the login test") -> PaneApp:
    task_id = await table.run(name)
    return PaneApp(table.manager, task_id)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("tab", sorted(READY), ids=lambda tab: NAMES[tab - 1])
async def test_tab(table, snap_compare, tab, size):
    """One tab of a task that waits for an approval: headline, tabs with counts, content, question, status."""

    async def opened(pilot: Pilot[None]) -> None:
        pilot.app.view.focus()
        await pilot.press(str(tab))
        await until_says(pilot, READY[tab], "allow once")

    assert await snap_compare(await pane(table), size=size, before=opened)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_artifacts(table, snap_compare, size):
    """The list of files beside (or above) a Markdown file laid out."""
    app = PaneApp(table.manager, await with_files(table))

    async def opened(pilot: Pilot[None]) -> None:
        await until_says(pilot, "Keep the old names?")
        pilot.app.view.focus()
        await pilot.press("5")
        await until_says(pilot, "the clock leaks")

    assert await snap_compare(app, size=size, before=opened)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("kind", ["approval", "question", "edit"])
async def test_answer(table, snap_compare, kind, size):
    """The dialog: what is asked, since when, the context, the options by number, buttons that all fit."""
    names = {"approval": "fix the login test", "question": "ask me", "edit": "ask for an edit"}
    app = await pane(table, names[kind])

    async def opened(pilot: Pilot[None]) -> None:
        await until_says(pilot, "waits for you")
        pilot.app.pane.ask()
        await until_says(pilot, "esc Later")

    assert await snap_compare(app, size=size, before=opened)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_calls_of_a_helper(table, snap_compare, size):
    """Calls under the one that made them, expanded; the diff has numbers, and two sides where it is wide."""

    async def opened(pilot: Pilot[None]) -> None:
        await until_says(pilot, "Timeline" if size[0] > 80 else "Time")
        pilot.app.view.focus()
        await pilot.press("2")
        await until_says(pilot, "2.4s")
        await pilot.press("=")
        await until_says(pilot, "now = clock.now()", "12 hits")

    assert await snap_compare(await pane(table, "call a helper"), size=size, before=opened)


async def test_expanded_tools_with_a_diff(table, snap_compare):
    """Two calls expanded: input, output, a diff in colours."""

    async def opened(pilot: Pilot[None]) -> None:
        pilot.app.view.focus()
        await pilot.press("2")
        await until_says(pilot, "3.4s")
        await pilot.press("=")
        await until_says(pilot, "now = clock.now()", "1 failed, 11 passed")

    assert await snap_compare(await pane(table), size=(120, 35), before=opened)


@pytest.mark.parametrize(
    ("theme", "size"),
    [("textual-dark", size) for size in SIZES] + [("textual-light", (120, 35)), ("ansi-dark", (120, 35))],
    ids=lambda given: given if isinstance(given, str) else f"{given[0]}x{given[1]}",
)
async def test_tools_by_kind(table, snap_compare, theme, size):
    """Each kind its sign, word and summary; the edit open: code in colours, changes legible in each theme."""

    async def opened(pilot: Pilot[None]) -> None:
        await until_says(pilot, "Time")
        pilot.app.view.focus()
        await pilot.press("2")
        await until_says(pilot, "+4 −2", "update_plan" if size[0] > 100 else "freeze, then")
        await pilot.press("enter")
        await until_says(pilot, "say in which zone")
        await pilot.press("k", "enter")
        await until_says(pilot, "exit code 0")

    app = await pane(table, "edit code")
    app.theme = theme
    assert await snap_compare(app, size=size, before=opened)


async def test_search(table, snap_compare):
    """Every match marked, the count and the keys in the last line."""

    async def opened(pilot: Pilot[None]) -> None:
        await until_says(pilot, "allow once")
        pilot.app.view.focus()
        await pilot.press("g", "slash", *"login", "enter")
        await until_says(pilot, "1/10")

    assert await snap_compare(await pane(table), size=(80, 24), before=opened)


async def test_a_message_is_written(table, snap_compare):
    """The bar at the bottom: the text, the button, what sending will do."""

    async def opened(pilot: Pilot[None]) -> None:
        await until_says(pilot, "allow once")
        pilot.app.view.focus()
        await pilot.press("i", *"use freezegun")
        await until_says(pilot, "use freezegun", "steer: joins after the running tool")
        pilot.app.pane.query_one("TextArea").cursor_blink = False

    assert await snap_compare(await pane(table), size=(80, 24), before=opened)


async def test_no_task(table, snap_compare):
    """Nothing is chosen: the pane says so and is otherwise empty."""
    assert await snap_compare(PaneApp(table.manager, None), size=(80, 24))
