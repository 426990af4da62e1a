"""The only table of what may happen to a task in which state."""

from __future__ import annotations

from typing import Final

from tasktui.domain.errors import IllegalTransitionError
from tasktui.domain.status import ACTIVE, TERMINAL, Status

LIVE: Final = ACTIVE | {Status.QUEUED}

FROM: Final[dict[str, frozenset[Status]]] = {
    "task.created": frozenset(),
    "task.dispatched": frozenset({Status.QUEUED}),
    "task.started": frozenset({Status.QUEUED, Status.DISPATCHED}),
    "task.requeued": ACTIVE,
    "task.recovered": ACTIVE,
    "task.finished": LIVE,
    "task.cancel_requested": LIVE,
    "task.held": frozenset({Status.QUEUED}),
    "task.released": frozenset({Status.QUEUED}),
    "task.edited": frozenset({Status.QUEUED}),
    "task.paused": frozenset({Status.RUNNING}),
    "task.resumed": frozenset({Status.RUNNING}),
    "task.acked": TERMINAL,
    "task.retried": TERMINAL,
    "task.archived": TERMINAL,
}
"""Statuses in which an event with a meaning for the status may happen; others need a live task."""

AFTER_END: Final = frozenset(
    {
        "task.delivered",
        "task.acked",
        "task.archived",
        "task.retried",
        "task.imported",
        "task.warning",
        "artifact.added",
        "artifact.removed",
        "checklist.updated",
        "gate.recorded",
        "attempt.recorded",
        "github.recorded",
        "output.truncated",
        "intervention.expired",
        "intervention.failed",
        "input.expired",
        "approval.expired",
    }
)
"""Evidence and book-keeping that a terminal task still takes; none of it changes the status."""

BEFORE_START: Final = frozenset({Status.CANCELED, Status.FAILED, Status.TIMED_OUT, Status.INTERRUPTED})
"""How a task may end that never ran."""


def check(task_id: str, status: Status, event_type: str, target: Status | None = None) -> None:
    """Refuse an event that the task's state does not allow.

    Args:
        task_id: named in the error.
        status: where the task stands.
        event_type: the event's name; `task.created` is never possible, for there is a task.
        target: the status that a `task.finished` brings.

    Raises:
        IllegalTransitionError: the event may not happen now.
    """
    allowed = status in FROM.get(event_type, LIVE) or event_type in AFTER_END
    if event_type == "task.finished" and allowed:
        allowed = target in TERMINAL and (status != Status.QUEUED or target in BEFORE_START)
    if not allowed:
        raise IllegalTransitionError(
            f"{event_type} is not possible while the task is {status}: {task_id}", id=task_id
        )
