"""A tool call as lines: one for the list; expanded, what went in, what came out and what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tasktui.domain.amounts import duration
from tasktui.domain.clean import split_lines
from tasktui.domain.status import ToolStatus
from tasktui.ui.text import cut, fit
from tasktui.ui.widgets.detail.clock import clock
from tasktui.ui.widgets.detail.code import CODE
from tasktui.ui.widgets.detail.diff_rows import looks_like_diff
from tasktui.ui.widgets.detail.diff_view import diff_lines
from tasktui.ui.widgets.detail.line import Line, line
from tasktui.ui.widgets.detail.tool_words import SORT_CELLS, about, sort_of, subject

if TYPE_CHECKING:
    from tasktui.domain.records import ToolCall
    from tasktui.ui.widgets.detail.source import Look

LOOKS: Final = {
    ToolStatus.RUNNING: ("●", "running", "voice"),
    ToolStatus.SUCCESS: ("✓", "ok", "good"),
    ToolStatus.FAILED: ("✗", "failed", "bad"),
    ToolStatus.CANCELED: ("⊘", "canceled", "muted"),
}
NARROW: Final = 100
"""Cells below which a call's own name stands only where its kind is unknown."""
_NAME: Final = 12
_LEAD: Final = "    │ "
_INDENT: Final = "  ╰ "
"""Before a call that another one made."""
_MOST_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call with its input, output and diff."""

    call: ToolCall
    input: str | None = None
    """None: not read yet."""
    output: str = ""
    diff: str = ""
    exit_code: int | None = None


def call_lines(opened: OpenCall, look: Look, *, helper: bool, expanded: bool) -> Sequence[Line]:
    """Return the lines of a call.

    Args:
        opened: the call, and what was read of it.
        look: how lines are drawn now.
        helper: whether another call made it.
        expanded: whether more than its first line is shown.
    """
    indent = _INDENT if helper else ""
    head = _head(opened, look, indent, expanded=expanded)
    if not expanded:
        return [head]
    if opened.input is None:
        return [head, _inside(line((f"{_LEAD}reading…", "muted")), indent)]
    beside = replace(look, width=look.width - len(indent))
    return [head, *(_inside(part, indent) for part in _parts(opened, beside))]


def _inside(part: Line, indent: str) -> Line:
    """Move a line of what belongs to another call."""
    room = " " * len(indent)
    return replace(part, spans=((room, "plain"), *part.spans), hang=part.hang + len(room)) if room else part


def _head(opened: OpenCall, look: Look, indent: str, *, expanded: bool) -> Line:
    call = opened.call
    glyph, word, role = LOOKS[call.status]
    sort = sort_of(call.kind)
    stamp = f"{clock(call.started_at)} " if look.times else ""
    took = duration(call.duration_ms) if call.duration_ms is not None else ""
    tail = f" {fit(took, 7, align='right')} {'▾' if expanded else '▸'}"
    lead = f"{indent}{glyph} {word:<8} "
    kind = fit(f"{sort.glyph} {sort.word}", SORT_CELLS)
    name = fit(call.name, _NAME) + " " if look.width >= NARROW or sort.word == "tool" else ""
    room = max(8, look.width - len(stamp) - len(lead) - len(kind) - len(name) - len(tail))
    said = " ".join(part for part in (about(call), _newest(opened)) if part)
    return line(
        (stamp, "muted"),
        (lead, role),
        (kind, "voice"),
        (name, "strong"),
        (cut(said, room) if look.wrap else fit(said, room), "plain"),
        (tail, "muted"),
        hang=len(stamp) + 2,
    )


def _newest(opened: OpenCall) -> str:
    """Return the last line of what a running call wrote."""
    if opened.call.status is not ToolStatus.RUNNING:
        return ""
    said = next((text for text in reversed(split_lines(opened.output)) if text.strip()), "")
    return f"→ {said.strip()}" if said else ""


def _parts(opened: OpenCall, look: Look) -> list[Line]:
    """Return what stands below a call's line: in the order in which a person wants to see it."""
    call, given = opened.call, opened.input or ""
    if look.raw:
        return [*_part("input", given), *_part("output", opened.output), *_part("diff", opened.diff)]
    word = sort_of(call.kind).word
    label = f"{call.name}: " if look.width < NARROW and word != "tool" else ""
    if word == "run":
        command = _part(f"{label}command", subject(given, call.kind), f"{CODE}bash")
        code = "" if opened.exit_code is None else f"exit code {opened.exit_code}"
        return [*command, *_part("terminal", opened.output, note=code), *_diff(opened.diff, look)]
    change = _diff(opened.diff, look, subject(given, call.kind))
    shown = [] if change and word == "edit" else _part(f"{label}input", given)
    return [*shown, *change, *_part("output", opened.output)]


def _part(label: str, text: str, role: str = "plain", *, note: str = "") -> list[Line]:
    lines = split_lines(text)
    rest = len(lines) - _MOST_LINES
    shown = [line((_LEAD, "muted"), (part, role), hang=6) for part in lines[:_MOST_LINES]]
    more = [line((f"{_LEAD}… {rest:,} more lines", "muted"))] if rest > 0 else []
    head = line((_LEAD, "muted"), (label, "head"), (f"  {note}" if note else "", "muted"))
    return [head, *shown, *more] if text or note else []


def _diff(text: str, look: Look, path: str = "") -> list[Line]:
    lines = split_lines(text)
    rest = len(lines) - _MOST_LINES
    if not looks_like_diff(lines):
        return _part("diff", text)
    told = diff_lines(lines[:_MOST_LINES], _LEAD, look.width, path=path)
    more = [line((f"{_LEAD}… {rest:,} more lines", "muted"))] if rest > 0 else []
    return [line((_LEAD, "muted"), ("diff", "head")), *told, *more]
