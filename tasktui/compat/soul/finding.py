"""The tasks of system 000 in a manager: by client and request, by session, all that run, how many."""

from __future__ import annotations

import logging
from typing import Final

from tasktui.compat.reading import all_rows, until_stored
from tasktui.compat.soul.tasks import LANE
from tasktui.domain.errors import NotRunningError
from tasktui.domain.events.lifecycle import TaskLinked
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.records import InterventionRow
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import TERMINAL, Status

OURS: Final = Term("lane", "is", (LANE,))
KEPT: Final = Term("acked", "is", (0,))
"""What a client has acked is there no longer, for 000."""
LIVE: Final = Term("status", "is", tuple(sorted(TERMINAL)), negated=True)
_MANY: Final = 1_000_000

log = logging.getLogger(__name__)


async def find(manager: Manager, client_id: str, request_id: str) -> TaskRow | None:
    """Return the newest task of this client and request that was not acked."""
    named = Term("client", "is", (client_id,)), Term("request", "is", (request_id,))
    rows = await all_rows(manager, TaskQuery(terms=(*named, OURS, KEPT)), most=1)
    return rows[0] if rows else None


async def find_by_session(manager: Manager, session_id: str) -> TaskRow | None:
    """Return the newest task of this session that was not acked."""
    terms = (Term("session", "is", (session_id,)), OURS, KEPT)
    rows = await all_rows(manager, TaskQuery(terms=terms), most=1)
    return rows[0] if rows else None


async def running(manager: Manager) -> list[TaskRow]:
    """Return the tasks that have not ended, the oldest first."""
    return await all_rows(manager, TaskQuery(terms=(OURS, LIVE), reverse=True))


async def stats(manager: Manager) -> dict[str, int]:
    """Return how many tasks there are, and how many stand where."""

    async def number(*terms: Term) -> int:
        return await manager.count(TaskQuery(terms=(OURS, KEPT, *terms)), limit=_MANY)

    total, live = await number(), await number(LIVE)
    completed = await number(Term("status", "is", (Status.COMPLETED,)))
    return {"total": total, "running": live, "completed": completed, "error": total - live - completed}


async def link_session(manager: Manager, row: TaskRow | None, session_id: str) -> None:
    """Note under which session a task runs; one that has ended keeps what it has."""
    if row is None or row.finished_at is not None:
        log.warning("no task runs for session %s", session_id)
        return
    try:
        await manager.report(row.id, TaskLinked(session_id=session_id))
    except NotRunningError:
        return
    await until_stored(manager, row.id, lambda now: now.session_id == session_id)


async def waiting(manager: Manager, task_id: str) -> list[InterventionRow]:
    """Return the messages without a verdict, the oldest first."""
    rows = (await manager.detail(task_id)).interventions
    return [row for row in rows if row.state == "queued"]
