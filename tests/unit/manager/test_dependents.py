"""Children of tasks that end while no manager looks."""

from __future__ import annotations

from pathlib import Path

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskFinished
from tasktui.domain.ports.store import Change, Committed
from tasktui.domain.status import Reason, Status
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened

CANCELED = TaskFinished(status=Status.CANCELED, reason=Reason.CANCELED_BEFORE_START)


async def test_an_owner_that_dies_between_the_ends_of_parent_and_child_leaves_nobody_waiting(
    tmp_path: Path,
) -> None:
    store = MemoryStore()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        parent = await place.submit("quick", held=True)
        child = await place.submit("quick", depends_on=(parent,))
        kept = await place.submit("quick", depends_on=(parent,), on_parent_failure="hold")
        await place.crash()
        event = NewEvent(parent, 0, place.clock.now(), CANCELED)
        (answer,) = await store.commit([Change(parent, (event,), epoch=store.contents.epoch)])
        assert isinstance(answer, Committed)
        await place.open()
        row = await place.manager.wait(child)
        assert (row.terminal_reason, row.status_evidence) == (
            Reason.DEPENDENCY_FAILED, f"{parent} is canceled",
        )  # fmt: skip
        await place.reach(kept, "task.held")
        await place.crash()
        await place.open()
        await place.manager.release(kept)
        assert (await place.manager.wait(kept)).status is Status.COMPLETED
        assert (await place.types(kept)).count("task.held") == 1
