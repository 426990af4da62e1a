"""`tasktui logs`: what a task wrote."""

from __future__ import annotations

import click

from tasktui.cli.following import Follower, Pourer, run_directory
from tasktui.cli.outlet import Outlet
from tasktui.cli.printing import tell
from tasktui.cli.reading import one_task, row_of
from tasktui.cli.session import Session
from tasktui.cli.targets import task_argument
from tasktui.domain.errors import NotFoundError


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
            Follower(session.home, task_id, reader, outlet, run=max(1, row.run_no)).until_end()
            return
    directory = session.home / "tasks" / task_id
    if not directory.is_dir():
        tell(f"Its output is gone: {task_id}")
    Pourer(run_directory(directory, number or row.run_no), outlet).pour()
    outlet.end()
