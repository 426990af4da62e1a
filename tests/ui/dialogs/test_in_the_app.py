"""The dialogs where they are used: what a person confirms, the manager does."""

from __future__ import annotations

from tasktui.domain.status import ACTIVE
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.modal import Modal
from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tasktui.ui.screens.quit_dialog import QuitDialog
from tests.ui.night import Night, eventually

SIZE = (120, 35)


def app_of(night: Night) -> TasktuiApp:
    return TasktuiApp(night.connect, now=night.clock.now)


async def listed(app: TasktuiApp) -> None:
    await eventually(lambda: app.manager is not None and app.dashboard.selected is not None, "a list")


def asked_to_stop(app: TasktuiApp, task_id: str) -> bool:
    row = app.dashboard.selected
    return row is not None and row.id == task_id and row.cancel_requested_at is not None


async def test_x_x_cancels(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await listed(app)
        row = app.dashboard.selected
        assert row is not None
        assert row.status in ACTIVE
        await pilot.press("x")
        await eventually(lambda: isinstance(app.screen, Modal), "the question")
        assert (await busy_night.manager.get(row.id)).row.cancel_requested_at is None
        await pilot.press("x")
        await eventually(lambda: asked_to_stop(app, row.id), "the cancel")


async def test_q_and_enter_leave_the_work_alone(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await listed(app)
        await pilot.press("q")
        await eventually(lambda: isinstance(app.screen, QuitDialog), "the question")
        await pilot.press("enter")
    assert app.return_value == "detach"


async def test_esc_at_leaving_stays(busy_night: Night) -> None:
    app = app_of(busy_night)
    async with app.run_test(size=SIZE) as pilot:
        await listed(app)
        await pilot.press("q")
        await eventually(lambda: isinstance(app.screen, QuitDialog), "the question")
        await pilot.press("escape")
        await eventually(lambda: app.screen is app.dashboard, "the dashboard")
    assert app.return_value is None


async def test_n_starts_a_task(quiet_night: Night) -> None:
    app = app_of(quiet_night)
    async with app.run_test(size=SIZE) as pilot:
        await eventually(lambda: app.manager is not None, "a manager")
        await pilot.press("n")
        await eventually(lambda: isinstance(app.screen, NewTaskDialog), "the form")
        await pilot.press(*"true", "ctrl+j")
        await eventually(lambda: app.dashboard.list.window.total == 1, "the task")
        assert app.dashboard.selected is not None
        assert app.dashboard.selected.title == "true"
