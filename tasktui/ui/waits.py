"""What keeps queued tasks from starting, where their own rows do not say it: other tasks, and their lanes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import NotFoundError, OwnerError
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.status import ACTIVE, Status
from tasktui.ui.machines import several

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import LaneState
    from tasktui.domain.rows import TaskRow, UnixMs

MOST_TASKS: Final = 24
"""Others that are looked up at once."""
MOST_IN_LINE: Final = 64
"""Queued tasks of a lane, or of a line, that are looked through; in a longer queue no place is told."""
LOOK_S: Final = 2.0
"""How long one of several machines is waited for."""
_OPEN: Final = Term("status", "is", (*sorted(ACTIVE), Status.QUEUED))


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a task waits."""

    long: str
    short: str
    """The same where there is little room."""


async def waits_of(manager: Manager, rows: Sequence[TaskRow], now: UnixMs) -> Mapping[str, Wait]:
    """Return why these queued tasks wait, by id; those are left out whose own rows say it.

    Of several machines each has its own lanes and lines; nothing is told of one that does not answer.

    Raises:
        TasktuiError: it cannot be read.
    """
    machines = several(manager)
    if machines is None:
        return await _waits_at(manager, rows, now)
    by_host: dict[str, list[TaskRow]] = {}
    for row in rows:
        if row.host and row.unheard_since is None:
            by_host.setdefault(row.host, []).append(row)
    asked = [_in_time(_waits_at(machines.at(name), some, now)) for name, some in by_host.items()]
    return {task_id: wait for found in await asyncio.gather(*asked) for task_id, wait in found.items()}


async def _in_time(asked: Awaitable[Mapping[str, Wait]]) -> Mapping[str, Wait]:
    with suppress(OwnerError, TimeoutError):
        async with asyncio.timeout(LOOK_S):
            return await asked
    return {}


async def _waits_at(manager: Manager, rows: Sequence[TaskRow], now: UnixMs) -> Mapping[str, Wait]:
    asked = [row for row in rows if may_wait_for_others(row, now)]
    if not asked:
        return {}
    lanes = {lane.lane: lane for lane in await manager.lanes()}
    queues = {lane: await _queue(manager, lane) for lane in dict.fromkeys(row.lane for row in asked)}
    others = (row for queue in queues.values() for row in queue)
    parents = await _rows(manager, (one for row in (*asked, *others) for one in row.depends_on.split()))
    found: dict[str, Wait] = {}
    for row in asked:
        wait = _behind_parents(row, parents)
        if wait is None and row.in_line:
            wait = await behind_in_line(manager, row)
        if wait is None:
            ready = [one for one in queues[row.lane] if _is_ready(one, parents, now)]
            wait = _in_lane(row, lanes.get(row.lane), ready)
        if wait is not None:
            found[row.id] = wait
    return found


def may_wait_for_others(row: TaskRow, now: UnixMs) -> bool:
    """Whether nothing in the row itself says why the task has not started."""
    delayed = row.not_before is not None and row.not_before > now
    return row.status is Status.QUEUED and not row.held and not delayed


async def parents_of(manager: Manager, row: TaskRow) -> Sequence[tuple[str, TaskRow | None]]:
    """Return the tasks that one waits for, by id; None for one that was deleted.

    Raises:
        TasktuiError: they cannot be read.
    """
    ids = row.depends_on.split()
    known = await _rows(manager, ids)
    return [(task_id, known.get(task_id)) for task_id in ids[:MOST_TASKS]]


async def behind_in_line(manager: Manager, row: TaskRow) -> Wait | None:
    """Return behind which task one stands in the line for its key.

    Raises:
        TasktuiError: it cannot be read.
    """
    key = Term("key", "is", (row.exclusive_key or "",))
    page = await manager.page(TaskQuery((key, _OPEN), reverse=True), limit=MOST_IN_LINE)
    before = [other for other in page.items if not other.in_line or other.created_seq < row.created_seq]
    ahead = max((other for other in before if other.id != row.id), key=_place_in_line, default=None)
    return None if ahead is None else Wait(f"in line behind {ahead.title}", "in line")


def _place_in_line(row: TaskRow) -> tuple[bool, int]:
    return row.in_line, row.created_seq


async def _rows(manager: Manager, task_ids: Iterable[str]) -> dict[str, TaskRow]:
    found: dict[str, TaskRow] = {}
    for task_id in list(dict.fromkeys(task_ids))[:MOST_TASKS]:
        try:
            found[task_id] = (await manager.get(task_id)).row
        except NotFoundError:
            continue
    return found


async def _queue(manager: Manager, lane: str) -> Sequence[TaskRow]:
    """The queued tasks of a lane as they will start; none when there are too many."""
    terms = (Term("lane", "is", (lane,)), Term("status", "is", (Status.QUEUED,)))
    page = await manager.page(TaskQuery(terms, reverse=True), limit=MOST_IN_LINE)
    return () if page.more else sorted(page.items, key=lambda row: (-row.priority, row.position))


def _behind_parents(row: TaskRow, parents: Mapping[str, TaskRow]) -> Wait | None:
    known = (parents.get(task_id) for task_id in row.depends_on.split())
    open_ones = [parent for parent in known if parent is not None and parent.finished_at is None]
    if not open_ones:
        return None
    number = f"{len(open_ones)}: " if len(open_ones) > 1 else ""
    return Wait(f"blocked by {number}{open_ones[0].title}", "blocked")


def _is_ready(row: TaskRow, parents: Mapping[str, TaskRow], now: UnixMs) -> bool:
    """Whether it only waits for its lane, as far as is known."""
    return may_wait_for_others(row, now) and not row.in_line and _behind_parents(row, parents) is None


def _in_lane(row: TaskRow, lane: LaneState | None, ready: Sequence[TaskRow]) -> Wait | None:
    if lane is not None and lane.paused:
        return Wait(f"lane {row.lane} is paused", "lane paused")
    ids = [other.id for other in ready]
    if row.id not in ids:
        return None
    place = f"#{ids.index(row.id) + 1}"
    where = "queue" if row.lane == "default" else row.lane
    return Wait(f"{place} in {where}", f"{place} in {where}")
