"""The statements that write a plan down: as few steps as its size allows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final

from tasktui.domain.ids import SYSTEM
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TASK_COLUMNS, TaskRow
from tasktui.store.planning import Bucket, Plan
from tasktui.store.sqlite.patching import write_patches
from tasktui.store.sqlite.reading import SYSTEM_TASK

_STEPS: Final = (512, 64, 8, 1)
"""Rows of one INSERT: the interpreter's lock is let go once a step, and few texts are ever prepared."""
_ROW: Final = attrgetter(*TASK_COLUMNS)
_INSERT_TASK: Final = (
    f"INSERT INTO tasks ({', '.join(TASK_COLUMNS)}) VALUES ({', '.join('?' * len(TASK_COLUMNS))})"
)
_CLOSE: Final = (
    "UPDATE tool_calls SET status = ?, ended_at = ? WHERE task = ? AND status = 'running' AND seq < ?"
)
_COUNT: Final = (
    "INSERT INTO counters VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET number = number + excluded.number"
)


def write_plan(connection: sqlite3.Connection, plan: Plan) -> None:
    """Write all of a plan, in the transaction that is open."""
    numbers = {row.id: row.created_seq for rows in (plan.changed, plan.created) for row in rows.values()}
    _write_tasks(connection, plan)
    _write_events(connection, plan.events, numbers)
    write_patches(connection, plan.patches, numbers)
    connection.executemany(
        _CLOSE, [(end.status, end.ts, numbers[end.task_id], end.seq) for end in plan.closings]
    )
    write_counters(connection, plan.counters)


def _write_tasks(connection: sqlite3.Connection, plan: Plan) -> None:
    update_rows(connection, [(plan.changed[task_id], columns) for task_id, columns in plan.columns.items()])
    connection.executemany(_INSERT_TASK, [_ROW(row) for row in plan.created.values()])


def update_rows(connection: sqlite3.Connection, changes: Iterable[tuple[TaskRow, Mapping[str, Any]]]) -> None:
    """Set the given columns of rows; those that change alike go in one statement."""
    alike: dict[tuple[str, ...], list[list[Any]]] = {}
    for row, columns in changes:
        if columns:
            names = tuple(sorted(columns))
            alike.setdefault(names, []).append([*(columns[name] for name in names), row.created_seq])
    for names, values in alike.items():
        connection.executemany(_update_task(names), values)


@cache
def _update_task(names: tuple[str, ...]) -> str:
    return f"UPDATE tasks SET {', '.join(f'{name} = ?' for name in names)} WHERE created_seq = ?"


def write_counters(connection: sqlite3.Connection, counters: Mapping[Bucket, int]) -> None:
    """Add to the maintained counters."""
    connection.executemany(_COUNT, [(*bucket, number) for bucket, number in counters.items() if number])


@cache
def _insert_events(rows: int) -> str:
    return f"INSERT INTO events VALUES {', '.join(['(?, ?, ?, ?, ?, ?, ?, ?)'] * rows)}"


def _write_events(
    connection: sqlite3.Connection, events: Sequence[StoredEvent], numbers: Mapping[str, int]
) -> None:
    numbers = {**numbers, SYSTEM: SYSTEM_TASK}
    at = 0
    for step in _STEPS:
        while len(events) - at >= step:
            values: list[Any] = []
            for gid, task_id, seq, run, ts, name, actor, data in events[at : at + step]:
                values += (gid, numbers[task_id], seq, run, ts, name, actor, data)
            connection.execute(_insert_events(step), values)
            at += step
