"""The tasks that a command is about: ids by their beginnings with completion, or a filter with `--all`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from tasktui.cli.reading import query_of, resolve, row_of, stored
from tasktui.cli.session import Session
from tasktui.domain.clean import clean
from tasktui.domain.errors import NotFoundError, StoreError, TasktuiError
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.rows import TaskRow

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from tasktui.store.sqlite.reader import Reader

F = TypeVar("F", bound=Callable[..., Any])
PAGE: Final = 500
_COMPLETED: Final = 50
"""Ids that a completion offers."""


def complete_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return ids that begin so, the newest first, with the titles for shells that show them."""
    from click.shell_completion import CompletionItem

    session = Session({"home": ctx.find_root().params.get("home")})
    try:
        with stored(session) as reader:
            if reader is None:
                return []
            query = query_of((f"id:{incomplete}",) if incomplete else ())
            rows = reader.page(query, limit=_COMPLETED).items
    except (TasktuiError, StoreError):
        return []
    return [CompletionItem(row.id, help=clean(f"{row.status} {row.title}")) for row in rows]


def task_argument(command: F) -> F:
    """Add the argument `ID`."""
    return click.argument("task", metavar="ID", shell_complete=complete_ids)(command)


def tasks_argument(command: F) -> F:
    """Add the arguments `ID…`, or a filter with `--all`."""
    every = click.option(
        "--all", "everything", is_flag=True, help="A filter instead of ids: all that fits it, or simply all."
    )
    return click.argument("tasks", metavar="ID…", nargs=-1, shell_complete=complete_ids)(every(command))


def chosen(
    session: Session,
    words: tuple[str, ...],
    fits: Callable[[TaskRow], bool],
    *,
    everything: bool,
    archived: bool = False,
) -> list[str]:
    """Return the ids of the tasks that are meant, each once.

    Args:
        session: of this call.
        words: beginnings of ids, or a filter.
        fits: whether a task of a filter is one to which this can be done; ids are taken as they are.
        everything: whether the words are a filter.
        archived: whether a filter goes through archived tasks instead of the others.

    Raises:
        NotFoundError: a word is no id's beginning.
        AmbiguousTaskError: it is that of several.
        FilterError: a term is wrong.
    """
    if not words and not everything:
        raise click.UsageError("name tasks by their ids, or give a filter with --all.")
    with stored(session) as reader:
        if everything:
            query = query_of(words, archived=archived, saved=session.config.filters)
            return [row.id for row in _matching(reader, query) if fits(row)]
        return list(dict.fromkeys(resolve(reader, word) for word in words))


def only(session: Session, prefix: str) -> str:
    """Return the id of the one task that is meant."""
    with stored(session) as reader:
        return resolve(reader, prefix)


def rows_named(session: Session, words: tuple[str, ...]) -> list[TaskRow]:
    """Return the rows of tasks by the beginnings of their ids."""
    with stored(session) as reader:
        if reader is None:
            raise NotFoundError(f"Task not found: {words[0]}", id=words[0])
        return [row_of(reader, task_id) for task_id in dict.fromkeys(resolve(reader, w) for w in words)]


def _matching(reader: Reader | None, query: TaskQuery) -> Iterator[TaskRow]:
    return iter(()) if reader is None else listing(reader, query)


def listing(reader: Reader, query: TaskQuery, limit: int | None = None) -> Iterator[TaskRow]:
    """Yield the tasks of a listing page by page, newest first."""
    after: Cursor | None = None
    left = limit
    while left is None or left > 0:
        page = reader.page(query, after=after, limit=PAGE if left is None else min(left, PAGE))
        yield from page.items
        if not page.more:
            return
        last = page.items[-1].created_seq
        after = Cursor(key=last, created_seq=last)
        left = None if left is None else left - len(page.items)
