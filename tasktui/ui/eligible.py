"""Which actions make sense for a task as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import ACTIVE, TERMINAL, Attention, Status


def _finished(row: TaskRow) -> bool:
    return row.status in TERMINAL


def _queued(row: TaskRow) -> bool:
    return row.status is Status.QUEUED


def _works(row: TaskRow) -> bool:
    return row.status is Status.RUNNING


def _recurs(row: TaskRow) -> bool:
    return row.schedule_id is not None


def _open(row: TaskRow) -> bool:
    return row.status not in TERMINAL


def _runs(row: TaskRow) -> bool:
    return row.status in ACTIVE


def _asks(row: TaskRow) -> bool:
    return _open(row) and row.attention is not Attention.NONE


def _asks_approval(row: TaskRow) -> bool:
    return _open(row) and row.attention is Attention.APPROVAL


FITS: Final[Mapping[str, tuple[Callable[[TaskRow], bool], str]]] = {
    "task.cancel": (_open, "has not ended"),
    "task.kill": (_open, "has not ended"),
    "task.hold": (_queued, "is queued"),
    "task.pause": (_works, "runs"),
    "task.edit": (_queued, "is queued"),
    "task.earlier": (_queued, "is queued"),
    "task.later": (_queued, "is queued"),
    "task.first": (_queued, "is queued"),
    "task.last": (_queued, "is queued"),
    "schedule.stop": (_recurs, "recurs"),
    "task.retry": (_finished, "has ended"),
    "task.retry_edit": (_finished, "has ended"),
    "task.priority_up": (_queued, "is queued"),
    "task.priority_down": (_queued, "is queued"),
    "task.archive": (_finished, "has ended"),
    "task.purge": (_finished, "has ended"),
    "intervene": (_runs, "runs"),
    "approve": (_asks, "asks something"),
    "approve.always": (_asks_approval, "wants an approval"),
    "deny": (_asks_approval, "wants an approval"),
    "deny.reason": (_asks_approval, "wants an approval"),
}
"""For an action: whether it fits a task, and what a task must be for it to fit."""


def fitting(action: str, rows: Sequence[TaskRow]) -> tuple[TaskRow, ...]:
    """Return the tasks to which the action applies."""
    if action not in FITS:
        return tuple(rows)
    return tuple(row for row in rows if FITS[action][0](row))


def why_not(action: str, rows: Sequence[TaskRow]) -> str:
    """Return a sentence for a person when an action fits none of these tasks."""
    needs = FITS[action][1]
    return (
        f"None of the {len(rows)} marked {needs}." if len(rows) > 1 else f"That is for a task that {needs}."
    )
