"""`tasktui logs`: what a task wrote."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from tasktui.cli.following import Follower, Pourer, run_directory
from tasktui.cli.outlet import Outlet
from tasktui.cli.owners import is_there
from tasktui.cli.printing import tell
from tasktui.cli.reading import one_task, row_of
from tasktui.cli.session import Session
from tasktui.cli.targets import task_argument
from tasktui.domain.errors import NotFoundError, OwnerError
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tasktui.executors.run_files import is_locked

PATIENCE_S: Final = 10.0
"""Without an owner, after which it is said: when one dies another may take its time to begin."""
_OWNER_LOOK_S: Final = 2.0


@click.command()
@task_argument
@click.option("-f", "--follow", is_flag=True, help="Go on until the task has ended.")
@click.option(
    "--run", "number", type=click.IntRange(min=1), metavar="N", help="A former run; else the newest."
)
@click.option("--merge", is_flag=True, help="What it wrote to standard error goes to standard output, too.")
@click.pass_obj
def logs(session: Session, task: str, follow: bool, number: int | None, merge: bool) -> None:
    """Print a task's output: raw into a pipe, harmless on a terminal."""
    outlet = Outlet(merge=merge)
    with one_task(session, task) as (reader, task_id):
        row = row_of(reader, task_id)
        if number is not None and number > row.run_no:
            raise NotFoundError(f"There is no run {number}, only {row.run_no}: {task_id}", id=task_id)
        if follow and number in {None, row.run_no}:
            alone = _Alone(session.home, task_id)
            Follower(session.home, task_id, reader, outlet, run=max(1, row.run_no)).until_end(alone.beat)
            return
    directory = session.home / "tasks" / task_id
    if not directory.is_dir():
        tell(f"Its output is gone: {task_id}")
    Pourer(run_directory(directory, number or row.run_no), outlet).pour()
    outlet.end()


class _Alone:
    """Looks after a task whose owner may go away: who only reads starts no other."""

    def __init__(self, home: Path, task_id: str) -> None:
        self._home = home
        self._task_id = task_id
        self._seen_at = self._looked_at = time.monotonic()
        self._told = False

    def beat(self, row: TaskRow) -> None:
        """Look whether anything can still come; what a task in the queue waits for is said once.

        Raises:
            OwnerError: nothing more will: its run is over, and nobody is there to say so.
        """
        now = time.monotonic()
        if now - self._looked_at < min(_OWNER_LOOK_S, PATIENCE_S):
            return
        self._looked_at = now
        if is_there(self._home):
            self._seen_at, self._told = now, False
        elif now - self._seen_at >= PATIENCE_S:
            self._without_one(row)

    def _without_one(self, row: TaskRow) -> None:
        said = f"No owner runs the tasks of {self._home}. Start one with tasktui serve: "
        if row.status is not Status.QUEUED and not is_locked(self._home / "tasks" / self._task_id):
            raise OwnerError(f"{said}till then nothing more comes of {self._task_id}.")
        if row.status is Status.QUEUED and not self._told:
            self._told = True
            tell(f"{said}till then {self._task_id} does not begin.")
