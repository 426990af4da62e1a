"""`tasktui pause` and `resume`: running work that stands still for a while."""

from __future__ import annotations

import click

from tasktui.cli.acting import act, each
from tasktui.cli.printing import json_option
from tasktui.cli.session import Session
from tasktui.cli.targets import chosen, tasks_argument
from tasktui.cli.task_lines import told_task
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status


@click.command()
@tasks_argument
@json_option
@click.pass_obj
def pause(session: Session, tasks: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Stop all processes of running tasks until they are resumed.

    A task keeps its place in its lane, and its --timeout goes on. `tasktui lanes NAME --pause` keeps a
    whole lane from starting anything.
    """
    session.must_act()
    ids = chosen(session, tasks, lambda row: _runs(row) and row.paused_at is None, everything=everything)
    each(ids, lambda task_id: act(session, task_id, "pause"), told_task, as_json=as_json)


@click.command()
@tasks_argument
@json_option
@click.pass_obj
def resume(session: Session, tasks: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Let paused tasks go on."""
    session.must_act()
    ids = chosen(session, tasks, lambda row: row.paused_at is not None, everything=everything)
    each(ids, lambda task_id: act(session, task_id, "resume"), told_task, as_json=as_json)


def _runs(row: TaskRow) -> bool:
    return row.status is Status.RUNNING
