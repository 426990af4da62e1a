"""`tasktui watch`: one plain line an event, as it happens; nothing is ever drawn over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import click

from tasktui.cli.answering import sentence, way_for, way_to_answer
from tasktui.cli.printing import print_lines
from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.cli.tailing import pages
from tasktui.cli.task_lines import SHORT
from tasktui.cli.timeline import clock_of
from tasktui.domain.clean import clean
from tasktui.domain.facts import Facts
from tasktui.domain.query import TaskQuery
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import Counts, TaskRow
from tasktui.domain.status import ACTIVE, Attention, Group, Status
from tasktui.domain.timeline import entry
from tasktui.store.sqlite.reader import Reader
from tasktui.ui.task_words import look

_TITLE: Final = 60


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
        after = _print_state(session)
    titles: dict[str, str] = {}
    for reader, page in pages(session, after, follow=not once):
        print_lines([_line(reader, event, titles) for event in page])


def _print_state(session: Session) -> int:
    """Say how all stands; return a position in the log after which all is to be told."""
    with stored(session) as reader:
        at = reader.head() if reader is not None else 0
        print_lines([_summary(reader.counts() if reader is not None else Counts(()))])
        if reader is None:
            return at
        for group in (Group.NEEDS_YOU, Group.RUNNING, Group.QUEUED):
            for row in reader.page(TaskQuery(group=group)).items:
                print_lines(_standing(reader, row))
    return at


def _summary(counts: Counts) -> str:
    needing, queued = counts.needs_you, counts.of(Status.QUEUED)
    verb = "needs" if needing == 1 else "need"
    return f"{needing:,} {verb} you, {counts.of(*ACTIVE):,} running, {queued:,} queued."


def _standing(reader: Reader, row: TaskRow) -> Iterator[str]:
    """Say how a task stands, and what to type where it waits for somebody."""
    title = clean(row.title, limit=_TITLE)
    yield f"{title}: {look(row).word} ({row.id[:SHORT]})"
    detail = reader.detail(row.id) if row.attention is not Attention.NONE else None
    for request in detail.requests if detail is not None else ():
        if request.state == "waiting":
            permission = request.kind == "approval"
            options = [] if permission else json.loads(request.options or "[]")
            asked = (
                f"{clean(request.summary)} One of: {clean(', '.join(options))}"
                if options
                else request.summary
            )
            way = way_to_answer(row.id, request.request_id, permission=permission)
            yield f"{title} asks: {sentence(clean(asked))} Answer with: {way}"


def _line(reader: Reader, event: StoredEvent, titles: dict[str, str]) -> str:
    """Say an event as it is best heard: when, which task, what happened; its id comes last."""
    if event.task_id not in titles:
        row = reader.row(event.task_id)
        titles[event.task_id] = clean(row.title, limit=_TITLE) if row is not None else ""
    seen, title, way = entry(event), titles[event.task_id], _way(reader, event)
    said = seen.headline.removeprefix(title).removeprefix(" · ").replace("? · ", "? ").replace(" · ", ", ")
    what = f"{clock_of(event.ts)} {title or event.task_id} {seen.word}"
    if way:
        return f"{what}: {sentence(said)} Answer with: {way}"
    return f"{what}: {said}".rstrip(": ") + (f" ({event.task_id[:SHORT]})" if title else "")


def _way(reader: Reader, event: StoredEvent) -> str:
    """Return what to type for an event that asks something, as long as that still waits."""
    way = way_for(event)
    if not way:
        return ""
    detail, asked = reader.detail(event.task_id), Facts(event.data, {}).text("request_id")
    requests = detail.requests if detail is not None else ()
    waits = any(request.request_id == asked and request.state == "waiting" for request in requests)
    return way if waits else ""
