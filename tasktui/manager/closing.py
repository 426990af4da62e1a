"""Closing the manager: what outlives it is let go, what does not is ended, what waits is stored."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from tasktui.domain.errors import TasktuiError
from tasktui.domain.query import TaskQuery
from tasktui.domain.status import Group
from tasktui.manager.cancel import cancel

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun

CREW_S = 5.0
"""For background work to obey its cancellation."""
_PAGE = 500


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
    if mode == "cancel":
        await _cancel_all(core)
    for run in tuple(core.runs.values()):
        if not _outlives_us(core, run):
            run.stop.ask("shutdown")
    ending = [run for run in core.runs.values() if mode != "detach" or not _outlives_us(core, run)]
    await asyncio.gather(*(run.ended.wait() for run in ending))
    await core.crew.close(timeout_s=CREW_S)


def _outlives_us(core: Core, run: LocalRun) -> bool:
    try:
        return core.executor(run.spec).capabilities(run.spec).reattach
    except TasktuiError:
        return False


async def _all_done(core: Core) -> None:
    """Wait until nothing runs and nothing can start; what is held or delayed stays in the queue."""
    while True:
        await core.scheduler.idle()
        running = tuple(core.runs.values())
        if not running:
            return
        await asyncio.gather(*(run.ended.wait() for run in running))


async def _cancel_all(core: Core) -> None:
    """Cancel what waits, then what runs."""
    while True:
        page = await core.store.page(TaskQuery(group=Group.QUEUED), limit=_PAGE)
        if not page.items:
            break
        await asyncio.gather(*(cancel(core, row.id, reason="the manager closes") for row in page.items))
    await asyncio.gather(
        *(cancel(core, task_id, reason="the manager closes") for task_id in tuple(core.runs))
    )
