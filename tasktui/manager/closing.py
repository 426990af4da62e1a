"""Closing the manager: what outlives it is let go, what does not is ended, what waits is stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from tasktui.domain.errors import StoreError, TasktuiError
from tasktui.domain.query import TaskQuery
from tasktui.domain.status import Group
from tasktui.manager.cancel import cancel

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun

CREW_S = 5.0
"""For background work to obey its cancellation."""
LOOK_S = 0.2
"""While the manager closes: how often it is looked whether facts can be stored."""
_PAGE = 500

log = logging.getLogger(__name__)


async def settle(
    core: Core, mode: Literal["detach", "cancel", "wait"], scheduling: asyncio.Task[None]
) -> None:
    """Bring the work to where the mode wants it."""
    if core.writer.ended:
        mode = "detach"
    if mode == "wait":
        await _all_done(core)
    core.scheduler.stop()
    await scheduling
    await core.schedules.halt()
    if mode == "cancel":
        await _cancel_all(core)
    for run in tuple(core.runs.values()):
        if not _outlives_us(core, run):
            run.stop.ask("shutdown")
    await _ended(core, [run for run in core.runs.values() if not _outlives_us(core, run)])
    await core.crew.close(timeout_s=CREW_S)


async def _ended(core: Core, runs: Sequence[LocalRun]) -> None:
    """Wait for the ends of runs; not for those that cannot be stored now, the next owner sees to them."""
    going = set(runs)
    while going:
        if core.writer.degraded and all(run.closed for run in going):
            return
        waits = [asyncio.ensure_future(run.ended.wait()) for run in going]
        await asyncio.wait(waits, timeout=LOOK_S)
        for one in waits:
            one.cancel()
        going = {run for run in going if not run.ended.is_set()}


def _outlives_us(core: Core, run: LocalRun) -> bool:
    try:
        return core.executor(run.spec).capabilities(run.spec).reattach
    except TasktuiError:
        return False


async def _all_done(core: Core) -> None:
    """Wait until nothing runs and nothing can start; what is held or delayed stays in the queue.

    Not for what belongs to another owner by now.
    """
    while not core.writer.ended:
        await core.scheduler.idle()
        running = tuple(core.runs.values())
        if not running:
            return
        ends = asyncio.ensure_future(_all_ended(running))
        fenced = asyncio.ensure_future(core.scheduler.stopped())
        await asyncio.wait({ends, fenced}, return_when=asyncio.FIRST_COMPLETED)
        ends.cancel()
        fenced.cancel()


async def _all_ended(runs: Sequence[LocalRun]) -> None:
    for run in runs:
        await run.ended.wait()


async def _cancel_all(core: Core) -> None:
    """Cancel what waits and what runs, also what has gone from one to the other meanwhile."""
    while True:
        page = await core.store.page(TaskQuery(group=Group.QUEUED), limit=_PAGE)
        running = tuple(core.runs.values())
        ids = [row.id for row in page.items] + [run.task_id for run in running]
        if not ids:
            return
        try:
            await asyncio.gather(*(cancel(core, task_id, reason="the manager closes") for task_id in ids))
        except StoreError as exc:
            log.warning("not everything was canceled: %s", exc)
            return
        await _ended(core, running)
        if core.writer.degraded:
            return
