"""Tab 2: every tool call of a task; expanded, what went in and what came out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from tasktui.domain.amounts import duration
from tasktui.domain.clean import decode, split_lines, summarize
from tasktui.domain.errors import TasktuiError
from tasktui.domain.facts import Facts
from tasktui.domain.records import StoredEvent, ToolCall
from tasktui.domain.status import ToolStatus
from tasktui.ui.text import cut, fit
from tasktui.ui.widgets.detail.clock import clock
from tasktui.ui.widgets.detail.diff_view import diff_lines, looks_like_diff
from tasktui.ui.widgets.detail.line import Line, line
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager

LOOKS: Final = {
    ToolStatus.RUNNING: ("●", "running", "voice"),
    ToolStatus.SUCCESS: ("✓", "ok", "good"),
    ToolStatus.FAILED: ("✗", "failed", "bad"),
    ToolStatus.CANCELED: ("⊘", "canceled", "muted"),
}
_NAME = 12
_LEAD: Final = "    │ "
_INDENT: Final = "  ╰ "
"""Before a call that another one made."""
_PAGE = 500
_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call with its input, output and diff."""

    call: ToolCall
    input: str | None = None
    """None: not read yet."""
    output: str = ""
    diff: str = ""


class ToolsSource(PlainSource):
    """Tool calls of one task: item n is its call number n."""

    first = 1

    def __init__(self, manager: Manager, task_id: str, count: int) -> None:
        self._manager = manager
        self._task_id = task_id
        self._numbers: dict[str, int] = {}
        self.stop = count + 1

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Read the calls of a range."""
        page = await self._manager.tools(self._task_id, after=first - 1, before=stop, limit=stop - first)
        self._numbers |= {call.call_id: call.number for call in page.items}
        return {call.number: OpenCall(call) for call in page.items}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """Status, name, what it does, how long it took."""
        opened = cast(OpenCall, value)
        indent = _INDENT if opened.call.parent_id in self._numbers else ""
        head = _head(opened.call, look, indent, expanded=expanded)
        if not expanded:
            return [head]
        if opened.input is None:
            return [head, _inside(line(("    │ reading…", "muted")), indent)]
        parts = (*_part("input", opened.input), *_part("output", opened.output), *_diff(opened.diff, look))
        return [head, *(_inside(part, indent) for part in parts)]

    def opens(self, value: Value) -> bool:
        """Every call can be looked into."""
        return True

    async def expand(self, item: int, value: Value) -> Value:
        """Read what went in and what came out, the whole of it where it was stored beside."""
        opened = cast(OpenCall, value)
        call = opened.call
        started, ended = await self._facts(call)
        output = await self._whole(call.detail_ref, ended.text("output") or call.output_summary or "")
        diff = await self._whole(call.patch_ref, ended.text("diff"))
        return replace(
            opened, input=started.text("input") or call.input_summary or "", output=output, diff=diff
        )

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Ask the store for the calls that hold the text."""
        after, more = 0, True
        while more:
            page = await self._manager.tools(self._task_id, after=after, limit=_PAGE, text=text)
            yield [Match(call.number) for call in page.items]
            more = page.more and bool(page.items)
            after = page.items[-1].number if page.items else after

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """Name, input, output."""
        opened = cast(OpenCall, value)
        parts = (opened.call.name, opened.input or opened.call.input_summary, opened.output, opened.diff)
        return "\n".join(part for part in parts if part), "the tool call"

    def is_error(self, value: Value) -> bool:
        """Whether the call failed."""
        return cast(OpenCall, value).call.status is ToolStatus.FAILED

    def is_tool(self, value: Value) -> bool:
        """They all are."""
        return True

    async def _facts(self, call: ToolCall) -> tuple[Facts, Facts]:
        page = await self._manager.timeline(
            self._task_id, after_seq=max(0, call.seq - 1), limit=_PAGE,
            types=("tool.started", "tool.completed"), text=call.call_id,
        )  # fmt: skip
        started, ended = Facts(None), Facts(None)
        for event in page.items:
            facts = Facts(event.data)
            if facts.text("call_id") == call.call_id:
                started, ended = (facts, ended) if event.type == "tool.started" else (started, facts)
        return started, ended

    async def _whole(self, reference: str | None, otherwise: str) -> str:
        if reference is None:
            return otherwise
        try:
            chunk = await self._manager.read_artifact(self._task_id, reference)
        except TasktuiError as problem:
            return f"{otherwise}\n({problem.message})"
        rest = chunk.size - len(chunk.data)
        return decode(chunk.data) + (f"\n… {rest:,} bytes more in artifact {reference}" if rest > 0 else "")


def touches_tools(events: Sequence[StoredEvent]) -> bool:
    """Whether these events change what the tab shows."""
    return any(event.type in {"tool.started", "tool.completed", "task.finished"} for event in events)


def _inside(part: Line, indent: str) -> Line:
    """Move a line of what belongs to another call."""
    room = " " * len(indent)
    return replace(part, spans=((room, "plain"), *part.spans), hang=part.hang + len(room)) if room else part


def _head(call: ToolCall, look: Look, indent: str, *, expanded: bool) -> Line:
    glyph, word, role = LOOKS[call.status]
    stamp = f"{clock(call.started_at)} " if look.times else ""
    took = duration(call.duration_ms) if call.duration_ms is not None else ""
    tail = f" {fit(took, 7, align='right')} {'▾' if expanded else '▸'}"
    lead = f"{indent}{glyph} {word:<8} "
    name = fit(call.name, _NAME) + " "
    room = max(8, look.width - len(stamp) - len(lead) - len(name) - len(tail))
    said = _phrase(call.input_summary, call.output_summary if call.status is ToolStatus.FAILED else None)
    told = cut(said, room) if look.wrap else fit(said, room)
    return line(
        (stamp, "muted"),
        (lead, role),
        (name, "strong"),
        (told, "plain"),
        (tail, "muted"),
        hang=len(stamp) + 2,
    )


def _phrase(*parts: str | None) -> str:
    return " → ".join(summarize(part, 400) for part in parts if part)


def _part(label: str, text: str) -> list[Line]:
    lines = split_lines(text)
    rest = len(lines) - _MOST_LINES
    shown = [line((_LEAD, "muted"), (part, "plain"), hang=6) for part in lines[:_MOST_LINES]]
    more = [line((f"    │ … {rest:,} more lines", "muted"))] if rest > 0 else []
    return [line((_LEAD, "muted"), (label, "head")), *shown, *more] if text else []


def _diff(text: str, look: Look) -> list[Line]:
    lines = split_lines(text)[:_MOST_LINES]
    if looks_like_diff(lines):
        told = diff_lines(lines, _LEAD, 0 if look.raw else look.width)
        return [line((_LEAD, "muted"), ("diff", "head")), *told]
    return _part("diff", text)
