"""What unfinished tasks in memory wait for: a parent's completion, or the end of the one before in a line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tasktui.domain.status import Status

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow


class Wait(NamedTuple):
    """One reason not to start."""

    parent: str
    for_key: bool
    """Whether it is the one before it in the line for its key, of which any end will do."""


@dataclass(slots=True)
class Waits:
    """Kept as the triggers of the SQLite schema keep theirs."""

    of: dict[str, set[Wait]] = field(default_factory=dict)
    """By the task that waits."""
    behind: dict[str, dict[str, bool]] = field(default_factory=dict)
    """By the one that is waited for: who waits, and whether for its key."""
    lines: dict[str, dict[str, TaskRow]] = field(default_factory=dict)
    """By exclusive key: unfinished tasks, those that hold it or wait for it."""

    def created(self, row: TaskRow, status_of: Mapping[str, Status]) -> None:
        """Take a new task."""
        if row.finished_at is not None:
            return
        self._wait_for_parents(row, status_of)
        if row.exclusive_key is not None:
            line = self.lines.setdefault(row.exclusive_key, {})
            if row.in_line and line:
                last = max(line.values(), key=_place)
                self._add(row.id, Wait(last.id, for_key=True))
            line[row.id] = row

    def changed(self, old: TaskRow, row: TaskRow, status_of: Mapping[str, Status]) -> None:
        """Take a task that is another one now."""
        if row.depends_on != old.depends_on:
            for wait in [wait for wait in self.of.get(row.id, ()) if not wait.for_key]:
                self._remove(row.id, wait)
            self._wait_for_parents(row, status_of)
        if row.exclusive_key is not None and row.id in self.lines.get(row.exclusive_key, {}):
            self.lines[row.exclusive_key][row.id] = row
        if row.finished_at is not None and old.finished_at is None:
            self._ended(row)

    def holder(self, key: str, besides: Collection[str]) -> str | None:
        """Return who has an exclusive key, else who is first in the line for it."""
        line = [row for row in self.lines.get(key, {}).values() if row.id not in besides]
        return min(line, key=_place).id if line else None

    def _wait_for_parents(self, row: TaskRow, status_of: Mapping[str, Status]) -> None:
        for parent in row.depends_on.split():
            if status_of.get(parent) is not Status.COMPLETED:
                self._add(row.id, Wait(parent, for_key=False))

    def _ended(self, row: TaskRow) -> None:
        before = next((wait for wait in self.of.get(row.id, ()) if wait.for_key), None)
        for task_id, for_key in list(self.behind.get(row.id, {}).items()):
            if for_key or row.status is Status.COMPLETED:
                self._remove(task_id, Wait(row.id, for_key))
            if for_key and before is not None:
                self._add(task_id, before)
        for wait in list(self.of.get(row.id, ())):
            self._remove(row.id, wait)
        if row.exclusive_key is not None:
            self.lines.get(row.exclusive_key, {}).pop(row.id, None)

    def _add(self, task_id: str, wait: Wait) -> None:
        self.of.setdefault(task_id, set()).add(wait)
        self.behind.setdefault(wait.parent, {})[task_id] = wait.for_key

    def _remove(self, task_id: str, wait: Wait) -> None:
        self.of[task_id].discard(wait)
        if not self.of[task_id]:
            del self.of[task_id]
        self.behind[wait.parent].pop(task_id, None)
        if not self.behind[wait.parent]:
            del self.behind[wait.parent]


def _place(row: TaskRow) -> tuple[bool, int]:
    return row.in_line, row.created_seq
