"""What waits for a person over all tasks, and what was answered lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import NotFoundError
from tasktui.domain.query import EVERYTHING, Term
from tasktui.domain.status import Group

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import RequestRow
    from tasktui.domain.rows import TaskRow

MOST_WAITING: Final = 200
"""Tasks that wait and are read."""
LOOKED_BACK: Final = {"agent": 30, "shell": 15, "python": 15}
"""Tasks of each kind, the ones that changed last, whose answered questions are the history."""
MOST_ANSWERED: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and the task that asks it."""

    row: TaskRow
    request: RequestRow

    @property
    def id(self) -> str:
        """Names it among all."""
        return f"{self.row.id}/{self.request.request_id}"


async def waiting(manager: Manager) -> list[Asked]:
    """Return every question that waits, the longest waiting first.

    Raises:
        TasktuiError: they cannot be read.
    """
    page = await manager.page(replace(EVERYTHING, group=Group.NEEDS_YOU), limit=MOST_WAITING)
    asked = [one for one in await _of(manager, page.items) if one.request.state == "waiting"]
    return sorted(asked, key=lambda one: one.request.requested_at)


async def answered(manager: Manager) -> list[Asked]:
    """Return the questions of the tasks that changed last which wait no longer, the newest answer first.

    Raises:
        TasktuiError: they cannot be read.
    """
    rows: list[TaskRow] = []
    for kind, limit in LOOKED_BACK.items():
        query = replace(EVERYTHING, terms=(Term("kind", "is", (kind,)),), sort="updated")
        rows += (await manager.page(query, limit=limit)).items
    asked = [one for one in await _of(manager, rows) if one.request.state != "waiting"]
    asked.sort(key=lambda one: -(one.request.resolved_at or one.request.requested_at))
    return asked[:MOST_ANSWERED]


async def _of(manager: Manager, rows: Sequence[TaskRow]) -> list[Asked]:
    found: list[Asked] = []
    for row in rows:
        try:
            detail = await manager.detail(row.id)
        except NotFoundError:
            continue
        found += [Asked(detail.task.row, request) for request in detail.requests]
    return found
