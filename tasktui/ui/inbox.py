"""What waits for a person over all tasks, and what was answered lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import NotFoundError
from tasktui.domain.query import EVERYTHING, Term
from tasktui.domain.status import TERMINAL, Group
from tasktui.ui.task_words import elapsed
from tasktui.ui.widgets.detail.clock import clock

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import RequestRow
    from tasktui.domain.rows import TaskRow

MOST_WAITING: Final = 200
"""Tasks that wait and are read."""
LOOKED_BACK: Final = {"agent": 30, "shell": 15, "python": 15}
"""Tasks of each kind, the ones that changed last, whose answered questions are the history."""
MOST_ANSWERED: Final = 50
_FROM: Final = {
    "screen": "on a screen",
    "cli": "on the command line",
    "api": "over the API",
    "rule": "as it was decided before",
}
"""From where an answer came."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and the task that asks it."""

    row: TaskRow
    request: RequestRow

    @property
    def id(self) -> str:
        """Names it among all."""
        return f"{self.row.id}/{self.request.request_id}"


def verdict(asked: Asked) -> str:
    """Return what became of a question that waits no longer."""
    request = asked.request
    if request.state == "expired":
        return "expired"
    scope = {"task": " for the task", "always": " always"}.get(request.scope or "", "")
    return {"allow": f"allowed{scope}", "deny": "denied"}.get(
        request.decision or "", f"answered: {request.decision}"
    )


def history(asked: Asked) -> str:
    """Return who decided it, from where, when, and after how long."""
    request = asked.request
    by = f" by {request.decided_by}" if request.decided_by else ""
    origin = request.decided_from or ""
    where = f" {_FROM.get(origin, f'from {origin}')}" if origin else ""
    if request.resolved_at is None:
        return f"{by}{where}"
    after = elapsed(request.resolved_at - request.requested_at)
    return f"{by}{where} at {clock(request.resolved_at)}, after {after}"


async def why_settled(manager: Manager, request: RequestRow) -> str:
    """Return why a question can be answered no more, a sentence; empty while it waits.

    Raises:
        TasktuiError: that cannot be read.
    """
    try:
        detail = await manager.detail(request.task_id)
    except NotFoundError:
        return "Its task is gone, so it waits no longer."
    row = detail.task.row
    now = next((one for one in detail.requests if one.request_id == request.request_id), request)
    if now.state != "waiting":
        asked = Asked(row, now)
        return f"It waits no longer; {verdict(asked)}{history(asked)}."
    return "Its task has ended, so it waits no longer." if row.status in TERMINAL else ""


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
