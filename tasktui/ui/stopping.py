"""What would end if everything were stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tasktui.domain.query import EVERYTHING, Term
from tasktui.domain.selection import cursor_of
from tasktui.domain.status import ACTIVE, Status

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.rows import TaskRow

MOST: Final = 10_000
_PAGE: Final = 200
_OPEN: Final = replace(
    EVERYTHING, terms=(Term("status", "is", tuple(sorted((*ACTIVE, Status.QUEUED)))),), reverse=True
)


async def open_tasks(manager: Manager) -> list[TaskRow]:
    """Return all tasks that have not ended, those that run before those that are queued.

    Raises:
        TasktuiError: they cannot be read.
    """
    rows: list[TaskRow] = []
    page = await manager.page(_OPEN, limit=_PAGE)
    rows += page.items
    while page.more and len(rows) < MOST:
        page = await manager.page(_OPEN, after=cursor_of(rows[-1], _OPEN), limit=_PAGE)
        rows += page.items
    return sorted(rows, key=lambda row: row.status is Status.QUEUED)
