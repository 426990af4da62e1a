"""Which machine a task is on, as far as it was told."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from tasktui.domain.requests import CancelResult, ChangeSet, Task, TaskDetail
from tasktui.domain.rows import Page, SearchHit, TaskRow

log = logging.getLogger(__name__)
MOST: Final = 50_000
"""Tasks of one machine that are remembered: none pushes out what another one told."""


class Whereabouts:
    """Task ids with the machine that was first to name them; no other one gets what is meant for it."""

    def __init__(self) -> None:
        self._told: dict[str, OrderedDict[str, None]] = {}
        self._claiming: set[tuple[str, str]] = set()

    def of(self, task_id: str) -> str | None:
        """Return the machine of a whole id that was heard of."""
        return next((name for name, told in self._told.items() if task_id in told), None)

    def put(self, name: str, task_ids: Iterable[str]) -> None:
        """Remember where tasks are; what is known to be on another machine stays there."""
        told = self._told.setdefault(name, OrderedDict())
        for task_id in task_ids:
            holder = self.of(task_id)
            if holder not in {None, name}:
                self._refuse(name, task_id, str(holder))
                continue
            told[task_id] = None
            told.move_to_end(task_id)
        while len(told) > MOST:
            told.popitem(last=False)

    def remove(self, name: str, task_ids: Iterable[str]) -> None:
        """Forget tasks that a machine does not have any more, where they were its own."""
        for task_id in task_ids:
            self._told.get(name, OrderedDict()).pop(task_id, None)

    def heard(self, name: str, changes: ChangeSet) -> ChangeSet:
        """Remember and forget tasks as a machine's changes say, and return those about its own ones."""
        self.put(name, (row.id for row in changes.rows))
        rows = tuple(row for row in changes.rows if self.of(row.id) in {None, name})
        removed = tuple(one for one in changes.removed if self.of(one) in {None, name})
        self.remove(name, removed)
        return replace(changes, rows=rows, removed=removed)

    def learn(self, name: str, answer: object) -> None:
        """Remember the tasks that an answer names."""
        self.put(name, (row.id for row in rows_in(answer)))
        if isinstance(answer, Page):
            self.put(name, {hit.task_id for hit in answer.items if isinstance(hit, SearchHit)})

    def _refuse(self, name: str, task_id: str, holder: str) -> None:
        if (name, holder) not in self._claiming:
            self._claiming.add((name, holder))
            log.warning("%s names %r, a task of %s: ignored, now and from here on", name, task_id, holder)


def rows_in(answer: object) -> Sequence[TaskRow]:
    """Return the rows that an answer holds."""
    match answer:
        case TaskRow():
            return (answer,)
        case Task() | CancelResult():
            return (answer.row,)
        case TaskDetail():
            return (answer.task.row,)
        case Page():
            return tuple(row for row in answer.items if isinstance(row, TaskRow))
        case _:
            return ()
