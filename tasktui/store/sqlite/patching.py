"""Writes the rows that belong to tasks: each once a batch, with the columns that it has something for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from tasktui.domain.patches import Patch, Table
from tasktui.store.children import BLANK, KEYS
from tasktui.store.said import prompt_of

_SHAPES: Final = 256
"""Statements whose texts are kept; a kind of agent needs a few."""
_NEXT_NUMBER: Final = "(SELECT coalesce(max(number), 0) + 1 FROM tool_calls WHERE task = ?1)"


class Shape(NamedTuple):
    """What rows have in common that one statement writes."""

    table: Table
    columns: tuple[str, ...]
    """Of a new row, in the order of the values; empty where only a row that is there changes."""
    kept: tuple[str, ...]
    """Those to set where the row is there."""


def write_patches(
    connection: sqlite3.Connection, patches: Sequence[tuple[str, Patch]], numbers: Mapping[str, int]
) -> None:
    """Change the rows that belong to tasks, each table in the order in which its rows are first touched.

    Args:
        connection: with its transaction open.
        patches: by task id.
        numbers: of the tasks, in the other tables.
    """
    tables: dict[Table, list[tuple[Shape, list[Any]]]] = {}
    for (table, task_id, key), patch in joined(patches).items():
        place = [numbers[task_id]] if table == "bodies" else [numbers[task_id], key]
        tables.setdefault(table, []).append(_written(patch, place))
    for rows in tables.values():
        for shape, alike in groupby(rows, itemgetter(0)):
            if shape.columns or shape.kept:
                connection.executemany(_statement(shape), map(itemgetter(1), alike))


def joined(patches: Iterable[tuple[str, Patch]]) -> dict[tuple[Table, str, str], Patch]:
    """Return one patch for each row, in the order in which the rows are first touched."""
    rows: dict[tuple[Table, str, str], Patch] = {}
    for task_id, patch in patches:
        table, key, values, first, creates = patch
        place = (table, task_id, key)
        before = rows.get(place)
        if before is not None:
            later = {name: value for name, value in values.items() if value is not None}
            patch = Patch(  # noqa: PLW2901  # both are the patch of this row
                table, key, {**before.values, **later}, {**first, **before.first}, before.creates or creates
            )
        rows[place] = patch
    return rows


def _written(patch: Patch, place: list[Any]) -> tuple[Shape, list[Any]]:
    table, _, values, first, creates = patch
    given = {name: value for name, value in values.items() if value is not None}
    if table == "bodies" and "spec" in given:
        given["prompt"] = prompt_of(json.loads(str(given["spec"])))
    if not creates:
        return Shape(table, (), tuple(given)), [*place, *given.values()]
    row = {**first, **given}
    return Shape(table, tuple(row), tuple(given)), [*place, *row.values()]


@lru_cache(_SHAPES)
def _statement(shape: Shape) -> str:
    """Return the statement for rows of a shape; the key comes first among its values."""
    table, columns, kept = shape
    keys = ["task"] if table == "bodies" else ["task", KEYS[table]]
    if not columns:
        return f"UPDATE {table} SET {', '.join(_equals(kept, len(keys)))} WHERE {' AND '.join(_equals(keys))}"
    named = [*keys, *columns]
    values = {name: f"?{place}" for place, name in enumerate(named, 1)}
    blank = {name: value for name, value in BLANK[table].items() if name not in values and value is not None}
    values |= {name: _literal(value) for name, value in blank.items()}
    if table == "tool_calls":
        values["number"] = _NEXT_NUMBER
    changes = ", ".join(f"{name} = excluded.{name}" for name in kept)
    return (
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
        f" ON CONFLICT ({', '.join(keys)}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
    )


def _equals(names: Iterable[str], after: int = 0) -> Iterator[str]:
    return (f"{name} = ?{place}" for place, name in enumerate(names, after + 1))


def _literal(value: str | float) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
