"""What may be done with a finished task: retry, archive, ack, wait for it, purge."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tasktui.domain.errors import ManagerClosedError, NotFoundError, StateError, TasktuiError
from tasktui.domain.events.lifecycle import (
    TaskAcked,
    TaskArchived,
    TaskDeleted,
    TaskDelivered,
    TaskRetried,
    TaskWarning,
)
from tasktui.domain.ports.executor import Keeper
from tasktui.domain.status import TERMINAL
from tasktui.manager import attachments, dependents
from tasktui.manager.core import actor_of
from tasktui.manager.submit import submit

if TYPE_CHECKING:
    from tasktui.domain.requests import Task
    from tasktui.domain.rows import TaskRow
    from tasktui.domain.spec import TaskSpec
    from tasktui.manager.core import Core

USER = "user:you"
PURGED_AT_ONCE = 200
"""Tasks deleted in one transaction."""
PURGED_EVENTS = 2_000
"""Facts deleted in one transaction, unless a single task has more: what runs does not wait for it long."""
END_S = 5.0
"""For a run whose end is stored to be over; its task is passed over when it is not."""

log = logging.getLogger(__name__)


async def retry(
    core: Core, prefix: str, *, spec: TaskSpec | None = None, env: Mapping[str, str] | None = None
) -> Task:
    """Make a new task of a finished one; its idempotency key stays with the old one."""
    detail = await core.store.detail(await core.resolve(prefix))
    if detail is None:
        raise NotFoundError(f"Task not found: {prefix}", id=prefix)
    old = detail.task
    _require_end(old.row)
    again = spec or old.spec.model_copy(update={"held": False, "not_before": None})
    if again.idempotency_key == old.row.idempotency_key:
        again = again.model_copy(update={"idempotency_key": None})
    if again.depends_on:
        parents = await dependents.followed(core, again.depends_on)
        again = again.model_copy(update={"depends_on": parents})
    again, new_id = await attachments.carried(core, again, old.id)
    new = await submit(core, again, env=env, task_id=new_id, retry_of=old.id)
    gone = [name for name in again.env_keys if name not in (os.environ if env is None else env)]
    if gone:
        sentence = f"Variables given to {old.id} are not kept and are missing here: {', '.join(gone)}"
        await core.record(new.row, TaskWarning(message=sentence, code="ENV_GONE"))
    await core.record(old.row, TaskRetried(new_id=new.id), actor=USER)
    return new


async def archive(core: Core, prefix: str, *, archived: bool = True) -> TaskRow:
    """Hide a finished task from the list, or show it again."""
    row = await core.row(prefix)
    _require_end(row)
    if (row.archived_at is not None) == archived:
        return row
    return await core.require(row, TaskArchived(archived=archived), actor=USER)


async def mark_delivered(core: Core, prefix: str, *, by: str = "you") -> TaskRow:
    """Say that a finished task's result reached the one who asked; the first time is kept."""
    row = await core.row(prefix)
    _require_end(row)
    if row.delivered_at is not None:
        return row
    return await core.require(row, TaskDelivered(by=by), actor=actor_of(by))


async def ack(core: Core, prefix: str, *, by: str = "you") -> TaskRow:
    """Say that a finished task's result is needed no longer; the first one who says so is kept."""
    row = await core.row(prefix)
    _require_end(row)
    if row.acked_at is not None:
        return row
    delivered = () if row.delivered_at is not None else (TaskDelivered(by=by),)
    return await core.require(row, *delivered, TaskAcked(by=by), actor=actor_of(by))


async def wait(core: Core, prefix: str, *, timeout_s: float | None = None) -> TaskRow:
    """Return when the task is terminal; see `Manager.wait`."""
    task_id = await core.resolve(prefix)
    ending = core.bus.ending(task_id)
    try:
        row = await core.row(task_id)
        if row.finished_at is not None:
            return row
        async with asyncio.timeout(timeout_s):
            end = await ending
    finally:
        ending.cancel()
    if end is not None:
        return end
    if await core.store.row(task_id) is None:
        raise NotFoundError(f"The task was deleted: {task_id}", id=task_id)
    raise ManagerClosedError


async def purge(core: Core, prefixes: Sequence[str], *, by: str = "user:you") -> int:
    """Delete finished tasks with their files, others are passed over; return how many."""
    gone = 0
    for start in range(0, len(prefixes), PURGED_AT_ONCE):
        ids = [await core.resolve(prefix) for prefix in prefixes[start : start + PURGED_AT_ONCE]]
        ended = [row for row in await core.store.rows_of(ids) if row.status in TERMINAL]
        await _let_end(core, ended)
        for some in _portions([row for row in ended if row.id not in core.runs]):
            began = core.clock.monotonic()
            # all of it or nothing: files that no row names any more are never found again
            await core.crew.unbroken(_delete(core, some, by))
            gone += len(some)
            # as long as it took, the writer is free for what runs
            await asyncio.sleep(core.clock.monotonic() - began)
    return gone


async def _let_end(core: Core, rows: Sequence[TaskRow]) -> None:
    """Wait for runs whose end can be read already, while the writer has yet to tell them of it."""
    runs = [run for row in rows if (run := core.runs.get(row.id)) is not None and run.run == row.run_no]
    with suppress(TimeoutError):
        async with asyncio.timeout(END_S):
            await asyncio.gather(*(run.ended.wait() for run in runs))


def _portions(rows: Sequence[TaskRow]) -> Iterator[list[str]]:
    """Yield tasks that are deleted together: as many as have a bounded number of facts."""
    some: list[str] = []
    facts = 0
    for row in rows:
        if some and facts + row.last_seq > PURGED_EVENTS:
            yield some
            some, facts = [], 0
        some.append(row.id)
        facts += row.last_seq
    if some:
        yield some


async def _delete(core: Core, task_ids: Sequence[str], by: str) -> None:
    """Delete rows first: files without a row are found again, rows without files would mislead."""
    for task_id in task_ids:
        core.specs.pop(task_id, None)
    await core.store.delete(task_ids, epoch=core.writer.epoch)
    await core.record_system(TaskDeleted(ids=tuple(task_ids), by=by))
    core.bus.removed(task_ids)
    executors = {id(executor): executor for executor in core.executors.values()}
    keepers = [executor for executor in executors.values() if isinstance(executor, Keeper)]
    for task_id in task_ids:
        await asyncio.to_thread(core.remove_directory, task_id)
        for keeper in keepers:
            await _forget(keeper, task_id)
        try:
            await core.artifacts.delete(task_id)
        except OSError as exc:
            log.warning("files of %s were left: %s", task_id, exc)


async def _forget(keeper: Keeper, task_id: str) -> None:
    try:
        await keeper.forget(task_id)
    except (OSError, TasktuiError) as exc:
        log.warning("what was kept for %s was left: %s", task_id, exc)


def _require_end(row: TaskRow) -> None:
    if row.finished_at is None:
        raise StateError(f"The task has not ended, it is {row.status}: {row.id}", id=row.id)
