"""What lists of the command line say of a task: how far it is, how it ended, why it failed."""

from __future__ import annotations

import pytest

from tasktui.cli.tables import cells
from tasktui.cli.task_lines import WHY, task_line
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Kind, Reason, Status

NOW = 1_000_000_000
RUNS = TaskRow("task_0123456789", 1, Kind.AGENT, "a title", "default", Status.RUNNING, NOW, NOW, NOW)
FAILED = RUNS._replace(status=Status.FAILED, finished_at=NOW)


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (RUNS, ""),
        (RUNS._replace(progress_percentage=50), "▓▓▓▓░░░░ 50%"),
        (FAILED, ""),
        (FAILED._replace(error="The key is not valid.\nTry again."), "The key is not valid."),
        (FAILED._replace(error="\n  \x1b[31mred\n"), "red"),
        (FAILED._replace(error="exited", terminal_reason=Reason.EXIT_NONZERO, exit_code=3), "exit 3"),
        (RUNS._replace(status=Status.COMPLETED, finished_at=NOW), ""),
    ],
)
def test_a_task_says_how_far_it_is_or_why_it_failed(row: TaskRow, detail: str) -> None:
    assert task_line(row, NOW)[-1] == detail


def test_a_long_reason_is_cut() -> None:
    told = str(task_line(FAILED._replace(error="日本語 is what it says " * 9), NOW)[-1])
    assert told.endswith("…")
    assert cells(told) in {WHY - 1, WHY}
