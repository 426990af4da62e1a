"""`tasktui retry`: run finished tasks again, as they were or edited."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from tasktui.cli.acting import act, each
from tasktui.cli.printing import json_option
from tasktui.cli.reading import one_task
from tasktui.cli.session import Session
from tasktui.cli.targets import chosen, tasks_argument
from tasktui.cli.task_options import inherited
from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.domain.wire import decode


@click.command()
@tasks_argument
@click.option("--edit", is_flag=True, help="Change what is asked for in $EDITOR first.")
@json_option
@click.pass_obj
def retry(session: Session, tasks: tuple[str, ...], everything: bool, edit: bool, as_json: bool) -> None:
    """Run finished tasks again as new tasks, and print the new ids."""
    session.must_act()
    ids = chosen(session, tasks, lambda row: row.finished_at is not None, everything=everything)
    if edit and len(ids) != 1:
        raise click.UsageError("--edit goes with one task.")
    again = _edited if edit else _as_it_was
    each(ids, lambda task_id: again(session, task_id), lambda made: str(made["id"]), as_json=as_json)


def _as_it_was(session: Session, task_id: str) -> dict[str, Any]:
    return act(session, task_id, "retry", {"env": inherited()})


def _edited(session: Session, task_id: str) -> dict[str, Any]:
    """Let the person edit until it is valid or given up."""
    text = json.dumps(_spec(session, task_id), indent=2, ensure_ascii=False) + "\n"
    while True:
        edited = click.edit(text, extension=".json")
        if edited is None or not edited.strip():
            raise InvalidError("Nothing was changed, so nothing was started. Retry it without --edit.")
        text = edited
        try:
            return act(session, task_id, "retry", {"spec": decode(text), "env": inherited()})
        except InvalidError as exc:
            if not sys.stdin.isatty():
                raise
            click.echo(f"tasktui: {exc.message}", err=True)
            if not click.confirm("Edit again?", default=True, err=True):
                raise


def _spec(session: Session, task_id: str) -> dict[str, Any]:
    with one_task(session, task_id) as (reader, exact):
        detail = reader.detail(exact)
    if detail is None:
        raise NotFoundError(f"The task was deleted: {task_id}", id=task_id)
    return decode(detail.spec)
