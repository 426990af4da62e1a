"""Tasks that wait for others, through any manager."""

from __future__ import annotations

import pytest

from tasktui.domain.status import Reason, Status
from tests.contract.managers import Room, mended, reach, run, spec


@pytest.mark.parametrize("script", ["fail", "raise"])
async def test_a_failed_parent_fails_its_children_and_theirs(room: Room, script: str) -> None:
    parent = await room.manager.submit(spec(script, held=True))
    child = await room.manager.submit(spec("quick", depends_on=(parent.id,)))
    grandchild = await room.manager.submit(spec("quick", depends_on=(child.id,)))
    await room.manager.release(parent.id)
    row = await room.manager.wait(grandchild.id, timeout_s=20)
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.DEPENDENCY_FAILED)
    assert row.status_evidence == f"{child.id} is failed"
    row = (await room.manager.get(child.id)).row
    assert (row.terminal_reason, row.status_evidence) == (Reason.DEPENDENCY_FAILED, f"{parent.id} is failed")
    assert row.error == f"It waited for {parent.id}, which is failed."
    assert [task_id for task_id, _ in room.executor.started] == [parent.id]


async def test_a_canceled_parent_holds_children_that_want_it_and_release_waives_it(room: Room) -> None:
    good, bad = [await room.manager.submit(spec("quick", held=True)) for _ in range(2)]
    child = await room.manager.submit(spec("quick", depends_on=(good.id, bad.id), on_parent_failure="hold"))
    await room.manager.cancel(bad.id)
    await reach(room, child.id, "task.held")
    row = (await room.manager.get(child.id)).row
    assert (row.held, row.held_reason) == (True, f"It waited for {bad.id}, which is canceled.")
    assert await room.manager.purge([bad.id]) == 1
    released = await room.manager.release(child.id)
    assert (released.held, released.depends_on) == (False, f" {good.id} ")
    assert room.executor.started == []
    await room.manager.release(good.id)
    assert (await room.manager.wait(child.id, timeout_s=20)).status is Status.COMPLETED


async def test_children_of_what_has_ended_run_or_fail_at_once(room: Room) -> None:
    done, failed = await run(room, "quick"), await run(room, "fail")
    assert await run(room, "quick", depends_on=(done,)) is not None
    child = await room.manager.submit(spec("quick", depends_on=(done, failed)))
    assert (child.row.status, child.row.terminal_reason) == (Status.FAILED, Reason.DEPENDENCY_FAILED)


async def test_a_deleted_parent_that_had_completed_strands_nobody(room: Room) -> None:
    gate = await room.manager.submit(spec("wait"))
    done = await run(room, "quick")
    child = await room.manager.submit(spec("quick", depends_on=(done, gate.id)))
    assert await room.manager.purge([done]) == 1
    room.executor.open_gate("go")
    assert (await room.manager.wait(child.id, timeout_s=20)).status is Status.COMPLETED


async def test_a_run_that_is_repeated_is_no_failure_yet(room: Room) -> None:
    parent = await room.manager.submit(spec("flaky", retries=1))
    child = await room.manager.submit(spec("quick", depends_on=(parent.id,)))
    await mended(room, parent.id)
    await reach(room, parent.id, "task.requeued")
    assert (await room.manager.wait(child.id, timeout_s=20)).status is Status.COMPLETED
    assert (await room.manager.get(parent.id)).row.run_no == 2


async def test_a_child_that_is_retried_waits_for_the_retry_of_its_parent(room: Room) -> None:
    parent = await run(room, "fail")
    child = await room.manager.submit(spec("quick", depends_on=(parent,)))
    room.executor.scripts["fail"] = []
    again = await room.manager.retry(parent)
    second = await room.manager.retry(child.id)
    assert second.spec.depends_on == (again.id,)
    assert (await room.manager.wait(second.id, timeout_s=20)).status is Status.COMPLETED
