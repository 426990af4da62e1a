"""What changed last: a page that is on the way may be from before that."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow

MOST: Final = 100
"""Change sets kept for the end of a reading: three seconds of them."""


class Newest:
    """The last change sets, counted, so that a reading takes in what came since it began."""

    def __init__(self) -> None:
        self._kept: deque[ChangeSet] = deque(maxlen=MOST)
        self.count = 0
        """How many came; what a reading notes when it begins."""

    def put(self, changes: ChangeSet) -> None:
        """Take in what changed."""
        self._kept.append(changes)
        self.count += 1

    def since(self, begun: int) -> Sequence[ChangeSet]:
        """Return what came since there were so many, as far as it is kept."""
        return list(self._kept)[max(0, len(self._kept) - (self.count - begun)) :]

    def keeps(self, begun: int) -> bool:
        """Whether all that came since then is kept."""
        return self.count - begun <= MOST

    def brought_up(self, rows: Iterable[TaskRow], begun: int) -> list[TaskRow]:
        """Return rows that were read since then as they are now, without those that are gone."""
        later = self.since(begun)
        newest = {row.id: row for changes in later for row in changes.rows}
        gone = {task_id for changes in later for task_id in changes.removed}
        return [newest.get(row.id, row) for row in rows if row.id not in gone]
