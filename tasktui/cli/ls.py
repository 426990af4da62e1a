"""`tasktui ls`: the tasks, those that need somebody first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.reading import query_of, stored
from tasktui.cli.session import Session
from tasktui.cli.targets import listing
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Group
from tasktui.domain.wire import task_object

if TYPE_CHECKING:
    from tasktui.store.sqlite.reader import Reader

LIMIT: Final = 100
"""Tasks in a table; JSON has all of them."""


@click.command()
@click.argument("words", nargs=-1, metavar="[FILTER]")
@click.option("--archived", is_flag=True, help="Archived tasks instead of the others.")
@click.option("--limit", type=click.IntRange(min=1), help=f"At most so many; a table has {LIMIT}.")
@json_option
@click.pass_obj
def ls(session: Session, words: tuple[str, ...], archived: bool, limit: int | None, as_json: bool) -> None:
    """List tasks, such as `tasktui ls status:failed since:2h`, or `@name` for a filter of the settings."""
    query = query_of(words, archived=archived, saved=session.config.filters)
    with stored(session) as reader:
        if as_json:
            print_json(map(task_object, listing(reader, query, limit) if reader else ()))
        else:
            print_table(reader, query, limit or LIMIT)


def print_table(reader: Reader | None, query: TaskQuery, limit: int) -> None:
    """Print the tasks by group, and on standard error what the table leaves out."""
    rows = list(_grouped(reader, query, limit)) if reader is not None else []
    if not rows:
        narrowed = query.terms or query.archived
        tell("No task fits." if narrowed else "No tasks yet. Start one: tasktui run -- make test")
        return
    # JSON needs none of this, and is asked for by the hundred
    from tasktui.cli.tables import table, terminal_width
    from tasktui.cli.task_lines import task_line, without_dull_columns

    columns, lines = without_dull_columns([task_line(row, query.now) for row in rows])
    print_lines(table(columns, lines, width=terminal_width()))
    if reader is not None and len(rows) >= limit:
        total = reader.count(query)
        if total > len(rows):
            tell(f"{total - len(rows):,} more fit. Show more with --limit.")


def _grouped(reader: Reader, query: TaskQuery, limit: int) -> Iterator[TaskRow]:
    left = limit
    for group in Group:
        rows = reader.page(replace(query, group=group), limit=left).items if left else ()
        yield from rows
        left -= len(rows)
