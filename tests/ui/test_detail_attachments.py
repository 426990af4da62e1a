"""Files that came with a message, in the task's pane."""

from __future__ import annotations

import pytest

from tasktui.domain.requests import Message
from tests.ui.detail_desk import PaneApp, desk, until_says


@pytest.fixture
async def table(own_home):
    async with desk(own_home) as made:
        yield made


@pytest.mark.feature(133)
async def test_a_message_shows_the_files_that_it_brought(table):
    task_id = await table.run("fix the login test")
    path = await table.manager.attach(task_id, "a [red]b.png", b"\x89PNG")
    await table.manager.intervene(task_id, Message("look at this", attachments=(path,)))
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(120, 30)) as pilot:
        app.view.focus()
        await pilot.press("3")
        await until_says(pilot, "look at this", "with a")
        await pilot.press("5")
        await until_says(pilot, "a _red_b.png")
