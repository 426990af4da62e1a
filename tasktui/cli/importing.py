"""`tasktui import`: tasks of other places as history, through the owner, a batch at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from tasktui.cli.acting import ask, ensure_owner
from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.cli.sources import FORMATS, Found, Given, read_path, read_stream
from tasktui.cli.unpacking import Piece, Unpacker
from tasktui.compat.chronicle import Unreadable
from tasktui.domain.errors import InvalidError
from tasktui.domain.status import TERMINAL
from tasktui.store.sqlite.reader import Reader

BATCH_BYTES: Final = 512 << 10
"""Of one request: the owner does other things between two of them."""
BATCH_TASKS: Final = 200
LARGEST: Final = 60 << 20
"""Bytes of one task's facts, which cannot be cut."""


@dataclass(slots=True)
class Tally:
    """What became of what was found."""

    imported: int = 0
    known: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)

    def sentence(self) -> str:
        """Return it in words."""
        words = [f"{self.imported:,} task{'' if self.imported == 1 else 's'} imported"]
        words += [f"{self.known:,} were here already"] if self.known else []
        words += [f"{len(self.unreadable):,} could not be read"] if self.unreadable else []
        return ", ".join(words)

    def object(self) -> dict[str, Any]:
        """Return it as an object."""
        refused = [{"name": one.name, "why": one.why} for one in self.unreadable]
        return {"imported": self.imported, "known": self.known, "refused": refused}


class Importer:
    """Gathers tasks and hands them to the owner."""

    def __init__(self, session: Session, reader: Reader | None, *, dry: bool) -> None:
        self._session = session
        self._reader = reader
        self._dry = dry
        self._files = Unpacker(session.home, self._is_known)
        self._batch: list[Given] = []
        self._size = 0
        self.tally = Tally()

    def take(self, one: Found) -> None:
        """Take what was found."""
        if isinstance(one, Unreadable):
            self._refuse(one)
        elif isinstance(one, Piece):
            self._put(one)
        elif one.size > LARGEST:
            self._refuse(Unreadable(one.task_id, "its log is too large"))
        else:
            self._batch.append(one)
            self._size += one.size
            if self._size >= BATCH_BYTES or len(self._batch) >= BATCH_TASKS:
                self.send()

    def send(self) -> None:
        """Hand over what was gathered."""
        batch, self._batch, self._size = self._batch, [], 0
        if self._dry:
            known = [self._is_known(one.task_id) for one in batch]
            self.tally.known += sum(known)
            self.tally.imported += len(batch) - sum(known)
        elif batch:
            body = {"tasks": [one.history for one in batch]}
            # what was taken before is known: hearing it twice does no harm
            for done in ask(self._session, "POST", "/v1/restore", body, again=True)["items"]:
                self._count(done)
        if batch and sys.stderr.isatty():
            click.echo(f"\r\x1b[K{self.tally.sentence()} …", err=True, nl=False)

    def _count(self, done: dict[str, Any]) -> None:
        task_id, outcome = str(done["task_id"]), done["outcome"]
        self._files.forget(task_id, keep=outcome != "refused")
        if outcome == "restored":
            self.tally.imported += 1
        elif outcome == "known":
            self.tally.known += 1
        else:
            self._refuse(Unreadable(task_id, str(done["detail"])))

    def _put(self, piece: Piece) -> None:
        if self._dry:
            return
        try:
            self._files.put(piece)
        except InvalidError as exc:
            self._tell(Unreadable(piece.task_id, exc.message))

    def _refuse(self, one: Unreadable) -> None:
        self._files.forget(one.name, keep=False)
        self._tell(one)

    def _tell(self, one: Unreadable) -> None:
        self.tally.unreadable.append(one)
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)
        tell(f"not imported: {one.name}: {one.why}")

    def _is_known(self, task_id: str) -> bool:
        return self._reader is not None and self._reader.row(task_id) is not None


@click.command("import")
@click.argument("source", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), help="What it must be; else it is recognised.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
@json_option
@click.pass_obj
def import_tasks(session: Session, source: Path, form: str | None, dry_run: bool, as_json: bool) -> int:
    """Take in tasks from SOURCE, as history: nothing starts by it. What is here already stays as it is.

    SOURCE is an export of tasktui, a data directory of DeepSeek-TUI, what `pueue status --json` prints, or
    the database of vibe-kanban; - reads standard input. What ran there is interrupted here, what waited is
    held.
    """
    if not dry_run:
        session.must_act()
        ensure_owner(session)
    with stored(session) as reader:
        importer = Importer(session, reader, dry=dry_run)
        for one in _found(source, form):
            importer.take(one)
        importer.send()
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)
        _warn_of_limit(session, reader)
    tally = importer.tally
    if as_json:
        print_json([tally.object()])
    else:
        print_lines([f"{tally.sentence()}{' (nothing was changed)' if dry_run else ''}"])
    return 1 if tally.unreadable else 0


def _found(source: Path, form: str | None) -> Iterator[Found]:
    if str(source) == "-":
        return read_stream(sys.stdin.buffer, "standard input", form)
    return read_path(source, form)


def _warn_of_limit(session: Session, reader: Reader | None) -> None:
    """Say when retention will delete some of it soon."""
    keep = session.config.keep_tasks
    counts = reader.counts().by_status if reader is not None else ()
    ended = sum(number for status, number in counts if status in TERMINAL)
    if ended > keep:
        tell(f"{ended:,} tasks have ended and keep_tasks is {keep:,}: the oldest will be deleted. Raise it.")
