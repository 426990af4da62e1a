"""`tasktui send`: say something to a running task, or answer its question."""

from __future__ import annotations

import sys
from pathlib import Path
from secrets import token_hex

import click

from tasktui.cli.acting import ask
from tasktui.cli.attaching import attach as attach_files
from tasktui.cli.attaching import attach_option
from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.session import Session
from tasktui.cli.targets import only, task_argument
from tasktui.service.paths import task_path


@click.command()
@task_argument
@click.argument("text")
@click.option(
    "--mode",
    type=click.Choice(["steer", "queue", "interrupt"]),
    default="steer",
    show_default=True,
    help="Now; when it is done with what it does; or instead of what it does.",
)
@attach_option
@click.option("--answer", metavar="REQUEST", help="Answer this question of the task; show names it.")
@json_option
@click.pass_obj
def send(
    session: Session,
    task: str,
    text: str,
    mode: str,
    attach: tuple[Path, ...],
    answer: str | None,
    as_json: bool,
) -> None:
    """Send TEXT to a running task; - reads it from standard input."""
    if attach and answer is not None:
        raise click.UsageError("--attach goes with a message, not with an answer.")
    session.must_act()
    said = sys.stdin.read() if text == "-" else text
    task_id = only(session, task)
    if answer is not None:
        body = {"request_id": answer, "decision": "answer", "text": said, "origin": "cli"}
        done = ask(session, "POST", task_path(task_id, "/answer"), body)
        line = f"{task_id}  answered {answer}"
    else:
        files = attach_files(session, task_id, attach)
        message = {"text": said, "mode": mode, "attachments": files, "client_token": token_hex(8)}
        # the token makes a repeated request the same message
        done = ask(session, "POST", task_path(task_id, "/intervene"), message, again=True)
        line = f"{task_id}  message {done['state']}"
    if as_json:
        print_json([done])
    else:
        print_lines([line])
