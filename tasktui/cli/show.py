"""`tasktui show`: one task with all that belongs to it."""

from __future__ import annotations

import json

import click

from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.reading import now_ms, one_task
from tasktui.cli.session import Session
from tasktui.cli.targets import task_argument
from tasktui.cli.task_page import page_lines
from tasktui.domain.errors import NotFoundError
from tasktui.domain.wire import task_object
from tasktui.domain.wire_detail import belongings_object


@click.command()
@task_argument
@json_option
@click.pass_obj
def show(session: Session, task: str, as_json: bool) -> None:
    """Show one task: what was asked for, how far it is, what it needs, what it left."""
    with one_task(session, task) as (reader, task_id):
        detail = reader.detail(task_id)
    if detail is None:
        raise NotFoundError(f"The task was deleted: {task_id}", id=task_id)
    if as_json:
        spec = json.loads(detail.spec)
        print_json([task_object(detail.row) | {"spec": spec} | belongings_object(detail)])
    else:
        print_lines(page_lines(detail, now_ms()))
