"""`tasktui wait`: until tasks have ended."""

from __future__ import annotations

import time
from typing import Final

import click

from tasktui.cli.acting import ensure_owner
from tasktui.cli.owners import is_there
from tasktui.cli.params import SPAN
from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.cli.targets import complete_ids, rows_named
from tasktui.cli.task_lines import told_row
from tasktui.domain.errors import NotFoundError, OwnerError, TasktuiError
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tasktui.domain.wire import task_object
from tasktui.store.sqlite.reader import Reader

_FIRST_PAUSE_S: Final = 0.01
_LONGEST_PAUSE_S: Final = 0.2
_OWNER_LOOK_S: Final = 2.0


class OutOfTimeError(TasktuiError):
    """Not ended in time."""

    code = "TIMED_OUT"
    exit_code = 124


@click.command()
@click.argument("tasks", nargs=-1, required=True, metavar="ID…", shell_complete=complete_ids)
@click.option("--timeout", "timeout_s", type=SPAN, help="Give up after this, and exit 124.")
@json_option
@click.pass_obj
def wait(session: Session, tasks: tuple[str, ...], timeout_s: float | None, as_json: bool) -> int:
    """Wait until tasks have ended: exit 0 when all completed, 1 when one did not."""
    rows = rows_named(session, tasks)
    with stored(session) as reader:
        if reader is None:
            raise NotFoundError(f"Task not found: {tasks[0]}", id=tasks[0])
        return _Wait(session, reader, as_json=as_json).until_all([row.id for row in rows], timeout_s)


class _Wait:
    """Waits, and prints each task as it ends."""

    def __init__(self, session: Session, reader: Reader, *, as_json: bool) -> None:
        self._session = session
        self._reader = reader
        self._as_json = as_json
        self._looked_at = float("-inf")

    def until_all(self, ids: list[str], timeout_s: float | None) -> int:
        """Return the exit code."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        left, pause, worst = list(ids), _FIRST_PAUSE_S, 0
        while True:
            ended = [row for row in self._rows(left) if row.finished_at is not None]
            self._print(ended)
            worst = max([worst, *(row.status is not Status.COMPLETED for row in ended)])
            left = [task_id for task_id in left if task_id not in {row.id for row in ended}]
            if not left:
                return worst
            if deadline is not None and time.monotonic() >= deadline:
                raise OutOfTimeError(f"{len(left)} not ended in time: {', '.join(left)}", ids=left)
            self._keep_an_owner()
            pause = _FIRST_PAUSE_S if ended else min(pause * 1.5, _LONGEST_PAUSE_S)
            time.sleep(pause if deadline is None else max(0, min(pause, deadline - time.monotonic())))

    def _rows(self, ids: list[str]) -> list[TaskRow]:
        self._reader.see_that_it_is_current()
        rows = self._reader.rows_of(ids)
        if len(rows) < len(ids):
            gone = set(ids) - {row.id for row in rows}
            raise NotFoundError(f"Deleted meanwhile: {', '.join(sorted(gone))}", ids=sorted(gone))
        return rows

    def _print(self, rows: list[TaskRow]) -> None:
        if self._as_json:
            print_json(map(task_object, rows))
        else:
            print_lines(map(told_row, rows))

    def _keep_an_owner(self) -> None:
        """Without an owner no task ends: see that there is one.

        Raises:
            OwnerError: there is none, and none can be started.
        """
        if time.monotonic() - self._looked_at < _OWNER_LOOK_S:
            return
        self._looked_at = time.monotonic()
        if is_there(self._session.home):
            return
        if self._session.readonly:
            raise OwnerError(
                f"No owner runs the tasks of {self._session.home}. Start one with tasktui serve."
            )
        ensure_owner(self._session)
