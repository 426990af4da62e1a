"""`tasktui export`: tasks as NDJSON that can be imported again, or as reports in Markdown."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, TypeAlias

import click

from tasktui.cli.bundle import head_line, task_lines
from tasktui.cli.printing import harmless, tell
from tasktui.cli.reading import query_of, resolve, stored
from tasktui.cli.report import report_lines
from tasktui.cli.session import Session
from tasktui.cli.targets import listing, tasks_argument
from tasktui.cli.timeline import events_of
from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.domain.query import TaskQuery
from tasktui.store.sqlite.reader import Reader

TOLD_EVERY: Final = 500
"""Tasks between two words about how far it is."""
Lines: TypeAlias = Callable[[str], Iterator[bytes]]


@click.command()
@tasks_argument
@click.option(
    "--format", "form", type=click.Choice(["ndjson", "md"]), default="ndjson", show_default=True,
    help="Everything, to be imported again; or reports to be read.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of here."
)
@click.option("--no-files", is_flag=True, help="Leave out output and artifacts.")
@click.option("--json", is_flag=True, expose_value=False, help="NDJSON is JSON anyway.")
@click.pass_obj
def export(
    session: Session,
    /,
    tasks: tuple[str, ...],
    everything: bool,
    form: str,
    output: Path | None,
    no_files: bool,
) -> None:
    """Write tasks with all that belongs to them; without ids all, the archived ones too.

    Secrets stay out: the environment of a task is never exported. What it printed is, unless --no-files.
    """
    with stored(session) as reader, _opened(output) as stream:
        if form == "ndjson":
            stream.write(head_line() + b"\n")
        if reader is None:
            if tasks and not everything:
                raise NotFoundError(f"Task not found: {tasks[0]}", id=tasks[0])
            return
        lines: Lines = lambda task_id: (  # noqa: E731  # one of two, by the format
            task_lines(reader, session.home, task_id, files=not no_files)
            if form == "ndjson"
            else _report(reader, task_id)
        )
        number = _write(stream, _ids(session, reader, tasks, everything=everything), lines)
    if output is not None:
        tell(f"{number:,} task{'' if number == 1 else 's'} in {output}")


def write_tasks(session: Session, ids: Sequence[str], output: Path) -> int:
    """Write tasks to a new file: reports where its name ends in .md, else all that belongs to them.

    Raises:
        InvalidError: the file cannot be written.
        NotFoundError: one of them is not here.
    """
    with stored(session) as reader:
        absent = next((task_id for task_id in ids if reader is None or reader.row(task_id) is None), None)
        if reader is None or absent is not None:
            raise NotFoundError(
                f"Its data is not on this machine: {absent}. tasktui --host NAME export writes it."
            )
        with _opened(output) as stream:
            if output.suffix == ".md":
                return _write(stream, ids, lambda task_id: _report(reader, task_id))
            stream.write(head_line() + b"\n")
            return _write(stream, ids, lambda task_id: task_lines(reader, session.home, task_id, files=True))


def _ids(session: Session, reader: Reader, words: tuple[str, ...], *, everything: bool) -> Iterable[str]:
    """Return the ids that are meant, the oldest first: parents come before their children."""
    if words and not everything:
        return list(dict.fromkeys(resolve(reader, word) for word in words))
    found = [
        (row.created_seq, row.id)
        for archived in (False, True)
        for row in listing(reader, _query(session, words, archived=archived))
    ]
    return [task_id for _, task_id in sorted(found)]


def _query(session: Session, words: tuple[str, ...], *, archived: bool) -> TaskQuery:
    return query_of(words, archived=archived, saved=session.config.filters)


def _report(reader: Reader, task_id: str) -> Iterator[bytes]:
    detail = reader.detail(task_id)
    if detail is None:
        raise NotFoundError(f"The task was deleted: {task_id}", id=task_id)
    for line in report_lines(detail, events_of(reader, task_id)):
        yield line.encode("utf-8", "replace")
    yield b""


def _write(stream: IO[bytes], ids: Iterable[str], lines: Lines) -> int:
    """Write tasks; one that is deleted meanwhile is passed over."""
    number, as_shown = 0, harmless if stream.isatty() else bytes
    for task_id in ids:
        try:
            for line in lines(task_id):
                stream.write(as_shown(line) + b"\n")
        except NotFoundError:
            continue
        number += 1
        if not number % TOLD_EVERY and sys.stderr.isatty():
            tell(f"{number:,} tasks …")
    return number


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    """Open what is written to: a file appears when it is whole, for its owner alone."""
    if output is None:
        stream = sys.stdout.buffer
        yield stream
        stream.flush()
        return
    hidden = output.with_name(f".{output.name}.part")
    with suppress(FileNotFoundError):
        hidden.unlink()
    try:
        fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise InvalidError(f"This file cannot be written: {output}: {exc.strerror}") from exc
    try:
        with os.fdopen(fd, "wb") as stream:
            yield stream
        hidden.rename(output)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
