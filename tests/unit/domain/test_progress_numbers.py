from __future__ import annotations

import pytest

from tasktui.domain import reducer
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskProgress
from tasktui.domain.events.registry import parse
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Kind, Status


@pytest.mark.parametrize("number", ['"NaN"', '"Infinity"', "1e999", "NaN"])
def test_a_progress_that_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidError):
        parse("task.progress", f'{{"current": {number}, "total": 3}}')


@pytest.mark.parametrize(
    ("current", "total", "percentage"), [(1, 3, 33), (1e308, 1e-308, 100), (-5, 3, 0), (3, 0, 0)]
)
def test_a_percentage_stays_within_its_bounds(current: float, total: float, percentage: int) -> None:
    row = TaskRow("t", 1, Kind.SHELL, "t", "default", Status.RUNNING, 1, 1, 1)
    event = NewEvent("t", 0, 1, TaskProgress(current=current, total=total))
    assert reducer.live(row, event).progress_percentage == percentage
