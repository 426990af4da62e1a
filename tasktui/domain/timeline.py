"""A stored event as a line that a person reads: `entry(event)`, for the screen, `timeline` and `watch` alike.

Only the standard library reads the data here, and nothing in it can raise: what a newer version or a broken
executor wrote is shown as it is. Texts come out as they were reported; whoever shows them cleans them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tasktui.domain.clean import decode, split_lines, summarize
from tasktui.domain.facts import Facts
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import UnixMs
from tasktui.domain.telling.shown import HEADLINE, Shown, Tone
from tasktui.domain.telling.table import TELLERS

DETAIL_LINES: Final = 400
"""Most lines of one entry's detail."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event as a line, with more below it when it is expanded."""

    seq: int
    ts: UnixMs
    glyph: str
    """One cell."""
    word: str
    """What happened, at most nine characters."""
    headline: str
    """One clean line."""
    tone: Tone
    detail: str = ""
    """More about it, many lines, as it was reported."""
    call_id: str = ""
    """The tool call that it belongs to."""

    def detail_lines(self) -> list[str]:
        """Return the detail as clean lines, at most `DETAIL_LINES` of them."""
        lines = split_lines(self.detail)
        if len(lines) <= DETAIL_LINES:
            return lines
        return [*lines[:DETAIL_LINES], f"… {len(lines) - DETAIL_LINES:,} more lines"]


def entry(event: StoredEvent, tools: Mapping[str, str] | None = None) -> TimelineEntry:
    """Return an event as a line.

    Args:
        event: Any event, of any version, with any data.
        tools: Names of tool calls by their ids, for the ends of calls that don't repeat the name.
    """
    facts = Facts(event.data, {"@run": event.run, "@actor": event.actor})
    call_id = facts.text("call_id") if event.type.startswith("tool.") else ""
    shown = _shown(event, facts)
    word = shown.word or (tools or {}).get(call_id) or facts.text("name") or "tool"
    return TimelineEntry(
        event.seq,
        event.ts,
        shown.glyph,
        summarize(word, 24),
        summarize(shown.headline, HEADLINE),
        shown.tone,
        shown.detail,
        call_id,
    )


def _shown(event: StoredEvent, facts: Facts) -> Shown:
    teller = TELLERS.get(event.type)
    if facts.broken:
        return Shown(
            "?", "broken", f"{event.type}: data that is no JSON object", Tone.BAD, decode(event.data)
        )
    if teller is None:
        return Shown("?", "unknown", f"{event.type} {decode(event.data)}", Tone.MUTED, decode(event.data))
    return teller(facts)
