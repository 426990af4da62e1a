"""Which tasks have begun to wait for a person, so that each is said once."""

from __future__ import annotations

from collections.abc import Iterable

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Attention, Group


class Waiting:
    """Remembers the questions that were said or stood there from the beginning."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def news(self, rows: Iterable[TaskRow]) -> list[TaskRow]:
        """Return those of the rows that wait since now, and remember them."""
        new = []
        for row in rows:
            if row.group is not Group.NEEDS_YOU:
                self._known.pop(row.id, None)
            elif row.id not in self._known or self._known[row.id] != row.attention_id:
                self._known[row.id] = row.attention_id
                new.append(row)
        return new


def sentence(row: TaskRow) -> str:
    """Return what a toast says."""
    wants = "wants an approval" if row.attention is Attention.APPROVAL else "has a question"
    return f"{row.title} {wants} · w goes there"
