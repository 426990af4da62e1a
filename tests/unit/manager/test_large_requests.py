"""A request that is too large for a row is asked nevertheless: the task waits for its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.requests import Answer
from tasktui.domain.status import Status
from tasktui.manager.scripted import Listen
from tests.unit.manager.local_manager import opened

LONG = "x" * 100_000


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (
            ApprovalRequested(request_id="q", summary="write", context={"diff": LONG}),
            Answer(decision="allow"),
        ),
        (ApprovalRequested(request_id="q", summary=LONG, options=(LONG,) * 20), Answer(decision="deny")),
        (InputRequested(request_id="q", question=LONG), Answer(text="yes")),
    ],
)
async def test_it_is_asked_and_answered(
    tmp_path: Path, request_: ApprovalRequested | InputRequested, answer: Answer
) -> None:
    async with opened(tmp_path, {"asks": [request_, Listen()]}) as place:
        task_id = await place.submit("asks")
        await place.reach(task_id, request_.TYPE)
        asked = (await place.manager.detail(task_id)).requests[0]
        assert len(asked.summary) < 2_000
        await place.manager.answer(task_id, answer)
        assert (await place.manager.wait(task_id, timeout_s=20)).status is Status.COMPLETED
        kept = (await place.manager.artifacts(task_id)).items
        assert max(artifact.size_bytes for artifact in kept) >= len(LONG)
