"""The exit code by which a finished task is told to a shell."""

from __future__ import annotations

import pytest

from tasktui.cli.attending import exit_code
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Kind, Status


def ended(status: Status, code: int | None) -> TaskRow:
    return TaskRow(
        id="task_1", created_seq=1, kind=Kind.SHELL, title="t", lane="default", status=status, created_at=0,
        updated_at=0, status_since=0, finished_at=1, exit_code=code,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (Status.COMPLETED, 0, 0),
        (Status.COMPLETED, 3, 3),
        (Status.COMPLETED, None, 0),
        (Status.FAILED, 7, 7),
        (Status.FAILED, None, 1),
        (Status.CANCELED, 143, 130),
        (Status.TIMED_OUT, 143, 124),
        (Status.LOST, None, 1),
        (Status.INTERRUPTED, None, 1),
    ],
)
def test_the_code_of_the_program_or_of_what_happened_to_it(
    status: Status, code: int | None, told: int
) -> None:
    assert exit_code(ended(status, code)) == told
