"""A task's runs, those it waits for and what it recurs by, in the pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tasktui.domain.events.evidence import Attempt, AttemptRecorded, GateRecorded
from tasktui.domain.events.evidence import Gate as Check
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import Reason, Status
from tasktui.manager.scripted import Gate, Output
from tests.ui.detail_desk import Desk, PaneApp, desk, says, until_says
from tests.ui.queue_night import fill_queue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.ui.night import Night

FAILS = Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 3", exit_code=3)
CHECKED = [
    GateRecorded(
        gate=Check(
            id="g", gate="test", command="pytest", status="failed", classification="flaky",
            log_path="logs/test.txt", summary="1 failed",
        )
    ),
    AttemptRecorded(
        attempt=Attempt(
            id="a", attempt_index=2, attempt_count=3, base_ref="main", head_ref="fix/2", summary="mocks it",
            patch_path="attempts/2.patch", selected=True,
        )
    ),
    Gate("end"),
]  # fmt: skip


@pytest.fixture
async def table(own_home: Path) -> AsyncIterator[Desk]:
    async with desk(own_home) as made:
        yield made


async def ran_twice(table: Desk) -> str:
    """A task that failed, and runs again."""
    night = table.night
    night.executor.scripts["flaky"] = [Output("the first run\n"), FAILS]
    task_id = await night.submit("flaky", "shell", retries=1)
    await night.until(task_id, lambda row: row.run_no == 1 and row.status is Status.QUEUED)
    night.executor.scripts["flaky"] = [Output("the second run\n"), Gate("end")]
    night.clock.at += 60_000
    await night.until(task_id, lambda row: row.run_no == 2 and row.status is Status.RUNNING)
    return task_id


class LaterApp(PaneApp):
    """Its clock can be put forward."""

    later = 0

    def now(self) -> int:
        return super().now() + self.later


async def test_how_long_a_queued_task_waits_is_told_anew_every_second(table: Desk) -> None:
    app = LaterApp(table.manager, await table.night.submit("wait", "shell", held=True))
    async with app.run_test(size=(100, 20)) as pilot:
        await until_says(pilot, "held · waits")
        app.later = 3_600_000
        await until_says(pilot, "held · waits 1h")


async def test_the_output_of_each_run_is_chosen_by_key(table: Desk) -> None:
    app = PaneApp(table.manager, await ran_twice(table))
    async with app.run_test(size=(100, 40)) as pilot:
        await until_says(pilot, "running")
        app.view.focus()
        await pilot.press("4")
        await until_says(pilot, "the second run", "run 2 of 2", "< > other runs")
        app.view.focus()
        await pilot.press("<")
        await until_says(pilot, "the first run", "run 1 of 2")
        assert not says(app, "the second run")
        await pilot.press("<")
        assert says(app, "the first run")
        await pilot.press(">")
        await until_says(pilot, "the second run", "run 2 of 2")


async def test_info_lists_the_runs_and_how_each_ended(table: Desk) -> None:
    app = PaneApp(table.manager, await ran_twice(table))
    async with app.run_test(size=(100, 50)) as pilot:
        await until_says(pilot, "running")
        app.view.focus()
        await pilot.press("7")
        await until_says(pilot, "1, as further runs of the same task", "run 1", "then again", "● running")


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("upload the app", ("blocked by 2: package the app", "◌ queued     package the app",
                            "● running    run integration suite", "fails when one of them")),
        ("deploy to production", ("in line behind deploy to staging", "deploy: stands in line for it",
                                  "2, as further runs")),
        ("deploy to staging", ("#2 in build", "deploy: has it")),
        ("ask Ann first", ("lunch until 2026-11-20 23:26",)),
        ("nightly index rebuild", ("‖ paused", "its time limit goes on")),
        ("renew the certificates", ("every 6h, next at 03:26",)),
    ],
)  # fmt: skip
async def test_info_says_what_it_waits_for(busy_night: Night, title: str, says: tuple[str, ...]) -> None:
    ids = await fill_queue(busy_night)
    app = PaneApp(busy_night.manager, ids[title])
    async with app.run_test(size=(110, 50)) as pilot:
        await until_says(pilot, title)
        app.view.focus()
        await pilot.press("7")
        await until_says(pilot, *says)


async def test_checks_show_what_gates_and_attempts_left(table: Desk) -> None:
    table.night.executor.scripts["proved"] = CHECKED
    task_id = await table.night.submit("proved")
    await table.night.until(task_id, lambda row: row.last_seq >= 4)
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 40)) as pilot:
        await until_says(pilot, "running")
        app.view.focus()
        await pilot.press("6")
        await until_says(pilot, "✗ failed   test", "flaky · log: logs/test.txt", "✓ selected 2 of 3")
        await until_says(pilot, "fix/2 on main", "patch: attempts/2.patch")
