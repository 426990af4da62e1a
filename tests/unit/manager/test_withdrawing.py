"""Questions that the work itself takes back: nobody is asked any more, and the timeline says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.domain.errors import StateError
from tasktui.domain.events.people import ApprovalExpired, ApprovalRequested, InputExpired, InputRequested
from tasktui.domain.requests import Answer
from tasktui.domain.status import Attention, Status
from tasktui.manager.scripted import Gate
from tests.unit.manager.local_manager import opened

MAY = ApprovalRequested(request_id="a", summary="rm", tool="bash")
WHICH = InputRequested(request_id="q", question="which?", options=("one", "two"))
BACK = "taken back"


async def test_one_of_two_goes_and_the_other_still_waits(tmp_path: Path) -> None:
    script = [MAY, WHICH, Gate("on"), InputExpired(request_id="q", reason=BACK), Gate("end")]
    async with opened(tmp_path, {"asks": script}) as place:
        task_id = await place.submit("asks")
        await place.reach(task_id, "input.requested")
        place.executor.open_gate("on")
        await place.reach(task_id, "input.expired")
        detail = await place.manager.detail(task_id)
        assert (detail.task.row.attention, detail.task.row.attention_id) == (Attention.APPROVAL, "a")
        states = {asked.request_id: (asked.state, asked.reason) for asked in detail.requests}
        assert states == {"a": ("waiting", None), "q": ("expired", BACK)}
        with pytest.raises(StateError, match="too late to answer"):
            await place.manager.answer(task_id, Answer("q", "answer", "one"))
        await place.manager.answer(task_id, Answer("a", "allow"))


async def test_the_last_one_leaves_nobody_to_wait_for(tmp_path: Path) -> None:
    script = [MAY, ApprovalExpired(request_id="a", reason=BACK), Gate("end")]
    async with opened(tmp_path, {"asks": script}) as place:
        task_id = await place.submit("asks")
        await place.reach(task_id, "approval.expired")
        assert (await place.manager.get(task_id)).row.attention is Attention.NONE
        place.executor.open_gate("end")
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert (await place.types(task_id)).count("approval.expired") == 1


async def test_what_was_never_asked_or_is_answered_is_no_fact(tmp_path: Path) -> None:
    gone, unknown = ApprovalExpired(request_id="a", reason=BACK), InputExpired(request_id="z", reason=BACK)
    async with opened(tmp_path, {"asks": [unknown, MAY, Gate("on"), gone]}) as place:
        task_id = await place.submit("asks")
        await place.reach(task_id, "approval.requested")
        await place.manager.answer(task_id, Answer("a", "deny"))
        place.executor.open_gate("on")
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert not {"approval.expired", "input.expired"} & set(await place.types(task_id))
