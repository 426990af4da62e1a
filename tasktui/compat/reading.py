"""What the replaced systems read from a manager: whole listings, and rows once they are as they will be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import TaskRow
from tasktui.domain.selection import cursor_of

STORED_S: Final = 2.0
"""How long a mutator waits until what it said can be read."""
_PAGE: Final = 500
_LOOK_S: Final = 0.002


async def all_rows(manager: Manager, query: TaskQuery, *, most: int | None = None) -> list[TaskRow]:
    """Return the rows of a listing, at most so many, page by page."""
    rows: list[TaskRow] = []
    while most is None or len(rows) < most:
        want = _PAGE if most is None else min(_PAGE, most - len(rows))
        after = cursor_of(rows[-1], query) if rows else None
        page = await manager.page(query, after=after, limit=want)
        rows += page.items
        if not page.more:
            break
    return rows


async def until_stored(manager: Manager, task_id: str, stored: Callable[[TaskRow], bool]) -> None:
    """Return when a task's row shows what was reported, or when it is not going to."""
    deadline = asyncio.get_running_loop().time() + STORED_S
    while not stored((await manager.get(task_id)).row):
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(_LOOK_S)
