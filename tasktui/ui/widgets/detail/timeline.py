"""Tab 1: every fact of a task, one line each, by its number in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from tasktui.domain.clean import decode
from tasktui.domain.facts import Facts
from tasktui.domain.telling.shown import Tone
from tasktui.domain.timeline import TimelineEntry, entry
from tasktui.ui.text import cut
from tasktui.ui.widgets.detail.clock import clock
from tasktui.ui.widgets.detail.diff_rows import looks_like_diff
from tasktui.ui.widgets.detail.diff_view import diff_lines
from tasktui.ui.widgets.detail.line import Line, line
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import StoredEvent

WORD = 10
"""Cells of the word that says what happened."""
_NAMES = 2_000
_PAGE = 500


class TimelineSource(PlainSource):
    """Events of one task: item n is the event with seq n."""

    first = 1

    def __init__(self, manager: Manager, task_id: str, last_seq: int) -> None:
        self._manager = manager
        self._task_id = task_id
        self._tools: dict[str, str] = {}
        self.stop = last_seq + 1

    def take(self, events: Sequence[StoredEvent], last_seq: int) -> Mapping[int, Value]:
        """Take in events that have just come; return them by their items."""
        self._name_tools(events)
        self.stop = max(self.stop, last_seq + 1, *(event.seq + 1 for event in events))
        return {event.seq: event for event in events}

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Read the events of a range."""
        page = await self._manager.timeline(
            self._task_id, after_seq=first - 1, before_seq=stop, limit=stop - first
        )
        self._name_tools(page.items)
        return {event.seq: event for event in page.items}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """Time, glyph, word, headline; the detail below when expanded."""
        event = cast("StoredEvent", value)
        stamp = f"{clock(event.ts)} " if look.times else ""
        if look.raw:
            stored = f"{event.seq} {event.type} {event.actor} {decode(event.data)}"
            return [line((stamp, "muted"), (stored, "plain"), hang=len(stamp))]
        told = entry(event, self._tools)
        head = _head(told, stamp, look, opens=self.opens(event), expanded=expanded)
        return [head, *_below(told, len(stamp), look.width)] if expanded else [head]

    def opens(self, value: Value) -> bool:
        """Whether the event says more than its headline."""
        return bool(entry(cast("StoredEvent", value)).detail)

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Ask the store for the events that hold the text."""
        after, more = 0, True
        while more:
            page = await self._manager.timeline(self._task_id, after_seq=after, limit=_PAGE, text=text)
            yield [Match(event.seq) for event in page.items]
            more = page.more and bool(page.items)
            after = page.items[-1].seq if page.items else after

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """The headline and the detail."""
        told = entry(cast("StoredEvent", value), self._tools)
        return "\n".join([f"{told.word} {told.headline}", *told.detail_lines()]), "the entry"

    def is_error(self, value: Value) -> bool:
        """Whether something went wrong here."""
        return entry(cast("StoredEvent", value)).tone is Tone.BAD

    def is_tool(self, value: Value) -> bool:
        """Whether a tool call begins here."""
        return cast("StoredEvent", value).type == "tool.started"

    def _name_tools(self, events: Sequence[StoredEvent]) -> None:
        for event in events:
            if event.type == "tool.started":
                facts = Facts(event.data)
                self._tools[facts.text("call_id")] = facts.text("name")
        while len(self._tools) > _NAMES:
            del self._tools[next(iter(self._tools))]


def _head(told: TimelineEntry, stamp: str, look: Look, *, opens: bool, expanded: bool) -> Line:
    word = cut(told.word, WORD).ljust(WORD)
    hint = " ▾" if expanded else " ▸" if opens else ""
    indent = len(stamp) + 2 + len(word) + 1
    room = look.width - indent - len(hint)
    headline = told.headline if look.wrap else cut(told.headline, max(8, room))
    role = told.tone.value
    loud = role if told.tone in {Tone.BAD, Tone.WARN, Tone.ASK, Tone.PERSON} else "plain"
    quiet = "muted" if told.tone is Tone.MUTED else loud
    return line(
        (stamp, "muted"), (f"{told.glyph} ", role), (f"{word} ", role), (headline, quiet), (hint, "muted"),
        hang=indent,
    )  # fmt: skip


def _below(told: TimelineEntry, indent: int, width: int) -> list[Line]:
    lead = " " * (indent + 2) + "│ "
    shown = told.detail_lines()
    if looks_like_diff(shown):
        return diff_lines(shown, lead, width, beside=False)
    return [line((lead, "muted"), (text, "plain"), hang=len(lead)) for text in shown]
