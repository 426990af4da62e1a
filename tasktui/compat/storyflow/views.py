"""Tasks as system 003 shows them: fresh dicts, made anew at each call."""

from __future__ import annotations

import json
from typing import Any, Final

from tasktui.compat.times import instant
from tasktui.domain.events.lifecycle import TaskProgress
from tasktui.domain.records import EvidenceRow
from tasktui.domain.requests import TaskDetail
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.status import Status

TASK_PENDING: Final = "PENDING"
TASK_PROCESSING: Final = "PROCESSING"
TASK_COMPLETED: Final = "COMPLETED"
TASK_FAILED: Final = "FAILED"
TASK_CANCELLED: Final = "CANCELLED"
TASK_CANCELLING: Final = "CANCELLING"
"""Asked to stop, and still at work."""
STATUS: Final = {
    Status.QUEUED: TASK_PENDING,
    Status.DISPATCHED: TASK_PROCESSING,
    Status.RUNNING: TASK_PROCESSING,
    Status.COMPLETED: TASK_COMPLETED,
    Status.FAILED: TASK_FAILED,
    Status.TIMED_OUT: TASK_FAILED,
    Status.INTERRUPTED: TASK_FAILED,
    Status.LOST: TASK_FAILED,
    Status.CANCELED: TASK_CANCELLED,
}
"""The states of 003 as a view on the stored status."""


def status_of(row: TaskRow) -> str:
    """Return the task's state in 003's words."""
    return TASK_CANCELLING if row.stopping else STATUS[row.status]


def progress_fact(current: float, total: float, more: dict[str, Any]) -> TaskProgress:
    """Return the fact of 003's progress: a whole percentage from 0 to 100, and 0 of a total of 0.

    Args:
        current: how much is done.
        total: of how much.
        more: `percentage_override`, and whatever else is to be shown.
    """
    rest = dict(more)
    given = rest.pop("percentage_override", None)
    reached = current / total * 100 if total else 0
    percentage = min(100, max(0, int(reached if given is None else given)))
    phase = json.dumps(rest, ensure_ascii=False, default=str) if rest else None
    return TaskProgress(current=current, total=total, percentage=percentage, phase=phase)


def view(detail: TaskDetail) -> dict[str, Any]:
    """Return a task as 003's dict, which is the caller's own."""
    row = detail.task.row
    return {
        "task_id": row.id,
        "status": status_of(row),
        "progress": _progress(row),
        "completed_segments": _segments(detail.evidence, failed=False),
        "errors": _segments(detail.evidence, failed=True),
        "error": row.error,
        "created_at": _text(row.created_at),
        "started_at": _text(row.started_at),
        "completed_at": _text(row.finished_at),
    }


def _progress(row: TaskRow) -> dict[str, Any]:
    made: dict[str, Any] = {
        "current": _whole(row.progress_current),
        "total": _whole(row.progress_total),
        "percentage": row.progress_percentage or 0,
    }
    return made | (json.loads(row.progress_phase) if row.progress_phase else {})


def _whole(number: float | None) -> float:
    if number is None:
        return 0
    return int(number) if number.is_integer() else number


def _segments(evidence: tuple[EvidenceRow, ...], *, failed: bool) -> list[dict[str, Any]]:
    records = [json.loads(one.record) for one in evidence if one.kind == "segment"]
    if failed:
        return [{"segment_id": one["segment_id"], "error": one["error"]} for one in records if "error" in one]
    return [{"segment_id": one["segment_id"], **one["result"]} for one in records if "error" not in one]


def _text(ms: UnixMs | None) -> str | None:
    return None if ms is None else instant(ms).isoformat()
