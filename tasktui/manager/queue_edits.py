"""Changing a queued task: hold, release, priority, place, and what was asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import InvalidError, StateError
from tasktui.domain.events.lifecycle import TaskEdited, TaskHeld, TaskReleased
from tasktui.domain.requests import Task
from tasktui.domain.status import Status
from tasktui.manager import dependents, queue_deadlines, submit, surroundings

if TYPE_CHECKING:
    from tasktui.domain.requests import Place
    from tasktui.domain.rows import TaskRow, UnixMs
    from tasktui.domain.spec import TaskSpec
    from tasktui.manager.core import Core

USER = "user:you"
HIGHEST = 1_000
"""Priorities go from minus this to this."""
_FIXED: Final = ("kind", "exclusive_key", "idempotency_key", "client_id", "request_id", "every")
"""What makes the task the one it is: another one is a new task."""


async def hold(core: Core, prefix: str, *, reason: str | None = None, until: UnixMs | None = None) -> TaskRow:
    """Keep a queued task from starting."""
    row = await core.row(prefix)
    held = await core.require(row, TaskHeld(reason=reason, until=until), actor=USER, status=Status.QUEUED)
    core.scheduler.wake()
    return held


async def release(core: Core, prefix: str) -> TaskRow:
    """Let a held task start, also without parents that did not complete; one not held stays as it is."""
    row = await core.row(prefix)
    if row.status is Status.QUEUED and not row.held:
        return row
    facts = (*await dependents.waived(core, row), TaskReleased())
    released = await core.require(row, *facts, actor=USER, status=Status.QUEUED)
    core.scheduler.wake()
    return released


async def set_priority(core: Core, prefix: str, priority: int) -> TaskRow:
    """Move a queued task in its lane."""
    if abs(priority) > HIGHEST:
        raise InvalidError(f"A priority goes from -{HIGHEST} to {HIGHEST}: {priority}")
    row = await core.row(prefix)
    return await core.require(row, TaskEdited(priority=priority), actor=USER, status=Status.QUEUED)


async def reorder(core: Core, prefix: str, where: Place) -> TaskRow:
    """Move a queued task past its neighbour of the same lane and priority, or past all of them."""
    row = await core.row(prefix)
    if row.status is not Status.QUEUED:
        raise StateError(f"Not possible while the task is {row.status}: {row.id}", id=row.id)
    forward, to_end = where in {"earlier", "first"}, where in {"first", "last"}
    other = await core.store.neighbour(row, earlier=forward, farthest=to_end)
    if other is None:
        return row
    step = -1 if forward else 1
    if to_end:
        fact = TaskEdited(position=other.position + step)
        return await core.require(row, fact, actor=USER, status=Status.QUEUED)
    place = other.position if other.position != row.position else row.position + step
    moved, _ = await asyncio.gather(
        core.require(row, TaskEdited(position=place), actor=USER, status=Status.QUEUED),
        core.record(other, TaskEdited(position=row.position), actor=USER, status=Status.QUEUED),
    )
    return moved


async def edit(core: Core, prefix: str, spec: TaskSpec) -> Task:
    """Change what a queued task is to do, and how; see `Manager.edit`."""
    detail = await core.store.detail(await core.resolve(prefix))
    row = detail.task.row if detail is not None else await core.row(prefix)
    if detail is not None:
        changed = [name for name in _FIXED if getattr(spec, name) != getattr(detail.task.spec, name)]
        if changed:
            raise InvalidError(
                f"This cannot be changed, make a new task: {', '.join(changed)}", fields=changed
            )
    spec = await submit.checked(core, spec)
    await _no_circle(core, row.id, spec.depends_on)
    core.specs.pop(row.id, None)  # a claim that has read the old spec is refused by the store
    edited = await core.require(row, TaskEdited(spec=spec), actor=USER, status=Status.QUEUED)
    await asyncio.to_thread(
        surroundings.write_files,
        core.directory(row.id), spec, created_at=row.created_at, retry_of=row.retry_of, env=None,
    )  # fmt: skip
    queue_deadlines.arm(core, edited)
    if spec.depends_on:
        await dependents.settle(core, child=row.id)
        edited = await core.row(row.id)
    core.scheduler.wake()
    return Task(edited, spec)


async def _no_circle(core: Core, task_id: str, parents: tuple[str, ...]) -> None:
    """Refuse parents that wait for the task themselves."""
    seen: set[str] = set()
    above = set(parents)
    while above:
        if task_id in above:
            raise InvalidError(f"The tasks would wait for each other: {task_id}", id=task_id)
        seen |= above
        rows = await core.store.rows_of(tuple(above))
        above = {parent for row in rows for parent in row.depends_on.split()} - seen
