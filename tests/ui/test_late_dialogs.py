"""What comes later than a person waits for it takes nothing from what they do by then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasktui.domain.ports.executor import Capabilities
from tasktui.domain.query import EVERYTHING
from tasktui.domain.status import TERMINAL
from tasktui.ui import in_turn
from tasktui.ui.screens.quit_dialog import QuitDialog
from tests.ui.gated import Apart, Gated
from tests.ui.night import Night
from tests.ui.test_dashboard import Desk, desk
from tests.ui.test_talking import rests_on, types


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys wait but for a moment for what the one before them brings up."""
    monkeypatch.setattr(in_turn, "PATIENCE_S", 0.3)


async def given_up(seen: Desk) -> None:
    """Wait until keys no longer wait for what the last one brings up."""
    await seen.until(lambda: not seen.app._busy, "keys are taken again")


@pytest.mark.parametrize(("key", "verb"), [("q", "busy"), ("N", "get"), ("L", "lanes")])
async def test_a_dialog_that_comes_late_takes_no_keys_from_who_types(
    busy_night: Night, key: str, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a message, `x` and `enter` would have canceled everything in the dialog that asks how to leave."""
    gated = Gated(manager := Apart(busy_night.manager), verb, monkeypatch)
    async with desk(replace(busy_night, manager=manager)) as seen:
        await rests_on(seen, "run integration suite")
        gated.close()
        await seen.press(key)
        await seen.until(lambda: gated.asked > 0, "what the dialog says is on its way")
        await given_up(seen)
        await seen.press("i", *"use")
        gated.open()
        await seen.until(lambda: not any(work.group == "dialog" for work in seen.app.workers), "its end")
        await seen.press(*" x")
        await types(seen, "run integration suite", "use x")
        assert seen.app.screen is seen.app.dashboard


async def test_who_looks_on_while_a_dialog_comes_gets_it(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = Gated(manager := Apart(busy_night.manager), "busy", monkeypatch)
    async with desk(replace(busy_night, manager=manager)) as seen:
        gated.close()
        await seen.press("q", "j", "k")
        gated.open()
        await seen.until(lambda: isinstance(seen.app.screen, QuitDialog), "the question")


async def test_a_task_that_turns_out_to_take_no_messages_leaves_the_line_open(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it closed, the next letters would be commands."""
    busy_night.executor._capabilities = Capabilities(intervene="none")
    gated = Gated(manager := Apart(busy_night.manager), "detail", monkeypatch)
    async with desk(replace(busy_night, manager=manager)) as seen:
        await rests_on(seen, "run integration suite")
        gated.close()
        await seen.press("i", *"use")
        await seen.until(lambda: gated.asked > 0, "what it does with messages is asked")
        gated.open()
        await seen.until(lambda: seen.shows("This task takes no messages"), "that it takes none")
        await seen.press(*" x")
        await types(seen, "run integration suite", "use x")


async def test_who_writes_before_the_next_task_is_shown_writes_to_the_one_they_see(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = Gated(manager := Apart(busy_night.manager), "get", monkeypatch)
    async with desk(replace(busy_night, manager=manager), size=(80, 24)) as seen:
        await rests_on(seen, "fix flaky login test")
        await seen.press("enter")
        await seen.until(lambda: seen.shows("tasktui ▸ fix flaky login test"), "the large view")
        gated.close()
        await seen.press("w")
        await seen.until(lambda: gated.asked > 0, "the next one on its way")
        await given_up(seen)
        await seen.press("i", *"use")
        gated.open()
        await seen.until(lambda: not any(work.group == "load" for work in seen.app.workers), "all is read")
        await seen.press(*" x")
        await types(seen, "fix flaky login test", "use x")


async def test_who_cannot_cancel_everything_is_told_and_stays(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = Gated(manager := Apart(busy_night.manager), "cancel", monkeypatch)
    gated.fails = True
    async with desk(replace(busy_night, manager=manager)) as seen:
        await seen.press("q")
        await seen.until(lambda: isinstance(seen.app.screen, QuitDialog), "the question")
        await seen.press("x", "enter")
        await seen.until(lambda: seen.shows("Nobody answers."), "why not")
        assert seen.app.return_value is None


async def test_canceling_everything_goes_on_though_something_else_is_asked_for(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = Gated(manager := Apart(busy_night.manager), "cancel", monkeypatch)
    async with desk(replace(busy_night, manager=manager)) as seen:
        await seen.press("q")
        await seen.until(lambda: isinstance(seen.app.screen, QuitDialog), "the question")
        gated.close()
        await seen.press("x", "enter")
        await seen.until(lambda: gated.asked > 0, "the first on its way")
        await seen.press("question_mark")
        gated.open()
        await seen.until(lambda: seen.app.return_value == "cancel", "it leaves")
    rows = (await busy_night.manager.page(EVERYTHING)).items
    assert all(row.status in TERMINAL or row.cancel_requested_at for row in rows)


def asking(seen: Desk) -> int:
    """How many keys for a lane are on their way."""
    return sum(work.group == "lanes" and not work.is_finished for work in seen.app.workers)


async def test_two_lanes_are_paused_one_after_the_other(
    busy_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow link the second key came before the first was done, and took its place."""
    gated = Gated(manager := Apart(busy_night.manager), "lanes", monkeypatch)
    async with desk(replace(busy_night, manager=manager)) as seen:
        gated.close()
        for number, title in enumerate(("update changelog", "run integration suite"), 1):
            await seen.go_to(title)
            await seen.press("P")
            await given_up(seen)
            await seen.until(lambda number=number: asking(seen) == number, "its lane")  # type: ignore[misc]  # of this turn
        gated.open()
        await seen.until(lambda: seen.shows("Lane gpu: goes on"), "the first")
        await seen.until(lambda: seen.shows("Lane default: paused"), "the second")
