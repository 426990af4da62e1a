"""Tasks that wait for others: what becomes of them when a parent does not complete, or is gone."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import StoreError, TasktuiError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskEdited, TaskFinished, TaskHeld
from tasktui.domain.ports.store import Conflict
from tasktui.domain.status import Reason, Status

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow
    from tasktui.manager.core import Core

AFTER_TROUBLE_S: Final = 5.0
"""Until the next look when something could not be read or stored."""

log = logging.getLogger(__name__)


def ended(core: Core, row: TaskRow) -> None:
    """Take that a task has ended: whoever waits for it may start, or never will."""
    core.scheduler.wake()
    if row.status is not Status.COMPLETED:
        core.crew.start(settle(core, parent=row.id), name=f"children of {row.id}")


async def settle(core: Core, *, parent: str | None = None, child: str | None = None) -> None:
    """Fail or hold, as their policy says, those who wait for a parent in vain.

    Args:
        core: of the manager.
        parent: only those that wait for this one.
        child: only this one.
    """
    settled = set()
    try:
        for row, awaited in await core.store.stranded(parent=parent, child=child):
            if row.id not in settled:
                settled.add(row.id)
                await _settle(core, row, awaited)
    except StoreError as exc:
        log.warning("tasks that wait in vain are looked at again: %s", exc)
        if not core.writer.ended:
            core.crew.start(_again(core, parent, child), name="children, again")
    except TasktuiError as exc:
        log.warning("tasks that wait in vain are left to the next owner: %s", exc)


async def _again(core: Core, parent: str | None, child: str | None) -> None:
    await asyncio.sleep(AFTER_TROUBLE_S)
    await settle(core, parent=parent, child=child)


async def waived(core: Core, row: TaskRow) -> tuple[Data, ...]:
    """Return the fact that a task no longer waits for those it waits for in vain, if it does."""
    vain = {awaited for _, awaited in await core.store.stranded(child=row.id)} if row.depends_on else set()
    detail = await core.store.detail(row.id) if vain else None
    if detail is None:
        return ()
    spec = detail.task.spec.model_copy(update={"priority": row.priority, "lane": row.lane})
    left = tuple(parent for parent in spec.depends_on if parent not in vain)
    return (TaskEdited(spec=spec.model_copy(update={"depends_on": left})),)


async def followed(core: Core, parents: tuple[str, ...]) -> tuple[str, ...]:
    """Return whom a retried task waits for: the newest retry of each parent; deleted ones drop out."""
    found = []
    for parent in parents:
        row = await core.store.row(parent)
        while row is not None and row.superseded_by is not None and row.status is not Status.COMPLETED:
            row = await core.store.row(row.superseded_by)
        if row is not None:
            found.append(row.id)
    return tuple(dict.fromkeys(found))


async def _settle(core: Core, row: TaskRow, awaited: str) -> None:
    detail, parent = await core.store.detail(row.id), await core.store.row(awaited)
    if detail is None:
        return
    ending = "is gone" if parent is None else f"is {parent.status.replace('_', ' ')}"
    sentence = f"It waited for {awaited}, which {ending}."
    if detail.task.spec.on_parent_failure == "fail":
        fact: Data = _failed(sentence, f"{awaited} {ending}")
    elif not row.held or row.held_reason != sentence:
        fact = TaskHeld(reason=sentence)
    else:
        return
    done = await core.record(row, fact, status=Status.QUEUED, unchanged=True)
    if isinstance(done, Conflict) and done.reason == "seq":
        # somebody changed it meanwhile, it may wait for others now
        await settle(core, child=row.id)


def _failed(sentence: str, evidence: str) -> TaskFinished:
    return TaskFinished(
        status=Status.FAILED,
        reason=Reason.DEPENDENCY_FAILED,
        source="manager",
        evidence=evidence,
        error=sentence,
    )
