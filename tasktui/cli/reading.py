"""Reading without an owner: the database, opened read-only, and ids by their beginnings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from tasktui.cli.printing import tell
from tasktui.cli.session import Session
from tasktui.domain.errors import AmbiguousTaskError, FilterError, NotFoundError, SchemaTooNewError
from tasktui.domain.filter import parse_filter
from tasktui.domain.ids import choose
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import Page, TaskRow, UnixMs
from tasktui.store.sqlite.connecting import SCHEMA_VERSION
from tasktui.store.sqlite.reader import Reader

if TYPE_CHECKING:
    from tasktui.domain.records import Artifact

P = TypeVar("P")
R = TypeVar("R")

DATABASE: Final = "tasktui.db"
PAGE: Final = 500
"""Rows read at once."""
_CANDIDATES: Final = 10
_TOLD: Final = 3
"""Candidates that a sentence names."""
_PREFIX: Final = "task_"
"""What the ids of our own making begin with; a person may leave it out."""


def now_ms() -> UnixMs:
    """Return the time."""
    return time.time_ns() // 1_000_000


def database(session: Session) -> Path:
    """Return where the database is."""
    return session.home / DATABASE


def stored_bytes(file: Path) -> int:
    """Return what a database takes on disk, with what waits in its journal."""
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


@contextmanager
def stored(session: Session) -> Iterator[Reader | None]:
    """Open what is stored for reading; None where nothing was stored yet.

    Raises:
        StoreError: it cannot be read.
    """
    path = database(session)
    if not path.exists():
        yield None
        return
    with _current(session, path) as reader:
        try:
            version = reader.check_version()
        except SchemaTooNewError as exc:
            version = -1
            tell(exc.message)
        yield reader if version else None


def _current(session: Session, path: Path) -> Reader:
    reader = Reader.open(path)
    with suppress(SchemaTooNewError):
        if 0 < reader.check_version() < SCHEMA_VERSION:
            reader.close()
            _bring_up_to_date(session)
            return Reader.open(path)
    return reader


def _bring_up_to_date(session: Session) -> None:
    """Let an owner bring what an older tasktui wrote up to date: only an owner writes."""
    from tasktui.cli.acting import ensure_owner

    tell("An older tasktui wrote this database; an owner brings it up to date.")
    session.must_act()
    ensure_owner(session)


@contextmanager
def one_task(session: Session, prefix: str) -> Iterator[tuple[Reader, str]]:
    """Open what is stored, and find the one task that is meant.

    Raises:
        NotFoundError: none is.
        AmbiguousTaskError: several are.
    """
    with stored(session) as reader:
        task_id = resolve(reader, prefix)
        if reader is None:
            raise NotFoundError(f"Task not found: {prefix}", id=prefix)
        yield reader, task_id


def resolve(reader: Reader | None, prefix: str) -> str:
    """Return the id that a person means by its beginning.

    Raises:
        NotFoundError: none fits.
        AmbiguousTaskError: several fit.
    """
    ids, matches = _beginning_with(reader, prefix)
    if not ids and not prefix.startswith(_PREFIX):
        ids, matches = _beginning_with(reader, _PREFIX + prefix)
    try:
        return choose(prefix, ids, matches=matches)
    except AmbiguousTaskError as exc:
        rest = ", …" if matches > _TOLD else ""
        exc.message = f"{exc.message}: {', '.join(exc.candidates[:_TOLD])}{rest}. Type more of the id."
        raise


def row_of(reader: Reader, task_id: str) -> TaskRow:
    """Return a task's row.

    Raises:
        NotFoundError: it was deleted.
        StoreError: the database was put aside.
    """
    reader.see_that_it_is_current()
    row = reader.row(task_id)
    if row is None:
        raise NotFoundError(f"The task was deleted: {task_id}", id=task_id)
    return row


def query_of(
    words: tuple[str, ...], *, archived: bool = False, saved: Mapping[str, str] | None = None
) -> TaskQuery:
    """Return the listing that a person's filter means; `@name` stands for a saved one.

    Raises:
        FilterError: a term is wrong.
    """
    text, now = " ".join(words), now_ms()
    try:
        return TaskQuery(parse_filter(text, now=now, saved=saved), archived=archived, now=now)
    except FilterError as exc:
        pointed = f"Column {exc.column} of the filter {text!r}: {exc.message}"
        raise FilterError(pointed, column=exc.column) from exc


def _beginning_with(reader: Reader | None, prefix: str) -> tuple[list[str], int]:
    return reader.ids_like(prefix, _CANDIDATES) if reader is not None and prefix.strip() else ([], 0)


def every(page_after: Callable[[P], Page[R]], start: P, place_of: Callable[[R], P]) -> Iterator[R]:
    """Yield what a listing has, page by page.

    Args:
        page_after: reads what follows a place.
        start: the place before the first.
        place_of: where one stands.
    """
    place = start
    while True:
        page = page_after(place)
        yield from page.items
        if not page.more:
            return
        place = place_of(page.items[-1])


def artifacts_of(reader: Reader, task_id: str) -> Iterator[Artifact]:
    """Yield a task's files."""
    read = partial(reader.artifacts, task_id, limit=PAGE)
    return every(lambda after: read(after=after), "", attrgetter("artifact_id"))
