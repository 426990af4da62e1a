"""A command over several machines: what reads is asked of all, what acts goes to the one with the task."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, NamedTuple

import click

from tasktui.cli.elsewhere import run_there
from tasktui.cli.printing import print_json, print_lines, tell
from tasktui.domain.errors import AmbiguousTaskError, InvalidError, NotFoundError, OwnerError
from tasktui.domain.hosts import Host

ANSWER_S: Final = 60.0
"""How long a machine has to answer."""
AWAY: Final = OwnerError.exit_code
_OF_SSH: Final = 255
_GAP: Final = "  "
_SEVERAL: Final = "{name} acts on one machine: give --host once. Named were {hosts}."


class Said(NamedTuple):
    """What a command said on one machine."""

    host: Host
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Its lines of JSON, each with the machine."""
        return [{"host": self.host.name, **json.loads(line)} for line in self.out.splitlines() if line]


def run_on_all(hosts: Sequence[Host], before: Sequence[str], words: Sequence[str]) -> int:
    """Run a command line over several machines and return its exit code.

    Args:
        hosts: the machines.
        before: the options before the command.
        words: the command and its arguments.

    Raises:
        InvalidError: it is for one machine.
        NotFoundError: no machine that answers has the task.
        AmbiguousTaskError: several have.
    """
    name = words[0]
    if name in _READING:
        as_json = "--json" in words
        asked = _asked(hosts, [*before, *_to_ask(words, as_json=as_json)])
        _READING[name](asked, as_json=as_json)
        return _complained(asked)
    ids = _ids(words)
    if not ids:
        names = " and ".join(host.name for host in hosts)
        raise InvalidError(_SEVERAL.format(name=name, hosts=names))
    (at, _), *others = ((_machine_of(hosts, before, one), one) for one in ids)
    for host, one in others:
        if host != at:
            raise InvalidError(f"{one} is on {host.name}, {ids[0]} on {at.name}: act on each by itself.")
    return run_there(at, [*before, *words])


def _ids(words: Sequence[str]) -> list[str]:
    """Return the ids that a command line names, none where it names no task."""
    from tasktui.cli.main import cli

    command = cli.get_command(click.Context(cli), words[0])
    if command is None or not any(one.name in {"task", "tasks"} for one in command.params):
        return []
    params = command.make_context(words[0], list(words[1:])).params
    if params.get("everything"):
        return []
    named = params.get("task") or params.get("tasks") or ()
    return [named] if isinstance(named, str) else list(named)


def _machine_of(hosts: Sequence[Host], before: Sequence[str], prefix: str) -> Host:
    asked = _asked(hosts, [*before, "show", prefix, "--json"])
    found = [said for said in asked if said.code == 0]
    if len(found) > 1 or any(said.code == AmbiguousTaskError.exit_code for said in asked):
        ids = {said.host.name: said.objects[0]["id"] for said in found}
        error = AmbiguousTaskError(prefix, tuple(ids.values()), matches=max(2, len(ids)))
        where = ", ".join(f"{one} on {name}" for name, one in ids.items())
        error.message += f": {where}" if len(ids) > 1 else ""
        raise error
    if not found:
        away = [f"{said.host.name}: {_reason(said)}" for said in asked if said.code not in {0, 3}]
        rest = f" Not asked: {'; '.join(away)}" if away else ""
        raise NotFoundError(f"Task not found on these machines: {prefix}.{rest}", id=prefix)
    return found[0].host


def _asked(hosts: Sequence[Host], words: Sequence[str]) -> list[Said]:
    """Run one command line on every machine at once."""
    with ThreadPoolExecutor(len(hosts)) as pool:
        return list(pool.map(partial(_said, words=words), hosts))


