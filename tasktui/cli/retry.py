"""`tasktui retry`: run finished tasks again, as they were or with changes."""

from __future__ import annotations

from typing import Any

import click

from tasktui.cli.acting import act, each
from tasktui.cli.editing import edited, spec_of
from tasktui.cli.printing import json_option
from tasktui.cli.session import Session
from tasktui.cli.submitting import put
from tasktui.cli.targets import chosen, tasks_argument
from tasktui.cli.task_options import changes, environment, retry_options


@click.command()
@tasks_argument
@click.option("--edit", is_flag=True, help="Change what is asked for in $EDITOR first.")
@retry_options
@json_option
@click.pass_obj
def retry(
    session: Session, /, tasks: tuple[str, ...], everything: bool, edit: bool, as_json: bool, **given: Any
) -> None:
    """Run finished tasks again as new tasks, and print the new ids.

    An option replaces what the task had, as in: tasktui retry ID --timeout 1h --lane slow.
    """
    session.must_act()
    ids = chosen(session, tasks, lambda row: row.finished_at is not None, everything=everything)
    if edit and len(ids) != 1:
        raise click.UsageError("--edit goes with one task.")
    env, changed = environment(given), changes(given)

    def again(task_id: str) -> dict[str, Any]:
        if not edit and not changed:
            return act(session, task_id, "retry", {"env": env})
        spec = spec_of(session, task_id) | changed
        if edit:
            return edited(spec, lambda written: _retried(session, task_id, written, env))
        return _retried(session, task_id, spec, env)

    each(ids, again, lambda made: str(made["id"]), as_json=as_json)


def _retried(session: Session, task_id: str, spec: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
    return put(session, task_id, "retry", {"spec": spec, "env": env})
