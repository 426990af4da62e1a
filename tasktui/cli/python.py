"""`tasktui python`: queue a Python function and follow it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any, Final

import click

from tasktui.cli.params import PAIR
from tasktui.cli.printing import json_option, print_json
from tasktui.cli.session import Session
from tasktui.cli.submitting import submit
from tasktui.cli.task_options import task_options
from tasktui.domain.arguments import value_of

_NAME: Final = re.compile(r"[\w.]+:[\w.]+")


@click.command()
@click.argument("function", metavar="MODULE:FUNCTION")
@click.argument("arguments", nargs=-1, type=PAIR, metavar="[K=V]…")
@click.option("-d", "--detach", is_flag=True, help="Print the id and return.")
@click.option(
    "--python", "interpreter", metavar="PATH", type=click.Path(exists=True, dir_okay=False),
    help="The interpreter; by default that of the active virtual environment, else tasktui's own.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="A failed segment fails the task.")
@task_options
@json_option
@click.pass_obj
def python(
    session: Session,
    /,
    function: str,
    arguments: tuple[tuple[str, str], ...],
    detach: bool,
    interpreter: str | None,
    strict: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Run a Python function as a task, print what it prints, and exit with its exit code.

    Its module is looked for in the working directory first. A value is JSON where it can be, else text:
    n=3 is a number, name=Ann a text, and so is version='"3"'.
    """
    if not _NAME.fullmatch(function):
        raise click.UsageError(f"not like package.module:function: {function}.")
    if as_json and not detach:
        raise click.UsageError("--json goes with -d: what the task prints is no JSON of ours.")
    work = {
        "kind": "python",
        "function": function,
        "arguments": {name: value_of(text) for name, text in arguments},
        "python": _absolute(interpreter) if interpreter else active_python(),
    }
    task = submit(session, work | ({"fail_on_segment_error": True} if strict else {}), given)
    if as_json:
        print_json([task])
    elif detach:
        click.echo(task["id"])
    else:
        from tasktui.cli.attending import attend

        return attend(session, str(task["id"]), feeding=False)
    return 0


def active_python() -> str:
    """Return the interpreter that the caller works with."""
    if folder := os.environ.get("VIRTUAL_ENV"):
        candidate = Path(folder) / "bin" / "python"
        if os.access(candidate, os.X_OK):
            return str(candidate)
    return sys.executable


def _absolute(path: str) -> str:
    # not resolved: a virtual environment is known by the link, not by what it points at
    return str(Path(path).absolute())
