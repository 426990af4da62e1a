"""`tasktui artifacts`: the files of a task."""

from __future__ import annotations

import sys
from typing import Final

import click

from tasktui.cli.outlet import Outlet
from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.reading import artifacts_of, now_ms, one_task
from tasktui.cli.session import Session
from tasktui.cli.tables import Cell, Column, Row, table, terminal_width
from tasktui.cli.targets import task_argument
from tasktui.domain.amounts import duration, size
from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.domain.records import Artifact
from tasktui.domain.rows import UnixMs
from tasktui.domain.wire_records import ARTIFACT

_BLOCK: Final = 1 << 20
_COLUMNS: Final = (
    Column("NAME"), Column("ROLE"), Column("SIZE", right=True), Column("AGE", right=True),
    Column("ABOUT", elastic=True),
)  # fmt: skip


@click.command()
@task_argument
@click.option("--get", metavar="NAME", help="Print this file: its name, path or id.")
@json_option
@click.pass_obj
def artifacts(session: Session, task: str, get: str | None, as_json: bool) -> None:
    """List the files of a task, or print one of them."""
    with one_task(session, task) as (reader, task_id):
        found = list(artifacts_of(reader, task_id))
    if get is not None:
        _print_file(session, _named(found, get, task_id))
    elif as_json:
        print_json(map(ARTIFACT.object, found))
    elif found:
        now = now_ms()
        print_lines(table(_COLUMNS, [_row(one, now) for one in found], width=terminal_width()))
    else:
        tell(f"No files: {task_id}")


def _row(one: Artifact, now: UnixMs) -> Row:
    return (
        Cell(one.label, "strong"), one.role, size(one.size_bytes), duration(now - one.changed_at),
        one.summary or "",
    )  # fmt: skip


def _named(found: list[Artifact], name: str, task_id: str) -> Artifact:
    """Return the file that is meant.

    Raises:
        NotFoundError: none is.
        InvalidError: several are.
    """
    for field in ("artifact_id", "path", "label"):
        fitting = [one for one in found if getattr(one, field) == name]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            paths = ", ".join(one.path for one in fitting)
            raise InvalidError(f"{len(fitting)} files have this name, give the path: {paths}", name=name)
    raise NotFoundError(
        f"No such file: {name}. Its files are listed by tasktui artifacts {task_id}", name=name
    )


def _print_file(session: Session, one: Artifact) -> None:
    """Copy it to standard output: byte for byte into a pipe, harmless onto a terminal."""
    from tasktui.artifacts.reader import read

    outlet, offset = Outlet(), 0
    while chunk := read(session.home, one, offset=offset, limit=_BLOCK).data:
        if not offset and b"\0" in chunk and sys.stdout.isatty():
            raise InvalidError(f"This is no text; send it into a file or a pipe: {one.label}", name=one.label)
        outlet.write(1, chunk)
        offset += len(chunk)
    outlet.end()
