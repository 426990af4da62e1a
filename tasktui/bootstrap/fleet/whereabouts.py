"""Which machine a task is on, as far as it was told."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from tasktui.domain.requests import CancelResult, Task, TaskDetail
from tasktui.domain.rows import Page, SearchHit, TaskRow

MOST: Final = 50_000
"""Tasks whose machine is remembered."""


class Whereabouts:
    """Task ids with their machine; ids are random, so no two machines have the same."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, str] = OrderedDict()

    def of(self, task_id: str) -> str | None:
        """Return the machine of a whole id that was heard of."""
        return self._hosts.get(task_id)

    def put(self, name: str, task_ids: Iterable[str]) -> None:
        """Remember where tasks are."""
        for task_id in task_ids:
            self._hosts[task_id] = name
            self._hosts.move_to_end(task_id)
        while len(self._hosts) > MOST:
            self._hosts.popitem(last=False)

    def learn(self, name: str, answer: object) -> None:
        """Remember the tasks that an answer names."""
        self.put(name, (row.id for row in rows_in(answer)))
        if isinstance(answer, Page):
            self.put(name, {hit.task_id for hit in answer.items if isinstance(hit, SearchHit)})


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
