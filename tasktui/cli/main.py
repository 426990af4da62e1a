"""The `tasktui` command: a lazy group, global options, and errors as sentences with exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

import click

from tasktui.cli.session import Session
from tasktui.domain.errors import InvalidError, TasktuiError

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "run": ("tasktui.cli.run:run", "Run a shell task and follow it."),
    "python": ("tasktui.cli.python:python", "Run a Python function as a task and follow it."),
    "agent": ("tasktui.cli.agent:agent", "Give a coding agent a task and follow it."),
    "remote": ("tasktui.cli.remote:remote", "Ask a service that runs agents, and follow it."),
    "ls": ("tasktui.cli.ls:ls", "List tasks."),
    "show": ("tasktui.cli.show:show", "Show one task with all that belongs to it."),
    "timeline": ("tasktui.cli.timeline:timeline", "Print what happened in a task."),
    "tools": ("tasktui.cli.tools:tools", "Print a task's tool calls."),
    "logs": ("tasktui.cli.logs:logs", "Print a task's output, or follow it."),
    "artifacts": ("tasktui.cli.artifacts:artifacts", "List a task's files, or print one."),
    "search": ("tasktui.cli.search:search", "Find text in everything that tasks said."),
    "events": ("tasktui.cli.events:events", "Print events as NDJSON, or follow them."),
    "watch": ("tasktui.cli.watch:watch", "One line an event, no redraw: for logs and screen readers."),
    "send": ("tasktui.cli.send:send", "Send a message or an answer to a running task."),
    "approve": ("tasktui.cli.decide:approve", "Allow what a task asks for."),
    "deny": ("tasktui.cli.decide:deny", "Refuse what a task asks for."),
    "cancel": ("tasktui.cli.cancel:cancel", "Stop tasks; with --force kill them."),
    "hold": ("tasktui.cli.queue:hold", "Keep queued tasks from starting."),
    "release": ("tasktui.cli.queue:release", "Let held tasks start."),
    "priority": ("tasktui.cli.queue:priority", "Change a queued task's priority."),
    "reorder": ("tasktui.cli.reorder:reorder", "Move a queued task forward or back."),
    "edit": ("tasktui.cli.edit:edit", "Change what queued tasks are to do, and how."),
    "pause": ("tasktui.cli.pausing:pause", "Stop running tasks until they are resumed."),
    "resume": ("tasktui.cli.pausing:resume", "Let paused tasks go on."),
    "lanes": ("tasktui.cli.lanes:lanes", "List the lanes; change a limit, pause or resume one."),
    "schedules": ("tasktui.cli.schedules:schedules", "List what recurs, or stop it."),
    "retry": ("tasktui.cli.retry:retry", "Run finished tasks again as new tasks."),
    "ack": ("tasktui.cli.finished:ack", "Say that results are needed no longer."),
    "archive": ("tasktui.cli.finished:archive", "Hide finished tasks from the list."),
    "purge": ("tasktui.cli.finished:purge", "Delete finished tasks with their files."),
    "gate": ("tasktui.cli.gate:gate", "Run a check about a task and record its verdict."),
    "wait": ("tasktui.cli.wait:wait", "Wait until tasks have ended."),
    "export": ("tasktui.cli.export:export", "Write tasks as NDJSON or as reports in Markdown."),
    "import": ("tasktui.cli.importing:import_tasks", "Take in tasks from elsewhere as history."),
    "stats": ("tasktui.cli.stats:stats", "Print figures about the whole."),
    "emit": ("tasktui.cli.emit:emit", "Inside a task: report progress, tools, files, questions."),
    "serve": ("tasktui.cli.serve:serve", "Own the data directory without a screen."),
    "stdio": ("tasktui.cli.stdio:stdio", "Speak the API over pipes, for --host at the other end."),
    "token": ("tasktui.cli.token:token", "Print what a program bears that asks by the port of serve."),
    "web": ("tasktui.cli.web:web", "Show the dashboard in a browser on this machine."),
    "attach": ("tasktui.cli.attach:attach", "Open the dashboard on a running owner."),
    "demo": ("tasktui.cli.demo.command:demo", "Show everything with real tasks in a throwaway directory."),
    "doctor": ("tasktui.cli.doctor:doctor", "Check this installation and data directory."),
    "keys": ("tasktui.cli.keys:keys", "Print every key and its action."),
    "schema": ("tasktui.cli.schema:schema", "Print the JSON Schemas."),
    "config": ("tasktui.cli.settings:config", "Show, check or locate the settings."),
    "completion": ("tasktui.cli.completion:completion", "Print a completion script for a shell."),
}
"""Where each command is, and its line in the help: nothing is imported that is not called."""

OUR_SCREEN: Final = frozenset({"attach", "web"})
"""Commands that show the dashboard: with `--host` they still run here."""

INTERRUPTED: Final = 130
COMPLETE: Final = "_TASKTUI_COMPLETE"
"""The variable by which a shell asks for completions."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, here or on the machine of `--host`; suggest the nearest for an unknown one."""
        name = args[0]
        if ctx.params.get("host") and name not in OUR_SCREEN and not ctx.resilient_parsing:
            return name, click.Command(name, callback=partial(_there, ctx, args)), []
        if name not in COMMANDS and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"no such command: {name}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--home", type=click.Path(path_type=Path), help="The data directory.")