def _said(host: Host, words: Sequence[str]) -> Said:
    from tasktui.service.ssh import command_argv

    argv = [sys.executable, "-m", "tasktui", *words] if host.is_local else command_argv(host, words)
    try:
        ran = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=ANSWER_S, check=False
        )
    except FileNotFoundError:
        return Said(host, AWAY, "", "ssh is not installed here.")
    except subprocess.TimeoutExpired:
        return Said(host, AWAY, "", f"No answer within {ANSWER_S:g} s.")
    out, err = (text.decode(errors="replace") for text in (ran.stdout, ran.stderr))
    if ran.returncode == _OF_SSH and not host.is_local:
        return Said(host, AWAY, out, _why(host, err))
    return Said(host, ran.returncode, out, err)


def _why(host: Host, err: str) -> str:
    """Return what a failure of ssh means to a person."""
    from tasktui.service.program import Failure
    from tasktui.service.ssh import explain

    lines = tuple(line for line in err.splitlines() if line.strip())
    return explain(host, Failure(OwnerError(lines[-1] if lines else ""), _OF_SSH, lines)).message


def _complained(asked: Sequence[Said]) -> int:
    """Say on standard error what went wrong where; return the exit code of all."""
    for said in asked:
        if said.code:
            tell(f"{said.host.name}: {_reason(said)}")
    return max((said.code for said in asked), default=0)


def _reason(said: Said) -> str:
    lines = [line.removeprefix("tasktui: ") for line in said.err.splitlines() if line.strip()]
    return lines[-1] if lines else f"it ended with {said.code}."


def _to_ask(words: Sequence[str], *, as_json: bool) -> list[str]:
    """Return the command line that each machine is given: JSON, where rows are to be put in one order."""
    from tasktui.cli.ls import LIMIT

    asked = list(words)
    if words[0] == "ls" and not as_json:
        asked += ["--limit", str(LIMIT)] if "--limit" not in words else []
    if words[0] in {"ls", "search"} and not as_json:
        asked.append("--json")
    return asked


def _print_ls(asked: Sequence[Said], *, as_json: bool) -> None:
    from tasktui.cli.reading import now_ms
    from tasktui.cli.tables import Cell, Column, table, terminal_width
    from tasktui.cli.task_lines import task_line, without_dull_columns
    from tasktui.domain.wire import task_from_object

    made = sorted(_objects(asked), key=lambda one: str(one["created_at"]), reverse=True)
    if as_json:
        print_json(made)
        return
    found = [(task_from_object(one), one["host"]) for one in made]
    found.sort(key=lambda one: one[0].group)
    if not found:
        tell("No task fits.")
        return
    now = now_ms()
    columns, lines = without_dull_columns([task_line(row, now) for row, _ in found])
    named = [(Cell(name, "muted"), *line) for (_, name), line in zip(found, lines, strict=True)]
    print_lines(table((Column("HOST"), *columns), named, width=terminal_width()))


def _print_hits(asked: Sequence[Said], *, as_json: bool) -> None:
    from tasktui.cli.reading import now_ms
    from tasktui.cli.search import hit_line
    from tasktui.domain.wire_records import SEARCH_HIT

    made = sorted(_objects(asked), key=lambda one: str(one["ts"]), reverse=True)
    if as_json:
        print_json(made)
        return
    now, width = now_ms(), _width(asked)
    print_lines(f"{one['host']:<{width}}{_GAP}{hit_line(SEARCH_HIT.record(one), now)}" for one in made)


def _print_text(asked: Sequence[Said], *, as_json: bool) -> None:
    """Print what each said, the machine before every line."""
    if as_json:
        print_json(_objects(asked))
        return
    width = _width(asked)
    for said in asked:
        print_lines(f"{said.host.name:<{width}}{_GAP}{line}" for line in said.out.splitlines())


def _objects(asked: Sequence[Said]) -> list[dict[str, Any]]:
    return [one for said in asked for one in said.objects]


def _width(asked: Iterable[Said]) -> int:
    return max(len(said.host.name) for said in asked)


_READING: Final[dict[str, Callable[..., None]]] = {
    "ls": _print_ls, "search": _print_hits, "stats": _print_text, "lanes": _print_text,
    "schedules": _print_text,
}  # fmt: skip
