"""`tasktui edit`: change what queued tasks are to do, and how."""

from __future__ import annotations

from typing import Any

import click

from tasktui.cli.acting import each
from tasktui.cli.editing import edited, spec_of
from tasktui.cli.printing import json_option
from tasktui.cli.session import Session
from tasktui.cli.submitting import put
from tasktui.cli.targets import chosen, tasks_argument
from tasktui.cli.task_lines import told_task
from tasktui.cli.task_options import changes, edit_options
from tasktui.domain.status import Status


@click.command()
@tasks_argument
@edit_options
@json_option
@click.pass_obj
def edit(session: Session, /, tasks: tuple[str, ...], everything: bool, as_json: bool, **given: Any) -> None:
    """Change queued tasks: by options, or without any in $EDITOR, one task as JSON.

    An option replaces what the task had, as in: tasktui edit ID --timeout 1h --lane slow.
    """
    session.must_act()
    ids = chosen(session, tasks, lambda row: row.status is Status.QUEUED, everything=everything)
    changed = changes(given)
    if not changed and len(ids) != 1:
        raise click.UsageError("the editor takes one task; say by options what is to change of several.")

    def send(task_id: str, spec: dict[str, Any]) -> dict[str, Any]:
        return put(session, task_id, "edit", {"spec": spec})

    def change(task_id: str) -> dict[str, Any]:
        spec = spec_of(session, task_id)
        if changed:
            return send(task_id, spec | changed)
        return edited(spec, lambda written: send(task_id, written))

    each(ids, change, told_task, as_json=as_json)
