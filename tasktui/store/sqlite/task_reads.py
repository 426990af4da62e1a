"""Reads of the log and of what lists show; what the first page does without is loaded late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tasktui.domain.query import Cursor, TaskQuery, Term
from tasktui.domain.rows import Counts, Page, TaskRow, task_row
from tasktui.domain.status import TERMINAL, Status
from tasktui.store.sqlite.counting import COUNTER_COLUMNS, Counter, counts_in, is_counted, summed
from tasktui.store.sqlite.listing import ROW, count_sql, page_sql
from tasktui.store.sqlite.reading import Reading

if TYPE_CHECKING:
    from tasktui.domain.records import StoredEvent

EVENT: Final = "e.gid, coalesce(t.id, '@system'), e.seq, e.run, e.ts, e.type, e.actor, e.data"
"""The columns of a `StoredEvent`, in its order."""
LOG: Final = "events e LEFT JOIN tasks t ON t.created_seq = e.task"
_MOST_SAYING: Final = 20_000
_LAST_CHAR: Final = "\U0010ffff"


class TaskReads(Reading):
    """Events of all tasks; rows, pages and counters."""

    def read(self, after_gid: int = 0, *, task_id: str | None = None, limit: int = 1000) -> list[StoredEvent]:
        """Return events after a position of the whole log."""
        from tasktui.domain.records import StoredEvent

        if task_id is None:
            sql = f"SELECT {EVENT} FROM {LOG} WHERE e.gid > ? ORDER BY e.gid LIMIT ?"
            return [StoredEvent(*row) for row in self._all(sql, (after_gid, limit))]
        sql = f"SELECT {EVENT} FROM {LOG} WHERE e.task = ? AND e.gid > ? ORDER BY e.seq LIMIT ?"
        return [StoredEvent(*row) for row in self._all(sql, (self._number_of(task_id), after_gid, limit))]

    def head(self) -> int:
        """Return the newest position."""
        return int(self._one("SELECT head FROM state")[0])

    def row(self, task_id: str) -> TaskRow | None:
        """Return one task's row by exact id."""
        found = self._one(f"SELECT {ROW} FROM tasks t WHERE t.id = ?", (task_id,))
        return task_row(found) if found else None

    def rows_of(self, task_ids: Sequence[str]) -> list[TaskRow]:
        """Return the rows of those that exist."""
        import json

        sql = f"SELECT {ROW} FROM json_each(?) j CROSS JOIN tasks t ON t.id = j.value"
        return [task_row(row) for row in self._all(sql, (json.dumps(list(task_ids)),))]

    def ids_like(self, prefix: str, limit: int) -> tuple[list[str], int]:
        """Return ids that start with the prefix, an exact match first, and how many there are."""
        bounds = (prefix, prefix + _LAST_CHAR)
        ids = self._all("SELECT id FROM tasks WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", (*bounds, limit))
        (number,) = self._one("SELECT count(*) FROM tasks WHERE id >= ? AND id < ?", bounds)
        return [row[0] for row in ids], number

    def page(
        self,
        query: TaskQuery,
        *,
        after: Cursor | None = None,
        before: Cursor | None = None,
        skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:
        """As `Projection.page`."""
        forward = before is None
        statement = page_sql(
            self._resolved(query), start=after or before, forward=forward, skip=skip, limit=limit + 1
        )
        found = self._all(statement.sql, statement.values) if statement is not None else []
        rows = [task_row(row) for row in found[:limit]]
        return Page(tuple(rows if forward else reversed(rows)), len(found) > limit)

    def _resolved(self, query: TaskQuery) -> TaskQuery:
        """Replace `text:` terms by the tasks that they name."""
        if all(term.field != "text" for term in query.terms):
            return query
        return replace(query, terms=tuple(self._resolved_term(term) for term in query.terms))

    def _resolved_term(self, term: Term) -> Term:
        if term.field != "text":
            return term
        import json

        from tasktui.store.sqlite import searching

        with self._snapshot():
            found = {
                seq
                for value in term.values
                for seq in searching.tasks_saying(self._connection, str(value), limit=_MOST_SAYING)
            }
        return replace(term, values=(json.dumps(sorted(found)),))

    def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """Return how many fit: from the counters where they know, else up to `limit`."""
        if is_counted(query):
            return sum(counter.number for counter in self._counters() if counts_in(query, counter))
        statement = count_sql(self._resolved(query), limit)
        return int(self._one(statement.sql, statement.values)[0]) if statement is not None else 0

    def _counters(self) -> list[Counter]:
        return [Counter(*row) for row in self._all(f"SELECT {COUNTER_COLUMNS} FROM counters")]

    def counts(self) -> Counts:
        """Return the maintained counters."""
        return summed(self._counters())

    def lane_counts(self) -> list[tuple[str, Status, int]]:
        """Return unfinished tasks by lane and status."""
        rows = self._all(
            "SELECT lane, status, sum(number) FROM counters GROUP BY 1, 2 HAVING sum(number) > 0"
        )
        return [(lane, Status(status), number) for lane, status, number in rows if status not in TERMINAL]
