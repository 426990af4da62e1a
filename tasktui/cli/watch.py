"""`tasktui watch`: one plain line an event, as it happens; nothing is ever drawn over."""

from __future__ import annotations

import click

from tasktui.cli.printing import print_lines
from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.cli.tailing import pages
from tasktui.cli.task_lines import SHORT, told_row
from tasktui.cli.timeline import clock_of
from tasktui.domain.clean import clean
from tasktui.domain.query import TaskQuery
from tasktui.domain.records import StoredEvent
from tasktui.domain.status import Group
from tasktui.domain.timeline import entry
from tasktui.store.sqlite.reader import Reader


@click.command()
@click.option("--plain", is_flag=True, expose_value=False, help="The only view there is.")
@click.option(
    "--after", type=click.IntRange(min=0), metavar="GID", help="From this position of the log; else now."
)
@click.option("--once", is_flag=True, help="Stop at the end of the log.")
@click.pass_obj
def watch(session: Session, after: int | None, once: bool) -> None:
    """Print what goes on now, then each event as it happens, one line each."""
    if after is None:
        _print_state(session)
    titles: dict[str, str] = {}
    for reader, page in pages(session, after, follow=not once):
        print_lines([_line(reader, event, titles) for event in page])


def _print_state(session: Session) -> None:
    with stored(session) as reader:
        if reader is None:
            return
        for group in (Group.NEEDS_YOU, Group.RUNNING, Group.QUEUED):
            print_lines(told_row(row) for row in reader.page(TaskQuery(group=group)).items)


def _line(reader: Reader, event: StoredEvent, titles: dict[str, str]) -> str:
    if event.task_id not in titles:
        row = reader.row(event.task_id)
        titles[event.task_id] = clean(row.title, limit=60) if row is not None else ""
    seen = entry(event)
    title = titles[event.task_id]
    head = f"{clock_of(event.ts)} {event.task_id[:SHORT]} {seen.word}"
    said = seen.headline if seen.headline.startswith(title) else f"{seen.headline}  ({title})"
    return f"{head}: {said if title else seen.headline}".strip()
