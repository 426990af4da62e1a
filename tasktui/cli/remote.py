"""`tasktui remote`: give a service that runs agents a task and follow what it does."""

from __future__ import annotations

from typing import Any

import click

from tasktui.cli.agent import begin, prompt_of
from tasktui.cli.printing import json_option
from tasktui.cli.session import Session
from tasktui.cli.task_options import task_options


@click.command()
@click.argument("url")
@click.argument("prompt", required=False)
@click.option("-d", "--detach", is_flag=True, help="Print the id and return.")
@click.option(
    "--service", type=click.Choice(["soul", "cyberagent"]), default="soul",
    help="Whose routes and words the service has.",
)  # fmt: skip
@click.option(
    "--token-env", metavar="NAME",
    help="The variable whose value it is asked with, as a bearer token. By https only, but on this machine.",
)  # fmt: skip
@task_options
@json_option
@click.pass_obj
def remote(
    session: Session, /, url: str, prompt: str | None, service: str, token_env: str | None, detach: bool,
    as_json: bool, **given: Any,
) -> int:  # fmt: skip
    """Ask a service at URL that runs agents, print what it says and does, and exit 0 when it completes.

    PROMPT is what it is to do; "-" reads it from standard input. The work goes on there when this machine or
    its connection goes, and is followed again from where it was left.
    """
    if given["attach"]:
        raise click.UsageError(
            "--attach is for work on this machine: a service takes a prompt, and no files."
        )
    work = {"kind": "remote", "url": url, "prompt": prompt_of(prompt), "service": service}
    if token_env is not None:
        work["token_env"] = token_env
    return begin(session, work, given, detach=detach, as_json=as_json)
