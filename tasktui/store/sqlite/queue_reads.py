"""Reads of the scheduler and of retention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tasktui.domain.rows import TaskRow, UnixMs, task_row
from tasktui.domain.status import TERMINAL
from tasktui.store.sqlite.listing import ROW
from tasktui.store.sqlite.reading import Reading

_MAY_START: Final = (
    "tasks t INDEXED BY tasks_queue WHERE t.status = 'queued' AND t.blocked = 0 AND t.lane = ?"
    " AND (t.held = 0 OR t.held_until <= ?) AND (t.not_before IS NULL OR t.not_before <= ?)"
    " AND t.cancel_requested_at IS NULL"
    " ORDER BY t.priority DESC, t.position, t.created_seq LIMIT ?"
)
_NEXT_DUE: Final = (
    "SELECT min(due) FROM ("
    "SELECT min(not_before) AS due FROM tasks WHERE status = 'queued' AND not_before > ? UNION ALL "
    "SELECT min(held_until) FROM tasks WHERE status = 'queued' AND held = 1 AND held_until > ?)"
)
_ENDED: Final = ", ".join(f"'{status}'" for status in sorted(TERMINAL))
_STRANDED: Final = (
    f"SELECT w.parent, {ROW} FROM waits w JOIN tasks t ON t.created_seq = w.task"
    " LEFT JOIN tasks p ON p.id = w.parent"
    " WHERE w.for_key = 0 {} AND t.status = 'queued' AND (p.id IS NULL OR p.finished_at IS NOT NULL)"
    " ORDER BY t.created_seq"
)
_EXPIRED: Final = (
    "SELECT id FROM tasks WHERE finished_at IS NOT NULL"
    " AND (finished_at < ? OR (finished_at, created_seq) <= (?, ?))"
    " AND (client_id IS NULL OR acked_at IS NOT NULL)"
    " AND (updated_at < ? OR NOT EXISTS (SELECT 1 FROM events e"
    " WHERE e.task = tasks.created_seq AND e.type = 'task.imported' AND e.ts >= ?))"
    " ORDER BY finished_at, created_seq LIMIT ?"
)
_SURPLUS: Final = (
    "SELECT finished_at, created_seq FROM tasks WHERE finished_at IS NOT NULL"
    " ORDER BY finished_at, created_seq LIMIT 1 OFFSET ?"
)


class QueueReads(Reading):
    """What may start, when the next one may, what is under way, what may go."""

    def claimable(self, lane: str, *, now: UnixMs, limit: int) -> list[TaskRow]:
        """As `Store.claimable`."""
        return self._rows(_MAY_START, (lane, now, now, limit))

    def newest_firing(self, schedule_id: str) -> TaskRow | None:
        """As `Store.newest_firing`."""
        found = self._rows(
            "tasks t WHERE t.schedule_id = ? ORDER BY t.created_seq DESC LIMIT 1", (schedule_id,)
        )
        return found[0] if found else None

    def neighbour(self, row: TaskRow, *, earlier: bool, farthest: bool = False) -> TaskRow | None:
        """As `Store.neighbour`."""
        side = "<" if earlier else ">"
        order = "DESC" if earlier != farthest else "ASC"
        found = self._rows(
            "tasks t WHERE t.status = 'queued' AND t.archived_at IS NULL AND t.lane = ? AND t.priority = ?"
            f" AND (t.position, t.created_seq) {side} (?, ?)"
            f" ORDER BY t.position {order}, t.created_seq {order} LIMIT 1",
            (row.lane, row.priority, row.position, row.created_seq),
        )
        return found[0] if found else None

    def stranded(self, *, parent: str | None = None, child: str | None = None) -> list[tuple[TaskRow, str]]:
        """As `Store.stranded`."""
        terms, values = "", []
        if parent is not None:
            terms, values = " AND w.parent = ?", [parent]
        if child is not None:
            terms, values = (
                f"{terms} AND w.task = (SELECT created_seq FROM tasks WHERE id = ?)",
                [*values, child],
            )
        return [(task_row(row[1:]), row[0]) for row in self._all(_STRANDED.format(terms), values)]

    def next_due(self, now: UnixMs) -> UnixMs | None:
        """As `Store.next_due`."""
        due: UnixMs | None = self._one(_NEXT_DUE, (now, now))[0]
        return due

    def live_tasks(self) -> list[TaskRow]:
        """As `Store.live_tasks`; only finished tasks can be archived."""
        return self._rows(
            "tasks t INDEXED BY tasks_status WHERE t.status IN ('dispatched', 'running')"
            " AND t.archived_at IS NULL ORDER BY t.created_seq"
        )

    def expired(self, *, finished_before: UnixMs, keep: int, limit: int) -> list[str]:
        """As `Store.expired`."""
        (done,) = self._one(f"SELECT coalesce(sum(number), 0) FROM counters WHERE status IN ({_ENDED})")
        surplus = self._one(_SURPLUS, (done - keep - 1,)) if done > keep else (-1, -1)
        values = (finished_before, *surplus, finished_before, finished_before, limit)
        return [row[0] for row in self._all(_EXPIRED, values)]

    def _rows(self, source: str, values: Sequence[Any] = ()) -> list[TaskRow]:
        return [task_row(row) for row in self._all(f"SELECT {ROW} FROM {source}", values)]
