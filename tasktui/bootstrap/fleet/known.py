"""What is known of a machine while it does not answer: its newest rows, listed as it would list them."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.rows import Counts, Page, TaskRow
from tasktui.domain.selection import holds, is_open, order_of, selects
from tasktui.domain.status import Status

MOST: Final = 2_000
"""Rows that are remembered of one machine, those heard of last."""


class _Unseen:
    """What the rows do not hold is not known here; only titles are searched."""

    def __init__(self, row: TaskRow) -> None:
        self._row = row

    def prompt(self) -> str:
        return ""

    def tools(self) -> Sequence[str]:
        return ()

    def said(self, text: str) -> bool:
        return holds(self._row.title, text)


class Known:
    """The rows that one machine told of last, without its name in them."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, TaskRow] = OrderedDict()

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._rows

    def get(self, task_id: str) -> TaskRow | None:
        """Return a task's row as last heard."""
        return self._rows.get(task_id)

    def put(self, rows: Iterable[TaskRow]) -> None:
        """Remember rows, of each task the newest; those not heard of for longest are forgotten."""
        for row in rows:
            held = self._rows.get(row.id)
            if held is None or held.last_seq <= row.last_seq:
                self._rows[row.id] = row
                self._rows.move_to_end(row.id)
        while len(self._rows) > MOST:
            self._rows.popitem(last=False)

    def remove(self, task_ids: Iterable[str]) -> None:
        """Forget tasks that were deleted."""
        for task_id in task_ids:
            self._rows.pop(task_id, None)

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()

    def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """Return a stretch of what is known, as `Manager.page`."""
        rows = self._listed(query)
        if before is not None:
            rows = [row for row in rows if _stands(row, before, query, above=True)]
            rows = rows[: max(0, len(rows) - skip)]
            return Page(tuple(rows[max(0, len(rows) - limit) :]), len(rows) > limit)
        if after is not None:
            rows = [row for row in rows if _stands(row, after, query, above=False)]
        return Page(tuple(rows[skip : skip + limit]), len(rows) > skip + limit)

    def count(self, query: TaskQuery) -> int:
        """Return how many of them fit."""
        return len(self._listed(query))

    def counts(self) -> Counts:
        """Return them by status."""
        shown = [row for row in self._rows.values() if row.archived_at is None]
        by_status = Counter(row.status for row in shown)
        return Counts(
            tuple((status, by_status[status]) for status in Status if by_status[status]),
            needs_you=sum(map(is_open, shown)),
            held=sum(row.held for row in shown),
            archived=len(self._rows) - len(shown),
        )

    def _listed(self, query: TaskQuery) -> list[TaskRow]:
        rows = [row for row in self._rows.values() if selects(query, row, beyond=_Unseen(row))]
        rows.sort(key=lambda row: order_of(row, query), reverse=not query.reverse)
        return rows


def _stands(row: TaskRow, place: Cursor, query: TaskQuery, *, above: bool) -> bool:
    here, there = order_of(row, query), (place.key, place.host, place.created_seq)
    return here < there if query.reverse == above else here > there
