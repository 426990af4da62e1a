"""Which task needs somebody next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasktui.domain.errors import TasktuiError
from tasktui.domain.query import EVERYTHING
from tasktui.domain.status import Group

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager


async def next_waiting(manager: Manager, here: str) -> str | None:
    """Return the id of the task after `here` that waits for a person, going round; None when none does."""
    try:
        page = await manager.page(replace(EVERYTHING, group=Group.NEEDS_YOU))
    except TasktuiError:
        return None
    ids = [row.id for row in page.items]
    if here in ids:
        return ids[(ids.index(here) + 1) % len(ids)]
    return ids[0] if ids else None
