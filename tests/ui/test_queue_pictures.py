"""How what waits, stands still and recurs looks: the list, the pane, the forms, the history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from tasktui.domain.query import EVERYTHING
from tasktui.domain.requests import Answer
from tasktui.domain.spec import PythonWork, ShellWork, TaskSpec
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.edit_dialog import EditDialog
from tasktui.ui.screens.line_dialog import LineDialog
from tasktui.ui.screens.modal import Modal
from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tests.ui.conftest import Compare
from tests.ui.detail_desk import PaneApp, until_says
from tests.ui.dialogs.asking import Asking
from tests.ui.night import Night, eventually
from tests.ui.queue_night import fill_queue
from tests.ui.test_dashboard import Desk
from tests.ui.test_dashboard_pictures import SIZES, app_of, settled

EDITED = TaskSpec(
    work=ShellWork(command="make package && make sign"), name="package the app", cwd="/", lane="build",
    retries=2, depends_on=("task_0019e3c07bd1a2f5",), timeout_s=1800, tags=("nightly",),
)  # fmt: skip
JOB = TaskSpec(
    work=PythonWork(function="jobs.nightly:rebuild", arguments={"chunks": 17, "name": "Ann Lee"}),
    cwd="/", every="30 2 * * 1-5", exclusive_key="index", retries=1,
)  # fmt: skip
FORMS: dict[str, Callable[[], Modal[Any]]] = {
    "edit": partial(EditDialog, EDITED),
    "python": partial(NewTaskDialog, JOB),
}


def _is_number(text: str) -> str:
    return "" if text.isdecimal() else "A number from 1 to 10,000. To stop the lane, pause it."


@pytest.fixture
async def queue(busy_night: Night) -> dict[str, str]:
    return await fill_queue(busy_night)


@pytest.mark.parametrize("size", SIZES)
async def test_queue(size: str, busy_night: Night, queue: dict[str, str], snap_compare: Compare) -> None:
    """Each queued row says what it waits for, by the other's title where there is room; one is paused."""
    ready = settled(busy_night)

    async def before(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        app = cast("TasktuiApp", pilot.app)
        app.dashboard.list.go_to(queue["package the app"])
        await eventually(lambda: bool(app.dashboard.list.waits), "what is waited for")

    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=before)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("title", ["upload the app", "deploy to production", "nightly index rebuild"])
async def test_info(
    title: str, size: str, busy_night: Night, queue: dict[str, str], snap_compare: Compare
) -> None:
    """What it waits for, its key and line, its retries; paused work says since when."""

    async def before(pilot: Pilot[Any]) -> None:
        await until_says(pilot, "queued" if title != "nightly index rebuild" else "paused")
        cast("PaneApp", pilot.app).view.focus()
        await pilot.press("7")
        await until_says(pilot, "on restart")

    app = PaneApp(busy_night.manager, queue[title])
    assert await snap_compare(app, size=SIZES[size], before=before)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", FORMS)
async def test_form(form: str, size: str, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form of a waiting task without what cannot change; a Python job with its arguments."""
    monkeypatch.chdir(Path("/"))
    assert await snap_compare(Asking(FORMS[form]), size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
async def test_line(size: str, snap_compare: Compare) -> None:
    """The question, the line, and what is wrong with it."""
    question = "Running now: 1, waiting: 4. How many may run at once?"
    ask = partial(LineDialog, "Lane build", question, "1", _is_number)
    assert await snap_compare(Asking(ask), press=("x", "enter"), size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
async def test_history(size: str, busy_night: Night, snap_compare: Compare) -> None:
    """One question waits; below, who denied the other, from where, when and why."""
    rows = (await busy_night.manager.page(EVERYTHING)).items
    login = next(row for row in rows if row.title == "fix flaky login test")
    busy_night.clock.before_the_end(30)
    answer = Answer(login.attention_id, "deny", "Not at night: wait for Ann.", by="ann", origin="cli")
    await busy_night.manager.answer(login.id, answer)
    busy_night.clock.before_the_end(0)
    ready = settled(busy_night)

    async def before(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        await pilot.press("I")
        screen = Desk(cast("TasktuiApp", pilot.app), pilot, busy_night)
        await eventually(lambda: screen.shows("ANSWERED 1"), "the history")
        await pilot.press("j")
        await eventually(lambda: screen.shows("on the command line"), "who")

    assert await snap_compare(app_of(busy_night), size=SIZES[size], before=before)
