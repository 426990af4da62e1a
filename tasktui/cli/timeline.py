"""`tasktui timeline`: what happened in a task, one line an event."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from typing import Final

import click

from tasktui.cli.printing import json_option, painted, print_encoded, print_lines
from tasktui.cli.reading import PAGE, every, one_task
from tasktui.cli.session import Session
from tasktui.cli.targets import task_argument
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import UnixMs
from tasktui.domain.timeline import TimelineEntry, entry
from tasktui.domain.wire_events import event_line
from tasktui.store.sqlite.reader import Reader

_WORD: Final = 9


@click.command()
@task_argument
@json_option
@click.pass_obj
def timeline(session: Session, task: str, as_json: bool) -> None:
    """Print what happened in a task, oldest first."""
    with one_task(session, task) as (reader, task_id):
        events = events_of(reader, task_id)
        if as_json:
            print_encoded(map(event_line, events))
        else:
            print_lines(_told(events))


def events_of(reader: Reader, task_id: str) -> Iterator[StoredEvent]:
    """Yield a task's events page by page."""
    read = partial(reader.timeline, task_id, limit=PAGE)
    return every(lambda after: read(after_seq=after), 0, attrgetter("seq"))


def clock_of(instant: UnixMs) -> str:
    """Return the time of day here."""
    return time.strftime("%H:%M:%S", time.localtime(instant / 1000))


def _told(events: Iterator[StoredEvent]) -> Iterator[str]:
    tools: dict[str, str] = {}
    day = ""
    for event in events:
        date = time.strftime("%Y-%m-%d", time.localtime(event.ts / 1000))
        if date != day:
            day = date
            yield painted(day, "muted")
        seen = entry(event, tools)
        if seen.call_id:
            tools.setdefault(seen.call_id, seen.word)
        yield _line(seen)


def _line(seen: TimelineEntry) -> str:
    word = painted(f"{seen.glyph} {seen.word:<{_WORD}}", seen.tone)
    return f"{painted(clock_of(seen.ts), 'muted')} {word} {seen.headline}".rstrip()
