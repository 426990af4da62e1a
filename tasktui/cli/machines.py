"""A command over several machines: what reads is asked of all, what acts goes to the one with the task."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import dropwhile
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click

from tasktui.cli.capturing import MOST, TooMuchError, captured
from tasktui.cli.elsewhere import run_there
from tasktui.cli.printing import print_json, print_lines, tell
from tasktui.domain.clean import clean, split_lines, summarize
from tasktui.domain.errors import AmbiguousTaskError, InvalidError, NotFoundError, OwnerError
from tasktui.domain.hosts import Host
from tasktui.domain.wire import decode, time_value

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow

T = TypeVar("T")

ANSWER_S: Final = 60.0
"""How long a machine has to answer."""
AWAY: Final = OwnerError.exit_code
_OF_SSH: Final = 255
_STRANGE: Final = "what it answers is not understood here: {}"
_GAP: Final = "  "
_SEVERAL: Final = "{name} acts on one machine: give --host once. Named were {hosts}."


class Said(NamedTuple):
    """What a command said on one machine."""

    host: Host
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[str]:
        """Its lines of JSON; what a login prints before them is passed over."""
        lines = [line for line in self.out.split("\n") if line.strip()]
        return list(dropwhile(lambda line: not line.startswith("{"), lines))

    def read(self, form: Callable[[dict[str, Any]], T]) -> tuple[Said, list[T]]:
        """Return its objects in a form, and this, as failed where one of them cannot be read."""
        said, found, here = self, [], {"host": self.host.name}
        for line in self.objects:
            try:
                found.append(form(here | decode(line) | here))
            except Exception:  # noqa: BLE001  # whatever a strange answer breaks, the others' rows are printed
                said = (
                    self if self.code else self._replace(code=AWAY, err=_STRANGE.format(summarize(line, 80)))
                )
        return said, found


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
    if name in _READING and not _changes(words):
        as_json = "--json" in words
        asked = _asked(hosts, [*before, *_to_ask(words, as_json=as_json)])
        return _complained(_READING[name](asked, as_json=as_json))
    ids = _ids(words)
    if not ids:
        names = " and ".join(host.name for host in hosts)
        raise InvalidError(_SEVERAL.format(name=name, hosts=names))
    (at, _), *others = ((_machine_of(hosts, before, one), one) for one in ids)
    for host, one in others:
        if host != at:
            raise InvalidError(f"{one} is on {host.name}, {ids[0]} on {at.name}: act on each by itself.")
    return run_there(at, [*before, *words])


def _changes(words: Sequence[str]) -> bool:
    """Whether a command that reads also has a way to change something, and this is it."""
    rest = [word for word in words[1:] if word != "--json"]
    if words[0] == "lanes":
        return any(word.startswith(("--limit", "--pause", "--resume")) for word in rest)
    return words[0] == "schedules" and bool(rest) and not {"-h", "--help"} & {*rest}


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
    answers = [
        said.read(lambda one: str(one["id"])) for said in _asked(hosts, [*before, "show", prefix, "--json"])
    ]
    asked = [said for said, _ in answers]
    found = [said for said, of_it in answers if said.code == 0 and of_it]
    if len(found) > 1 or any(said.code == AmbiguousTaskError.exit_code for said in asked):
        ids = {said.host.name: of_it[0] for said, of_it in answers if said in found}
        error = AmbiguousTaskError(prefix, tuple(ids.values()), matches=max(2, len(ids)))
        where = ", ".join(f"{one} on {name}" for name, one in ids.items())
        error.message += f": {where}" if len(ids) > 1 else ""
        raise error
    if not found:
        away = [
            f"{said.host.name}: {_reason(said)}" for said in asked if said.code != NotFoundError.exit_code
        ]
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
        ran = captured(argv, within_s=ANSWER_S)
    except FileNotFoundError:
        return Said(host, AWAY, "", "ssh is not installed here.")
    except TimeoutError:
        return Said(host, AWAY, "", f"No answer within {ANSWER_S:g} s.")
    except TooMuchError:
        return Said(host, AWAY, "", f"It says more than {MOST >> 20} MiB. Ask for less with --limit.")
    out, err = (text.decode(errors="replace") for text in (ran.out, ran.err))
    if ran.code == _OF_SSH and not host.is_local:
        return Said(host, AWAY, out, _why(host, err))
    return Said(host, ran.code, out, err)


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
        asked += [] if any(word.partition("=")[0] == "--limit" for word in words) else ["--limit", str(LIMIT)]
    if words[0] in {"ls", "search"} and not as_json:
        asked.append("--json")
    return asked


def _print_ls(asked: Sequence[Said], *, as_json: bool) -> Sequence[Said]:
    from tasktui.cli.reading import now_ms
    from tasktui.cli.tables import Cell, Column, Row, table, terminal_width
    from tasktui.cli.task_lines import COLUMNS, task_line, without_dull_columns
    from tasktui.domain.wire import task_from_object

    if as_json:
        return _print_objects(asked, by="created_at")
    now = now_ms()

    def read(made: dict[str, Any]) -> tuple[str, TaskRow, Row]:
        row = task_from_object(made)
        line = task_line(row, now)
        list(table(COLUMNS, [line]))  # what is no text fails here, where it is known whose it is
        return made["host"], row, line

    asked, found = _read(asked, read)
    found.sort(key=lambda one: (one[1].group, -one[1].created_at))
    if not found:
        tell("No task fits.")
        return asked
    columns, lines = without_dull_columns([line for _, _, line in found])
    named = [(Cell(name, "muted"), *line) for (name, _, _), line in zip(found, lines, strict=True)]
    print_lines(table((Column("HOST"), *columns), named, width=terminal_width()))
    return asked


def _print_hits(asked: Sequence[Said], *, as_json: bool) -> Sequence[Said]:
    from tasktui.cli.reading import now_ms
    from tasktui.cli.search import hit_line
    from tasktui.domain.wire_records import SEARCH_HIT

    if as_json:
        return _print_objects(asked, by="ts")
    now, width = now_ms(), _width(asked)

    def read(made: dict[str, Any]) -> tuple[int, str]:
        hit = SEARCH_HIT.record(made)
        hit = replace(hit, task_id=clean(hit.task_id), source=clean(hit.source))
        return hit.ts, f"{made['host']:<{width}}{_GAP}{hit_line(hit, now)}"

    asked, found = _read(asked, read)
    found.sort(key=lambda one: -one[0])
    print_lines(line for _, line in found)
    return asked


def _print_text(asked: Sequence[Said], *, as_json: bool) -> Sequence[Said]:
    """Print what each said, the machine before every line."""
    if as_json:
        return _print_objects(asked)
    width = _width(asked)
    for said in asked:
        print_lines(f"{said.host.name:<{width}}{_GAP}{line}" for line in split_lines(said.out))
    return asked


def _print_objects(asked: Sequence[Said], *, by: str | None = None) -> Sequence[Said]:
    """Print objects, those first in which a time is the latest."""

    def read(made: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return (time_value(made[by]) if by else 0), made

    asked, found = _read(asked, read)
    found.sort(key=lambda one: -one[0])
    print_json(made for _, made in found)
    return asked


def _read(asked: Sequence[Said], form: Callable[[dict[str, Any]], T]) -> tuple[Sequence[Said], list[T]]:
    """Return what all said, as `Said.read` has it of one."""
    answers = [said.read(form) for said in asked]
    return [said for said, _ in answers], [one for _, found in answers for one in found]


def _width(asked: Iterable[Said]) -> int:
    return max(len(said.host.name) for said in asked)


_READING: Final[dict[str, Callable[..., Sequence[Said]]]] = {
    "ls": _print_ls, "search": _print_hits, "stats": _print_text, "lanes": _print_text,
    "schedules": _print_text,
}  # fmt: skip
