"""What every read shares: one connection, errors in our words, several statements on one state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from tasktui.domain.ids import SYSTEM
from tasktui.store.sqlite.connecting import translating

SYSTEM_TASK: Final = 0
"""`events.task` of the log of the whole."""


class Reading:
    """Statements over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Let several statements see the same state."""
        with translating():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with translating():
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        found = self._all(sql, values)
        return found[0] if found else None

    def _number_of(self, task_id: str) -> int | None:
        """Return the task's number in the other tables."""
        if task_id == SYSTEM:
            return SYSTEM_TASK
        found = self._one("SELECT created_seq FROM tasks WHERE id = ?", (task_id,))
        return int(found[0]) if found else None

    def _window(
        self, sql: str, order: str, values: Sequence[Any], *, ends: tuple[int, int | None], limit: int
    ) -> tuple[list[Any], bool]:
        """Return rows between two places, from the end if only that is given, and whether more follow.

        Args:
            sql: up to and with a WHERE clause.
            order: the column of the places.
            values: of the statement so far.
            ends: after the first and before the second.
            limit: at most this many.
        """
        after, before = ends
        sql, bound = f"{sql} AND {order} > ?", [*values, after]
        if before is not None:
            sql, bound = f"{sql} AND {order} < ?", [*bound, before]
        backwards = before is not None and not after
        rows = self._all(
            f"{sql} ORDER BY {order} {'DESC' if backwards else 'ASC'} LIMIT ?", [*bound, limit + 1]
        )
        more = len(rows) > limit
        rows = rows[:limit]
        return (rows[::-1] if backwards else rows), more
