"""What is decided is what is shown: the oldest question of the task under the cursor, and no other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.requests import ChangeSet
from tasktui.domain.status import Attention
from tasktui.manager.scripted import Gate, Step
from tasktui.ui.screens.answer_dialog import AnswerDialog
from tasktui.ui.widgets.detail.pane import DetailPane
from tests.ui.detail_desk import PaneApp, until_says
from tests.ui.gated import Apart, Gated
from tests.ui.night import Night, eventually
from tests.ui.test_dashboard import desk

ASKS: dict[str, Sequence[Step]] = {
    "harmless": [ApprovalRequested(request_id="acp-1-1", summary="git status", tool="bash"), Gate("end")],
    "harmful": [ApprovalRequested(request_id="acp-1-1", summary="rm -rf build", tool="bash"), Gate("end")],
    "two at once": [
        ApprovalRequested(request_id="r1", summary="ls", tool="bash"),
        ApprovalRequested(request_id="r2", summary="rm -rf /srv", tool="bash"),
        Gate("end"),
    ],
    "one after the other": [
        ApprovalRequested(request_id="r1", summary="ls", tool="bash"),
        Gate("on"),
        ApprovalRequested(request_id="r2", summary="rm -rf /srv", tool="bash"),
        Gate("end"),
    ],
}


async def asking(night: Night, name: str) -> str:
    night.executor.scripts.update(ASKS)
    task_id = await night.submit(name)
    await night.until(task_id, lambda row: row.attention is Attention.APPROVAL)
    return task_id


async def test_two_tasks_that_number_their_questions_alike(quiet_night: Night) -> None:
    """As agents of one kind do."""
    await asking(quiet_night, "harmless")
    harmful = await asking(quiet_night, "harmful")
    async with desk(quiet_night) as seen:
        await seen.go_to("harmless")
        await seen.until(lambda: seen.shows("bash: git status"), "the first task's question")
        await seen.go_to("harmful")
        await seen.until(lambda: seen.shows("bash: rm -rf build"), "the second task's question")
        await seen.until(lambda: not seen.shows("bash: git status"), "no other's question")
        await seen.press("enter", "u")
        await quiet_night.until(harmful, lambda row: row.attention is Attention.NONE)
    (asked,) = (await quiet_night.manager.detail(harmful)).requests
    assert (asked.decision, asked.summary) == ("deny", "rm -rf build")


async def test_of_two_at_once_the_list_decides_the_one_that_is_shown(quiet_night: Night) -> None:
    task_id = await asking(quiet_night, "two at once")
    async with desk(quiet_night) as seen:
        await seen.go_to("two at once")
        await seen.until(lambda: seen.shows("bash: ls"), "the oldest question")
        await seen.press("a")
        await seen.until(lambda: seen.shows("bash: rm -rf /srv"), "the next one")
    decided = {
        asked.request_id: asked.decision for asked in (await quiet_night.manager.detail(task_id)).requests
    }
    assert decided == {"r1": "allow", "r2": None}


async def test_it_is_said_how_many_more_wait_when_one_more_does(quiet_night: Night) -> None:
    task_id = await asking(quiet_night, "one after the other")
    app = PaneApp(quiet_night.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "bash: ls")
        quiet_night.executor.open_gate("on")
        await until_says(pilot, "bash: ls", "1 more")


async def test_a_question_that_could_not_be_read_is_read_later(
    quiet_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the connection is lost in that moment; its task says nothing more until it is answered."""
    task_id = await asking(quiet_night, "harmless")
    gated = Gated(manager := Apart(quiet_night.manager), "detail", monkeypatch)
    gated.fails = True
    app = PaneApp(manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await eventually(lambda: gated.asked > 0 and app.pane.row is not None, "the first reading")
        await eventually(lambda: not any(work.node is app.pane for work in app.workers), "its failure")
        gated.fails = False
        app.pane.apply(ChangeSet(reread=True))
        await until_says(pilot, "bash: git status", "[a] allow once")


async def test_no_question_pops_up_of_a_task_that_nobody_meant(
    quiet_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wanted to answer one task and went on to the next sees that one, and types to nobody."""
    harmless = await asking(quiet_night, "harmless")
    harmful = await asking(quiet_night, "harmful")
    gated = Gated(manager := Apart(quiet_night.manager), "detail", monkeypatch)
    async with desk(replace(quiet_night, manager=manager)) as seen:
        await seen.go_to("harmful")
        await seen.until(lambda: seen.shows("bash: rm -rf build"), "the second task's question")
        gated.close()
        pane = next(iter(seen.app.dashboard.query(DetailPane)))
        await seen.go_to("harmless")
        await seen.until(
            lambda: gated.asked > 0 and pane.row is not None and pane.row.id == harmless, "its row"
        )
        pane.ask()
        await seen.go_to("harmful")
        await seen.until(lambda: pane.row is not None and pane.row.id == harmful, "the second task")
        gated.open()
        await seen.until(lambda: seen.shows("bash: rm -rf build"), "the second task's question")
        await seen.until(lambda: not any(work.node is pane for work in seen.app.workers), "all that is read")
        assert not isinstance(seen.app.screen, AnswerDialog)
