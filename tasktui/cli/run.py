"""`tasktui run`: queue a program and follow it, as if it ran here."""

from __future__ import annotations

import sys
from typing import Any

import click

from tasktui.cli.container_options import container_options, take_container
from tasktui.cli.printing import json_option, print_json
from tasktui.cli.session import Session
from tasktui.cli.submitting import submit
from tasktui.cli.task_options import task_options


class _AfterDashes(click.Command):
    """A command whose own options end at `--`, so that a misspelled one never becomes the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split at the dashes.

        Raises:
            UsageError: there are none.
        """
        asks_help = any(word in self.get_help_option_names(ctx) for word in args)
        if "--" not in args and not asks_help and not ctx.resilient_parsing:
            raise click.UsageError("put -- before the command, as in: tasktui run -d -- make test.", ctx)
        return super().parse_args(ctx, args)


@click.command(cls=_AfterDashes, context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, metavar="-- CMD…", type=click.UNPROCESSED)
@click.option("-d", "--detach", is_flag=True, help="Print the id and return.")
@click.option("--shell", is_flag=True, help="CMD is one line for sh -c.")
@click.option("--no-stdin", is_flag=True, help="Its standard input is empty; else `send` writes to it.")
@container_options
@task_options
@json_option
@click.pass_obj
def run(
    session: Session,
    /,
    command: tuple[str, ...],
    detach: bool,
    shell: bool,
    no_stdin: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Run a program as a task, print what it prints, and exit with its exit code.

    Ctrl-C cancels it, a second time by force; when the terminal goes away it goes on.
    """
    if as_json and not detach:
        raise click.UsageError("--json goes with -d: what the task prints is no JSON of ours.")
    given["container"] = take_container(given)
    task = submit(session, _work(command, shell=shell, stdin=not no_stdin), given)
    if as_json:
        print_json([task])
    elif detach:
        click.echo(task["id"])
    else:
        from tasktui.cli.attending import attend

        piped = sys.stdin is not None and not sys.stdin.isatty()
        return attend(session, str(task["id"]), feeding=piped and not no_stdin)
    return 0


def _work(command: tuple[str, ...], *, shell: bool, stdin: bool) -> dict[str, Any]:
    if not command or not command[0].strip():
        raise click.UsageError("there is no command after the --, as in: tasktui run -- make test.")
    if shell and len(command) > 1:
        raise click.UsageError(f"--shell takes one line; quote it: tasktui run --shell -- '{command[0]} …'.")
    work: dict[str, Any] = {"kind": "shell"}
    work |= {"command": command[0]} if shell else {"argv": list(command)}
    return work if stdin else work | {"stdin": False}
