"""`tasktui approve` and `tasktui deny`: decide what a task asks for."""

from __future__ import annotations

from typing import Any

import click

from tasktui.cli.acting import act
from tasktui.cli.answering import sentence, way_to_answer
from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.session import Session
from tasktui.cli.targets import only, task_argument
from tasktui.domain.clean import clean
from tasktui.domain.errors import InvalidError

_request = click.option("--request", metavar="REQUEST", help="Which of its requests, when several wait.")


@click.command()
@task_argument
@click.option("--always", is_flag=True, help="The same, whenever it is asked.")
@_request
@json_option
@click.pass_obj
def approve(session: Session, task: str, always: bool, request: str | None, as_json: bool) -> None:
    """Allow what a task asks for: this once, or always."""
    body = {"decision": "allow", "scope": "always" if always else "once"}
    _decide(session, task, body | {"request_id": request}, as_json=as_json)


@click.command()
@task_argument
@click.option("--reason", default="", metavar="TEXT", help="Told to the task.")
@_request
@json_option
@click.pass_obj
def deny(session: Session, task: str, reason: str, request: str | None, as_json: bool) -> None:
    """Refuse what a task asks for."""
    _decide(session, task, {"decision": "deny", "text": reason, "request_id": request}, as_json=as_json)


def _decide(session: Session, task: str, body: dict[str, Any], *, as_json: bool) -> None:
    session.must_act()
    task_id = only(session, task)
    try:
        done = act(session, task_id, "answer", body | {"origin": "cli"})
    except InvalidError as exc:
        if (question := exc.details.get("question")) is None:
            raise
        way = way_to_answer(task_id, str(question), permission=False)
        raise InvalidError(f"{sentence(clean(exc.message))} Answer with: {way}", **exc.details) from exc
    if as_json:
        print_json([done])
    else:
        word = "allowed" if done["decision"] == "allow" else "denied"
        print_lines([f"{task_id}  {word}: {clean(done['summary'])}"])
