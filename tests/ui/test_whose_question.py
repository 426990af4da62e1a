"""What is decided is what is shown: the oldest question of the task under the cursor, and no other's."""

from __future__ import annotations

from collections.abc import Sequence

from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.status import Attention
from tasktui.manager.scripted import Gate, Step
from tests.ui.night import Night
from tests.ui.test_dashboard import desk

ASKS: dict[str, Sequence[Step]] = {
    "harmless": [ApprovalRequested(request_id="acp-1-1", summary="git status", tool="bash"), Gate("end")],
    "harmful": [ApprovalRequested(request_id="acp-1-1", summary="rm -rf build", tool="bash"), Gate("end")],
    "two at once": [
        ApprovalRequested(request_id="r1", summary="ls", tool="bash"),
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
