"""Taking in tasks that have been elsewhere: as history, each whole or not at all, none of them started."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasktui.domain.errors import StoreError, TasktuiError
from tasktui.domain.events.lifecycle import TaskImported
from tasktui.domain.history import History, Restored, at_rest, row_of
from tasktui.domain.ids import is_task_id
from tasktui.domain.ports.store import Change, Conflict
from tasktui.domain.status import Status
from tasktui.manager import dependents, queue_deadlines, surroundings
from tasktui.manager.finishing import index_output

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow
    from tasktui.manager.core import Core


async def restore(core: Core, histories: Sequence[History]) -> Sequence[Restored]:
    """Take in tasks; see `Manager.restore`.

    All are handed to the writer at once, so that a batch is one transaction.
    """
    known = {row.id for row in await core.store.rows_of([history.task_id for history in histories])}
    seen: set[str] = set()
    works = []
    for history in histories:
        again = history.task_id in known or history.task_id in seen
        seen.add(history.task_id)
        works.append(_known(history) if again else _restore(core, history))
    return await asyncio.gather(*works)


async def _known(history: History) -> Restored:
    return Restored(history.task_id, "known")


async def _restore(core: Core, history: History) -> Restored:
    task_id = history.task_id
    if not is_task_id(task_id):
        return _refused(task_id, "not an id")
    # the store was asked before: what came since then is looked up for those of whom there is a sign
    came = task_id in core.submitting or task_id in core.specs or task_id in core.runs
    if came and await core.is_there(task_id):
        return Restored(task_id, "known")
    try:
        with core.making(task_id):
            return await _take(core, at_rest(history))
    except StoreError:
        raise
    except TasktuiError as exc:
        return _refused(task_id, exc.message)


async def _take(core: Core, history: History) -> Restored:
    task_id, last = history.task_id, history.events[-1]
    waiting = row_of(history).status is Status.QUEUED
    if waiting:
        await _write_files(core, history)
    came = core.event(task_id, last.run, TaskImported(origin=history.origin or None))
    done = await core.writer.commit(
        Change(task_id, (*history.events, came), expected_seq=0, live=history.live)
    )
    if isinstance(done, Conflict):
        if done.reason == "exists":
            return Restored(task_id, "known")
        if waiting:
            await asyncio.to_thread(core.remove_directory, task_id)
        return _refused(task_id, done.detail)
    if done.row is not None:
        await _settle(core, done.row)
    return Restored(task_id, "restored")


async def _write_files(core: Core, history: History) -> None:
    """Write what a task needs that may run one day; its environment will be the owner's."""
    made, first = history.created, history.events[0]
    try:
        await asyncio.to_thread(
            surroundings.write_files, core.directory(history.task_id), made.spec, created_at=first.ts,
            retry_of=made.retry_of, env=None,
        )  # fmt: skip
    except OSError as exc:
        raise StoreError(f"The files of {history.task_id} cannot be written: {exc.strerror}") from exc


async def _settle(core: Core, row: TaskRow) -> None:
    """See to what else belongs to a task that is there now."""
    if row.status is Status.QUEUED:
        core.scheduler.queued += 1
        queue_deadlines.arm(core, row)
        if row.depends_on:
            await dependents.settle(core, child=row.id)
    elif core.directory(row.id).is_dir():
        for run in range(1, row.run_no + 1):
            await index_output(core, row.id, run)


def _refused(task_id: str, detail: str) -> Restored:
    return Restored(task_id, "refused", detail)
