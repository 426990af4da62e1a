"""Following a task that speaks in events rather than in output: messages whole, tool calls a line each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import click

from tasktui.cli.answering import sentence, way_for
from tasktui.cli.following import FIRST_PAUSE_S, LONGEST_PAUSE_S
from tasktui.cli.printing import tell
from tasktui.cli.reading import row_of
from tasktui.domain.clean import split_lines
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.timeline import entry
from tasktui.store.sqlite.reader import Reader

_PAGE: Final = 500
_QUIET: Final = frozenset({
    "task.created", "task.started", "task.linked", "task.finished", "tool.started", "artifact.added",
    "intervention.queued", "checklist.updated", "task.attention", "input.responded", "approval.resolved",
})  # fmt: skip
"""Left out: what the person did, what the exit code says, and starts of what is told at its end."""


class Teller:
    """Follows one task."""

    def __init__(self, task_id: str, reader: Reader) -> None:
        self._task_id = task_id
        self._reader = reader
        self._after = 0
        self._tools: dict[str, str] = {}

    def until_end(self, beat: Callable[[TaskRow], None]) -> TaskRow:
        """Print what happens until the task has ended; return its last state.

        Raises:
            NotFoundError: the task was deleted meanwhile.
        """
        pause = FIRST_PAUSE_S
        while True:
            row = row_of(self._reader, self._task_id)
            told = self._tell()
            if row.finished_at is not None and not told:
                return row
            beat(row)
            pause = FIRST_PAUSE_S if told else min(pause * 1.5, LONGEST_PAUSE_S)
            time.sleep(pause)

    def _tell(self) -> bool:
        page = self._reader.timeline(self._task_id, after_seq=self._after, limit=_PAGE)
        for event in page.items:
            self._after = event.seq
            self._one(event)
        return bool(page.items)

    def _one(self, event: StoredEvent) -> None:
        seen = entry(event, self._tools)
        if event.type == "tool.started":
            self._tools[seen.call_id] = seen.word
        if event.type == "message.completed":
            self._message(event)
        elif way := way_for(event):
            tell(f"It asks: {sentence(seen.headline)} Answer with: {way}")
        elif event.type not in _QUIET:
            click.echo(f"{seen.glyph} {seen.word}: {seen.headline}".rstrip(": "), err=True)

    def _message(self, event: StoredEvent) -> None:
        text = entry_text(event, "content") or entry(event).headline
        aside = entry_text(event, "role") != "agent"
        for line in split_lines(text):
            click.echo(f"  {line}" if aside else line, err=aside)


def entry_text(event: StoredEvent, name: str) -> str:
    """Return a text of an event's data; empty where it is none."""
    from tasktui.domain.facts import Facts

    return Facts(event.data, {}).text(name)
