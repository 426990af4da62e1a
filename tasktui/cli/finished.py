"""`tasktui ack`, `archive` and `purge`: what has ended."""

from __future__ import annotations

import sys

import click

from tasktui.cli.acting import act, ask, each
from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.session import Session
from tasktui.cli.targets import chosen, rows_named, tasks_argument
from tasktui.cli.task_lines import told_task
from tasktui.domain.errors import RefusedError, StateError
from tasktui.domain.rows import TaskRow

_AT_ONCE = 500
"""Tasks in one request."""


@click.command()
@tasks_argument
@json_option
@click.pass_obj
def ack(session: Session, tasks: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Say that the results of finished tasks are needed no longer."""
    session.must_act()
    ids = chosen(session, tasks, lambda row: _ended(row) and row.acked_at is None, everything=everything)
    each(ids, lambda task_id: act(session, task_id, "ack"), told_task, as_json=as_json)


@click.command()
@tasks_argument
@click.option("--undo", is_flag=True, help="Show them again; `ls --archived` lists them.")
@json_option
@click.pass_obj
def archive(session: Session, tasks: tuple[str, ...], everything: bool, undo: bool, as_json: bool) -> None:
    """Hide finished tasks from the list; nothing is deleted."""
    session.must_act()
    ids = chosen(session, tasks, _ended, everything=everything, archived=undo)
    body = {"archived": not undo}
    each(ids, lambda task_id: act(session, task_id, "archive", body), told_task, as_json=as_json)


@click.command()
@tasks_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def purge(session: Session, tasks: tuple[str, ...], everything: bool, yes: bool, as_json: bool) -> None:
    """Delete finished tasks with their output and files. This cannot be undone."""
    session.must_act()
    ids = chosen(session, tasks, _ended, everything=everything)
    if not everything:
        _require_ends(rows_named(session, tuple(ids)))
    if ids and not yes:
        _confirm(len(ids))
    gone = 0
    for start in range(0, len(ids), _AT_ONCE):
        body = {"task_ids": ids[start : start + _AT_ONCE]}
        gone += int(ask(session, "POST", "/v1/purge", body)["purged"])
    if as_json:
        print_json([{"purged": gone}])
    else:
        print_lines([f"{_counted(gone)} deleted"])


def _ended(row: TaskRow) -> bool:
    return row.finished_at is not None


def _require_ends(rows: list[TaskRow]) -> None:
    for row in rows:
        if not _ended(row):
            raise StateError(f"Not ended yet, it is {row.status}: {row.id}. Cancel it first.", id=row.id)


def _confirm(number: int) -> None:
    """Ask the person who sits there.

    Raises:
        RefusedError: nobody sits there, or the answer is no.
    """
    if not sys.stdin.isatty():
        raise RefusedError(f"{_counted(number)} would be deleted for good. Say --yes to do it.", tasks=number)
    if not click.confirm(f"Delete {_counted(number)} with output and files?", err=True):
        tell("Nothing was deleted.")
        raise click.exceptions.Exit(RefusedError.exit_code)


def _counted(number: int) -> str:
    return f"{number:,} task{'' if number == 1 else 's'}"
