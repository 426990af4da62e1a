"""`tasktui hold`, `release` and `priority`: what waits in the queue."""

from __future__ import annotations

from datetime import datetime

import click

from tasktui.cli.acting import act, each
from tasktui.cli.params import INSTANT
from tasktui.cli.printing import json_option
from tasktui.cli.session import Session
from tasktui.cli.targets import chosen, tasks_argument
from tasktui.cli.task_lines import told_task
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status


@click.command()
@tasks_argument
@click.option("--reason", metavar="TEXT", help="Shown in the list.")
@click.option("--until", type=INSTANT, metavar="TIME", help="Release them then: 22:30, or 2026-11-21T22:30.")
@json_option
@click.pass_obj
def hold(
    session: Session,
    tasks: tuple[str, ...],
    everything: bool,
    reason: str | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Keep queued tasks from starting."""
    session.must_act()
    ids = chosen(session, tasks, lambda row: _queued(row) and not row.held, everything=everything)
    body = {"reason": reason, "until": until.isoformat() if until is not None else None}
    each(ids, lambda task_id: act(session, task_id, "hold", body), told_task, as_json=as_json)


@click.command()
@tasks_argument
@json_option
@click.pass_obj
def release(session: Session, tasks: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Let held tasks start."""
    session.must_act()
    ids = chosen(session, tasks, lambda row: row.held, everything=everything)
    each(ids, lambda task_id: act(session, task_id, "release"), told_task, as_json=as_json)


@click.command(context_settings={"ignore_unknown_options": True})
@tasks_argument
@click.argument("number", metavar="N", type=click.IntRange(-1000, 1000))
@json_option
@click.pass_obj
def priority(session: Session, tasks: tuple[str, ...], everything: bool, number: int, as_json: bool) -> None:
    """Give queued tasks the priority N: the higher, the sooner in their lanes."""
    session.must_act()
    ids = chosen(session, tasks, _queued, everything=everything)
    body = {"priority": number}
    each(ids, lambda task_id: act(session, task_id, "priority", body), told_task, as_json=as_json)


def _queued(row: TaskRow) -> bool:
    return row.status is Status.QUEUED
