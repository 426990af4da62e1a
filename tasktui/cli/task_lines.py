"""What lists say about tasks, in the words of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tasktui.cli.tables import Cell, Column, Row, fit
from tasktui.domain.clean import clean
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.wire import task_from_object
from tasktui.ui.task_words import age, look, outcome

SHORT: Final = 13
"""Characters of an id in lists: `task_` and eight more tell tasks apart, and work as a prefix."""

FAR: Final = 24
"""Cells that are enough to say how far a task is."""

WHY: Final = 40
"""Cells of the reason that a failed task gives, where nothing shorter says it; `show` has all of it."""

COLUMNS: Final = (
    Column("ID"), Column("STATUS"), Column("AGE", right=True), Column("LANE"), Column("TITLE", elastic=True),
    Column("DETAIL"),
)  # fmt: skip


def task_line(row: TaskRow, now: UnixMs) -> Row:
    """Return a task as a row of a table."""
    seen = look(row)
    far = outcome(row, FAR, now)
    return (
        Cell(row.id[:SHORT], "strong"),
        Cell(f"{seen.glyph} {seen.word}", seen.style),
        age(row, now),
        row.lane,
        row.title,
        _why(row) if far == seen.word else far,
    )


def _why(row: TaskRow) -> str:
    """Return the beginning of what went wrong, nothing for a task that did not fail."""
    return fit(clean(next(iter((row.error or "").strip().splitlines()), "")), WHY)


def without_dull_columns(rows: Sequence[Row]) -> tuple[tuple[Column, ...], list[Row]]:
    """Leave out the lane where all tasks are in the default one."""
    dull = {3} if all(row[3] == "default" for row in rows) else set()
    kept = [at for at in range(len(COLUMNS)) if at not in dull]
    return tuple(COLUMNS[at] for at in kept), [[row[at] for at in kept] for row in rows]


def told_task(made: dict[str, Any]) -> str:
    """Return a task's object as one line: id, status, title."""
    return told_row(task_from_object(made))


def told_row(row: TaskRow) -> str:
    """Return a task as one line: id, status, title."""
    seen = look(row)
    return f"{row.id}  {seen.glyph} {seen.word}  {clean(row.title)}"
