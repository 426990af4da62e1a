"""Submitting: what cannot run is refused, the task's files come first, its first event makes it real."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tasktui import crashpoint
from tasktui.domain.errors import (
    CapacityError,
    DiskFullError,
    InvalidError,
    NotFoundError,
    StoreError,
    TaskConflictError,
    TasktuiError,
    UnsupportedError,
)
from tasktui.domain.events.lifecycle import TaskCreated
from tasktui.domain.ids import is_task_id
from tasktui.domain.ports.store import Admission, Change, Conflict
from tasktui.domain.requests import Task
from tasktui.domain.spec import TaskSpec
from tasktui.manager import attachments, cancel, dependents, queue_deadlines, surroundings
from tasktui.manager.core import actor_of

if TYPE_CHECKING:
    from tasktui.domain.events.base import Data
    from tasktui.domain.rows import UnixMs
    from tasktui.manager.core import Core

RETRY_AFTER_S = 5.0
"""What a caller is told to wait when the queue is full."""
_TRIES = 64
"""How often a key may be taken by others while its holder is being canceled."""


@dataclass(frozen=True, slots=True)
class _New:
    """A task on its way into the queue."""

    id: str
    spec: TaskSpec
    env: Mapping[str, str] | None
    retry_of: str | None
    schedule_id: str | None = None
    in_line: bool = False
    """Whether it waits for its exclusive key, which another task has."""


async def submit(
    core: Core,
    spec: TaskSpec,
    *,
    env: Mapping[str, str] | None = None,
    task_id: str | None = None,
    retry_of: str | None = None,
    schedule_id: str | None = None,
) -> Task:
    """Queue a task; see `Manager.submit`."""
    new_id = core.ids.task() if task_id is None else task_id
    if not is_task_id(new_id):
        raise InvalidError(f"This cannot be the id of a task: {new_id!r}", id=new_id)
    spec = await checked(core, spec)
    new = _New(new_id, spec, env, retry_of, schedule_id)
    for _ in range(_TRIES):
        done = await _create(core, new)
        if isinstance(done, Conflict) and done.reason == "key" and spec.on_conflict == "queue":
            done = await _create(core, replace(new, in_line=spec.exclusive_key is not None))
        if isinstance(done, Task):
            return await _queued(core, done)
        held_by = await _other(core, spec, done)
        if held_by is not None:
            return held_by
    raise TaskConflictError(f"Its key is taken again and again: {new_id}", id=new_id)


async def _queued(core: Core, task: Task) -> Task:
    """See to a task that is in the queue now: its caller's own work begins at once."""
    spec = task.spec
    core.remember(task.id, spec)
    core.scheduler.queued += 1
    ready = not (spec.held or spec.depends_on or spec.not_before or task.row.in_line)
    if ready and core.external(spec):
        await core.scheduler.start(task.row)
    elif spec.depends_on:
        await dependents.settle(core, child=task.id)
    else:
        core.scheduler.wake()
        return task
    core.scheduler.wake()
    return Task(await core.row(task.id), spec)


async def checked(core: Core, spec: TaskSpec) -> TaskSpec:
    """Return a spec that can be run, its parents by their whole ids.

    Raises:
        InvalidError: it cannot run as asked.
        UnavailableError: not now.
    """
    executor = core.executor(spec)
    if spec.every is not None:
        raise UnsupportedError("A retry does not recur: submit it as a new task.")
    if spec.depends_on:
        spec = spec.model_copy(update={"depends_on": await _parents(core, spec.depends_on)})
    await executor.check(spec)
    return spec


async def _parents(core: Core, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple([await core.resolve(prefix) for prefix in prefixes])
    except NotFoundError as exc:
        raise InvalidError(f"It cannot wait for a task that is not there. {exc.message}") from exc


async def _create(core: Core, new: _New) -> Task | Conflict:
    """Write the files, then the first event; a refusal leaves neither.

    The same id asked for at the same time waits: who is told that there is such a task must find it.
    """
    task_id = new.id
    if await core.is_there(task_id):
        return Conflict(task_id, "exists", f"There is a task with this id: {task_id}", task_id)
    with core.making(task_id):
        return await _write(core, new)


async def _write(core: Core, new: _New) -> Task | Conflict:
    task_id, spec = new.id, new.spec
    actor = actor_of(spec.owner or "you")
    event = core.event(task_id, 0, _created(new), actor)
    attached = await asyncio.to_thread(_write_files, core, new, event.ts)
    events = (event, *(core.event(task_id, 0, fact, actor) for fact in attached))
    crashpoint.reached("submit.after_files")
    try:
        done = await core.writer.commit(
            Change(task_id, events, expected_seq=0, admission=_admission(core, spec))
        )
    except TasktuiError:
        await asyncio.to_thread(core.remove_directory, task_id)
        raise
    crashpoint.reached("submit.committed")
    if isinstance(done, Conflict):
        if done.reason != "exists":
            await asyncio.to_thread(core.remove_directory, task_id)
        return done
    assert done.row is not None  # noqa: S101  # only `@system` has no row
    queue_deadlines.arm(core, done.row)
    return Task(done.row, spec)


def _write_files(core: Core, new: _New, created_at: UnixMs) -> Sequence[Data]:
    """Write them all or leave none; return the facts of what was attached before.

    Raises:
        StoreError: they cannot be written.
    """
    directory = core.directory(new.id)
    is_new = not directory.exists()
    try:
        surroundings.write_files(
            directory, new.spec, created_at=created_at, retry_of=new.retry_of, env=new.env
        )
    except OSError as exc:
        if is_new:
            core.remove_directory(new.id)
        said = f"The task's files cannot be written: {directory}: {exc.strerror}"
        raise (DiskFullError if exc.errno == errno.ENOSPC else StoreError)(said) from exc
    return () if is_new else attachments.facts(directory)


def _created(new: _New) -> TaskCreated:
    in_line = True if new.in_line else None
    return TaskCreated(
        title=new.spec.title, spec=new.spec, retry_of=new.retry_of, schedule_id=new.schedule_id,
        in_line=in_line,
    )  # fmt: skip


def _admission(core: Core, spec: TaskSpec) -> Admission:
    """Return how full it may be for this task; work that its caller does takes no place in a lane."""
    choosy = spec.on_full == "reject" and not core.external(spec)
    return Admission(core.limits.max_queued, core.scheduler.lanes.of(spec.lane).limit if choosy else None)


async def _other(core: Core, spec: TaskSpec, conflict: Conflict) -> Task | None:
    """Return the task to hand out instead; None when the key is free now.

    Raises:
        TaskConflictError: the id or the key is taken, and that is not to be solved.
        CapacityError: there is no room.
    """
    if conflict.reason == "full":
        raise CapacityError(conflict.detail, retry_after_s=RETRY_AFTER_S)
    holder = (
        await core.store.detail(conflict.holder) if conflict.holder and conflict.reason == "key" else None
    )
    if holder is None:
        if conflict.reason == "key":
            return None
        raise TaskConflictError(conflict.detail, holder=conflict.holder)
    same = spec.idempotency_key is not None and holder.task.row.idempotency_key == spec.idempotency_key
    if same or spec.on_conflict == "return":
        return holder.task
    if spec.on_conflict == "cancel":
        ending = core.bus.ending(holder.task.id)
        result = await cancel.cancel(core, holder.task.id, reason="replaced by a newer task")
        if result.row.finished_at is None:
            await ending
        ending.cancel()
        return None
    raise TaskConflictError(conflict.detail, holder=conflict.holder)
