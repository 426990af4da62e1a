"""The statements that write a plan down: as few steps as its size allows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final

from tasktui.domain.ids import SYSTEM
from tasktui.domain.patches import Patch, Table
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TASK_COLUMNS, TaskRow
from tasktui.store.children import BLANK, COLUMNS, KEYS
from tasktui.store.planning import Bucket, Plan
from tasktui.store.said import prompt_of
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
_NEXT_NUMBER: Final = "(SELECT coalesce(max(number), 0) + 1 FROM tool_calls WHERE task = ?)"


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


def write_patches(
    connection: sqlite3.Connection, patches: Sequence[tuple[str, Patch]], numbers: Mapping[str, int]
) -> None:
    """Change the rows that belong to tasks.

    Args:
        connection: with its transaction open.
        patches: by task id.
        numbers: of the tasks, in the other tables.
    """
    alike: dict[tuple[Table, bool], list[list[Any]]] = {}
    for (table, task_id, key), patch in joined(patches).items():
        values = _create_values if patch.creates else _change_values
        alike.setdefault((table, patch.creates), []).append(values(patch, numbers[task_id], key))
    for (table, creates), rows in alike.items():
        connection.executemany(_create(table) if creates else _change(table), rows)


def joined(patches: Iterable[tuple[str, Patch]]) -> dict[tuple[Table, str, str], Patch]:
    """Return one patch for each row, in the order in which the rows are first touched."""
    rows: dict[tuple[Table, str, str], Patch] = {}
    for task_id, patch in patches:
        place = (patch.table, task_id, patch.key)
        before = rows.get(place)
        if before is not None:
            later = {name: value for name, value in patch.values.items() if value is not None}
            creates = before.creates or patch.creates
            first = {**patch.first, **before.first}
            rows[place] = Patch(patch.table, patch.key, {**before.values, **later}, first, creates)
        else:
            rows[place] = patch
    return rows


def _key_columns(table: Table) -> str:
    return "task" if table == "bodies" else f"task, {KEYS[table]}"


def _written(table: Table) -> tuple[str, ...]:
    return (*COLUMNS[table], "prompt") if table == "bodies" else COLUMNS[table]


@cache
def _create(table: Table) -> str:
    columns = _written(table)
    marks = ", ".join(_NEXT_NUMBER if column == "number" else "?" for column in columns)
    kept = ", ".join(f"{column} = coalesce(?, {column})" for column in columns if column != "number")
    keys = _key_columns(table)
    key_marks = ", ".join("?" for _ in keys.split(","))
    return (
        f"INSERT INTO {table} ({keys}, {', '.join(columns)}) VALUES ({key_marks}, {marks})"
        f" ON CONFLICT ({keys}) DO UPDATE SET {kept}"
    )


def _create_values(patch: Patch, task: int, key: str) -> list[Any]:
    table = patch.table
    given = {name: value for name, value in _filled(patch).items() if value is not None}
    row = {**BLANK[table], **patch.first, **given}
    inserted = [task if column == "number" else row.get(column) for column in _written(table)]
    kept = [given.get(column) for column in _written(table) if column != "number"]
    return [task, *([] if table == "bodies" else [key]), *inserted, *kept]


@cache
def _change(table: Table) -> str:
    kept = ", ".join(f"{column} = coalesce(?, {column})" for column in COLUMNS[table])
    return f"UPDATE {table} SET {kept} WHERE task = ? AND {KEYS[table]} = ?"


def _change_values(patch: Patch, task: int, key: str) -> list[Any]:
    return [*(patch.values.get(column) for column in COLUMNS[patch.table]), task, key]


def _filled(patch: Patch) -> Mapping[str, Any]:
    """Return the values, with the prompt that the filter looks into beside a spec."""
    spec = patch.values.get("spec") if patch.table == "bodies" else None
    return {**patch.values, "prompt": prompt_of(json.loads(str(spec)))} if spec else patch.values
