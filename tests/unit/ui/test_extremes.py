"""Whatever numbers a row may hold, it can be drawn: one machine's row must not end the screen of all."""

from __future__ import annotations

from itertools import product

import pytest

from tasktui.domain.rows import TASK_TYPES, TaskRow
from tasktui.domain.status import Kind, Status
from tasktui.domain.wire_types import fits, types_of
from tasktui.ui import task_words
from tasktui.ui.widgets.detail.headline import facts_of

ROW = TaskRow("t", 1, Kind.SHELL, "t", "default", Status.RUNNING, 1, 1, 1)
WHOLE = ((1 << 63) - 1, -(1 << 63), 0)
REAL = (1.7e308, -1.7e308, 5e-324, 0.0, *WHOLE)
FIRST, LAST = -62_135_596_800_000, 253_402_300_799_999
"""The years that a time may be of, 1 to 9999, in milliseconds since 1970."""


def values_of(name: str) -> tuple[float, ...]:
    if TASK_TYPES[name].startswith("UnixMs"):
        return FIRST, LAST
    types = types_of(TASK_TYPES[name])
    return tuple(value for value in REAL if types[0] in {int, float} and fits(value, types))


def draw(row: TaskRow) -> None:
    for now in (0, LAST):
        facts_of(row, now)
        task_words.age(row, now)
    task_words.progress(row, 30)
    task_words.look(row)
    task_words.ended(row)


@pytest.mark.parametrize("name", [name for name in TASK_TYPES if values_of(name)])
def test_every_number_of_a_row(name: str) -> None:
    for value in values_of(name):
        draw(ROW._replace(**{name: value}))


def test_every_share_of_progress() -> None:
    for part, whole in product(REAL, REAL):
        draw(ROW._replace(progress_current=part, progress_total=whole))
