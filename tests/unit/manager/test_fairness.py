"""When less may start than is ready, lanes take turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Gate
from tests.unit.manager.local_manager import opened

ONE = Limits(max_running=1, abandon_s=0.1, let_go_s=0.1)


@pytest.mark.feature(32)
async def test_a_lane_with_a_long_queue_does_not_starve_the_others(tmp_path: Path) -> None:
    async with opened(tmp_path, {"gated": [Gate("go")], "quick": []}, limits=ONE) as place:
        first = await place.submit("gated", lane="long")
        await place.reach(first, "task.started")
        long = [await place.submit("quick", lane="long") for _ in range(4)]
        short = [await place.submit("quick", lane="short") for _ in range(2)]
        third = await place.submit("quick", lane="third")
        place.executor.open_gate("go")
        for task_id in (*long, *short, third):
            await place.manager.wait(task_id)
        order = [task_id for task_id, _ in place.executor.started[1:]]
        assert order == [short[0], third, long[0], short[1], *long[1:]]
