"""`tasktui cancel`: stop tasks."""

from __future__ import annotations

from typing import Any, Final

import click

from tasktui.cli.acting import act, each
from tasktui.cli.printing import json_option
from tasktui.cli.session import Session
from tasktui.cli.targets import chosen, tasks_argument
from tasktui.domain.clean import clean

_TOLD: Final = {
    "canceled": "canceled before it began",
    "requested": "is stopping",
    "forced": "is being killed",
    "already_finished": "had ended",
}


@click.command()
@tasks_argument
@click.option("--force", is_flag=True, help="Kill them at once.")
@click.option("--reason", metavar="TEXT", help="Kept with the task.")
@json_option
@click.pass_obj
def cancel(
    session: Session, tasks: tuple[str, ...], everything: bool, force: bool, reason: str | None, as_json: bool
) -> None:
    """Stop tasks: the first time they are asked to end, the second time they are killed."""
    session.must_act()
    ids = chosen(session, tasks, lambda row: row.finished_at is None, everything=everything)
    body = {"force": force, "reason": reason}
    each(ids, lambda task_id: act(session, task_id, "cancel", body), _told, as_json=as_json)


def _told(done: dict[str, Any]) -> str:
    task, word = done["task"], _TOLD.get(done["disposition"], done["disposition"])
    ended = f": {task['status'].replace('_', ' ')}" if done["disposition"] == "already_finished" else ""
    return f"{task['id']}  {word}{ended}  {clean(task['title'])}"
