"""Why a task that is followed has not started yet, said once and again when it changes."""

from __future__ import annotations

import time
from typing import Final

from tasktui.cli.printing import tell
from tasktui.cli.reading import now_ms
from tasktui.cli.whole_facts import whole_facts
from tasktui.domain.amounts import duration
from tasktui.domain.facts import Facts
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import ACTIVE, Status
from tasktui.domain.wire import time_text
from tasktui.store.sqlite.reader import Reader

PATIENCE_S: Final = 0.4
"""A task that starts within this never waited."""
AGAIN_S: Final = 5.0
"""No sooner is another reason told."""
_COUNTED: Final = 1000
_UNENDED: Final = (*sorted(ACTIVE), Status.QUEUED)


class Waiting:
    """Tells on standard error what a queued task waits for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._next = time.monotonic() + PATIENCE_S
        self._told = ""

    def tell(self, row: TaskRow) -> None:
        """Tell it, when there is something new."""
        if row.status is not Status.QUEUED or time.monotonic() < self._next:
            return
        why = reason(self._reader, row)
        if why != self._told:
            self._told = why
            self._next = time.monotonic() + AGAIN_S
            tell(why)


def reason(reader: Reader, row: TaskRow) -> str:
    """Return why a queued task does not run."""
    if row.held:
        because = f" ({row.held_reason})" if row.held_reason else ""
        until = f" until {time_text(row.held_until)}" if row.held_until is not None else ""
        return f"held{until}{because}. Let it start with tasktui release {row.id}"
    if row.not_before is not None and row.not_before > now_ms():
        return f"waits another {duration(row.not_before - now_ms())}"
    parents = [parent for parent in row.depends_on.split() if not _has_ended(reader, parent)]
    if parents:
        return f"waits for {', '.join(parents)}"
    if row.in_line and (before := _ahead_in_line(reader, row)) is not None:
        return f"in line for {row.exclusive_key} behind {before.id}"
    if _is_paused(reader, row.lane):
        return f"lane {row.lane} is paused. Let it go on with tasktui lanes {row.lane} --resume"
    ahead = sum(_is_ahead(other, row) for other in _queued_in(reader, row.lane))
    running = reader.count(_of_lane(row.lane, Status.RUNNING))
    return f"queued behind {ahead + running} in lane {row.lane}"


def _has_ended(reader: Reader, task_id: str) -> bool:
    parent = reader.row(task_id)
    return parent is None or parent.finished_at is not None


def _queued_in(reader: Reader, lane: str) -> tuple[TaskRow, ...]:
    return reader.page(_of_lane(lane, Status.QUEUED), limit=_COUNTED).items


def _of_lane(lane: str, status: Status) -> TaskQuery:
    return TaskQuery((Term("lane", "is", (lane,)), Term("status", "is", (status,))), now=now_ms())


def _is_ahead(other: TaskRow, row: TaskRow) -> bool:
    return not other.held and _place(other) < _place(row)


def _place(row: TaskRow) -> tuple[int, int, int]:
    return -row.priority, row.position, row.created_seq


def _ahead_in_line(reader: Reader, row: TaskRow) -> TaskRow | None:
    """The task just before this one in the line for its key, or the one that has the key."""
    terms = (Term("key", "is", (row.exclusive_key or "",)), Term("status", "is", _UNENDED))
    line = reader.page(TaskQuery(terms, now=now_ms()), limit=_COUNTED).items
    ahead = [one for one in line if not one.in_line or one.created_seq < row.created_seq]
    return max(ahead, key=lambda one: (one.in_line, one.created_seq), default=None)


def _is_paused(reader: Reader, lane: str) -> bool:
    paused = False
    for fact in whole_facts(reader, "lane.changed"):
        change = Facts(fact.data)
        if change.text("lane") == lane:
            paused = change.flag("paused", default=paused)
    return paused
