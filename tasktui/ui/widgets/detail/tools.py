"""Tab 2: every tool call of a task; expanded, what went in and what came out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from tasktui.domain.clean import decode
from tasktui.domain.errors import TasktuiError
from tasktui.domain.facts import Facts
from tasktui.domain.records import StoredEvent
from tasktui.domain.status import ToolStatus
from tasktui.ui.widgets.detail.line import Line
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value
from tasktui.ui.widgets.detail.tool_lines import OpenCall, call_lines

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import ToolCall

_PAGE: Final = 500


class ToolsSource(PlainSource):
    """Tool calls of one task: item n is its call number n."""

    first = 1

    def __init__(self, manager: Manager, task_id: str, count: int) -> None:
        self._manager = manager
        self._task_id = task_id
        self._numbers: dict[str, int] = {}
        self._written: Mapping[str, str] = {}
        self.stop = count + 1

    def took(self, written: Sequence[tuple[str, str]]) -> Sequence[int]:
        """Take what running calls wrote so far; return the known ones of them."""
        if written:  # of all that run
            self._written = dict(written)
        return [number for call_id, _ in written if (number := self._numbers.get(call_id)) is not None]

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Read the calls of a range."""
        page = await self._manager.tools(self._task_id, after=first - 1, before=stop, limit=stop - first)
        self._numbers |= {call.call_id: call.number for call in page.items}
        return {call.number: OpenCall(call) for call in page.items}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """Status, kind, name, what it is about, how long it took; below, what went in and came out."""
        opened = self._so_far(value)
        return call_lines(opened, look, helper=opened.call.parent_id in self._numbers, expanded=expanded)

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
            opened, input=started.text("input") or call.input_summary or "", output=output, diff=diff,
            exit_code=ended.record("metadata").number("exit_code"),
        )  # fmt: skip

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
        opened = self._so_far(value)
        parts = (opened.call.name, opened.input or opened.call.input_summary, opened.output, opened.diff)
        return "\n".join(part for part in parts if part), "the tool call"

    def is_error(self, value: Value) -> bool:
        """Whether the call failed."""
        return cast(OpenCall, value).call.status is ToolStatus.FAILED

    def is_tool(self, value: Value) -> bool:
        """They all are."""
        return True

    def _so_far(self, value: Value) -> OpenCall:
        """Return a call with what it wrote so far, if it runs."""
        opened = cast(OpenCall, value)
        if opened.call.status is not ToolStatus.RUNNING:
            return opened
        return replace(opened, output=self._written.get(opened.call.call_id, opened.output))

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