@click.option("--host", multiple=True, metavar="NAME", help="Another machine, reached by ssh; its tasks.")
@click.option("--readonly", is_flag=True, help="Only look: every action is refused.")
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("--theme", help="The dashboard's theme.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--plain", is_flag=True, help="A line an event instead of the dashboard: for screen readers.")
@click.version_option(package_name="tasktui", prog_name="tasktui")
@click.pass_context
def cli(
    ctx: click.Context, home: Path | None, host: tuple[str, ...], readonly: bool, no_color: bool,
    theme: str | None, no_mouse: bool, plain: bool,
) -> None:  # fmt: skip
    """The terminal control room for background work. Without a command it opens the dashboard."""
    flags: dict[str, Any] = {
        "home": None if host else home, "theme": theme, "mouse": False if no_mouse else None,
    }  # fmt: skip
    if no_color:
        os.environ["NO_COLOR"] = "1"
    ctx.obj = Session(
        flags, readonly=readonly, host_names=host, home_there=str(home) if host and home else None
    )
    if ctx.invoked_subcommand is None:
        _show(ctx, plain=plain)


def _show(ctx: click.Context, *, plain: bool) -> None:
    """Show what goes on: on a dashboard, else as lines."""
    from tasktui.cli.dashboard import dashboard, has_screen

    if ctx.obj.host_names and (plain or not has_screen()):
        ctx.exit(_there(ctx, ["watch" if plain else "ls"]))
    if plain:
        from tasktui.cli.watch import watch

        ctx.invoke(watch)
    else:
        dashboard(ctx.obj)


def _there(ctx: click.Context, words: list[str]) -> int:
    """Run a command on another machine."""
    from tasktui.cli.elsewhere import run_there

    host, *others = ctx.obj.hosts
    if others:
        from tasktui.cli.machines import run_on_all

        return run_on_all((host, *others), _global_words(ctx.params), words)
    return run_there(host, [*_global_words(ctx.params), *words])


def _global_words(params: Mapping[str, Any]) -> list[str]:
    """Return the options before the command as they are given on another machine."""
    words = ["--home", str(params["home"])] if params["home"] else []
    return words + [f"--{name.replace('_', '-')}" for name in ("readonly", "no_color") if params[name]]


def main() -> None:
    """Run the command and end with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # a name that the terminal's encoding lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    sys.exit(call(sys.argv[1:]))


def call(argv: list[str]) -> int:
    """Run one command line and return its exit code; errors go to stderr as a sentence."""
    try:
        code = cli.main(argv, prog_name="tasktui", standalone_mode=False)
    except click.exceptions.Exit as exc:
        code = exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except SystemExit:
        # click ends so after a completion, and when nobody reads any more, which is no error
        if COMPLETE in os.environ:
            raise
        for fd in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), fd)
        code = 0
    except Exception as exc:  # noqa: BLE001  # a person gets a sentence, the log has the rest
        code = told(exc, argv)
    return code if isinstance(code, int) else 0


def told(exc: Exception, argv: list[str]) -> int:
    """Say an error and return its exit code."""
    if isinstance(exc, click.ClickException):
        error: TasktuiError = _usage(exc)
    elif isinstance(exc, UnicodeEncodeError) and any(map(_undecoded, argv)):
        error = InvalidError("An argument is not UTF-8. Names, filters and texts have to be.")
    else:
        error = exc if isinstance(exc, TasktuiError) else _unforeseen(exc, argv)
    _complain(error, as_json=_wants_json(argv))
    return error.exit_code


def _usage(exc: click.ClickException) -> TasktuiError:
    message = exc.format_message()
    context = exc.ctx if isinstance(exc, click.UsageError) else None
    where = f" Try: {context.command_path} -h" if context and not message.endswith("?") else ""
    return InvalidError(f"{message}{'' if message[-1:] in set('.?') else '.'}{where}")


def _undecoded(word: str) -> bool:
    """Whether it holds bytes that the terminal's encoding could not read."""
    return any("\ud800" <= letter <= "\udfff" for letter in word)


def _unforeseen(exc: Exception, argv: list[str]) -> TasktuiError:
    """Keep the traceback for whoever has to find out, and say where it is."""
    from tasktui.cli.mishaps import record

    kept = record(exc, argv)
    where = f" The details are in {kept}." if kept else ""
    return TasktuiError(f"Something went wrong: {type(exc).__name__}: {exc}.{where}")


def _wants_json(argv: list[str]) -> bool:
    end = argv.index("--") if "--" in argv else len(argv)
    return "--json" in argv[:end]


def _complain(exc: TasktuiError, *, as_json: bool) -> None:
    if as_json:
        error = {"code": exc.code, "message": exc.message, "details": exc.details}
        click.echo(json.dumps({"error": error}, default=str), err=True)
        return
    from tasktui.domain.clean import clean

    click.echo(f"tasktui: {clean(exc.message)}", err=True)
