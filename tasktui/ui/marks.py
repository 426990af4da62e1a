"""Which tasks a person has marked, so that actions go to all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tasktui.domain.rows import TaskRow


class Marks:
    """The marked tasks with their newest known state, in the order of marking."""

    def __init__(self) -> None:
        self._rows: dict[str, TaskRow] = {}

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[TaskRow]:
        return iter(self._rows.values())

    def toggle(self, row: TaskRow) -> None:
        """Mark a task, or unmark it."""
        if self._rows.pop(row.id, None) is None:
            self._rows[row.id] = row

    def add(self, rows: Iterable[TaskRow]) -> None:
        """Mark tasks."""
        self._rows.update((row.id, row) for row in rows)

    def invert(self, rows: Iterable[TaskRow]) -> None:
        """Mark what isn't marked of these and the reverse."""
        for row in rows:
            self.toggle(row)

    def update(self, row: TaskRow) -> None:
        """Take in the newest state of a task."""
        if row.id in self._rows:
            self._rows[row.id] = row

    def remove(self, task_ids: Iterable[str]) -> None:
        """Unmark tasks that are gone."""
        for task_id in task_ids:
            self._rows.pop(task_id, None)

    def clear(self) -> tuple[TaskRow, ...]:
        """Unmark all and return what was marked."""
        rows = tuple(self._rows.values())
        self._rows.clear()
        return rows
