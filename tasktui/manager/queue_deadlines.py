"""Tasks that may wait only so long in the queue."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import StoreError
from tasktui.domain.events.lifecycle import TaskFinished
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.status import Group, Reason, Status
from tasktui.manager.deadlines import Alarm
from tasktui.manager.tool_book import elapsed_ms

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow
    from tasktui.manager.core import Core

AFTER_TROUBLE_S: Final = 5.0
"""Until the next try when something could not be read or stored."""
_PAGE: Final = 500

log = logging.getLogger(__name__)


def arm(core: Core, row: TaskRow) -> None:
    """Watch a queued task's deadline, if it has one."""
    if row.queue_timeout_s is None or not _waits_yet(row):
        return
    waited_s = elapsed_ms(row.created_at, core.clock.now()) / 1000
    due = core.clock.monotonic() + max(0.0, row.queue_timeout_s - waited_s)
    core.crew.start(_watch(core, row, due), name=f"queue deadline of {row.id}")


async def arm_all(core: Core) -> None:
    """Watch the deadlines of what an earlier owner left in the queue, page by page."""
    query = TaskQuery(group=Group.QUEUED)
    after: Cursor | None = None
    while True:
        page = await core.store.page(query, after=after, limit=_PAGE)
        for row in page.items:
            arm(core, row)
        if not page.more or not page.items:
            return
        last = page.items[-1]
        after = Cursor(last.created_seq, last.created_seq)


async def _watch(core: Core, row: TaskRow, due: float) -> None:
    passed = asyncio.Event()
    alarm = Alarm(core.clock, lambda: due, passed.set)
    try:
        await passed.wait()
    finally:
        alarm.cancel()
    while True:
        try:
            await _time_out(core, row)
        except StoreError as exc:
            log.warning("the queue deadline of %s is seen to later: %s", row.id, exc)
            await asyncio.sleep(AFTER_TROUBLE_S)
        else:
            return


async def _time_out(core: Core, row: TaskRow) -> None:
    now = await core.store.row(row.id)
    if now is None or not _waits_yet(now) or now.queue_timeout_s != row.queue_timeout_s:
        return
    fact = TaskFinished(
        status=Status.TIMED_OUT,
        reason=Reason.QUEUE_TIMEOUT,
        source="manager",
        evidence="queue deadline",
        error=f"It did not start within {row.queue_timeout_s:g} s.",
    )
    await core.record(now, fact, status=Status.QUEUED)


def _waits_yet(row: TaskRow) -> bool:
    """Whether it never started: one that waits for a further run did so in time."""
    return row.status is Status.QUEUED and not row.run_no
