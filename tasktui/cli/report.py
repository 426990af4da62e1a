"""One task as a report in Markdown: what was asked, what happened, what was checked, what it left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from tasktui.cli.task_page import command_of
from tasktui.domain.amounts import duration, size
from tasktui.domain.clean import clean, split_lines
from tasktui.domain.facts import Facts
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.timeline import entry
from tasktui.domain.wire import time_text
from tasktui.store.sqlite.child_reads import RawDetail
from tasktui.ui.task_words import ended, look

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|#])")
_BOXES: Final = {"completed": "x"}


def report_lines(detail: RawDetail, events: Iterable[StoredEvent]) -> Iterator[str]:
    """Yield the report; everything in it that came from outside is harmless and means nothing to Markdown."""
    row, spec = detail.row, Facts(detail.spec)
    yield f"# {_plain(row.title)}"
    yield ""
    yield from (f"- **{label}:** {text}" for label, text in _facts(row, spec) if text)
    yield from _section("Asked for", _fenced(command_of(spec.record("work"))))
    yield from _section("Result", _fenced(detail.result_inline or row.result_summary or ""))
    yield from _section("Error", _fenced(row.error or ""))
    yield from _section("Checklist", _checklist(detail))
    yield from _section("Checks", _checks(detail))
    yield from _section("Tool calls", _tools(detail))
    yield from _section("Artifacts", _files(detail))
    yield from _section("Messages and questions", _people(detail))
    yield from _section("Timeline", _timeline(events))


def _facts(row: TaskRow, spec: Facts) -> Iterator[tuple[str, str]]:
    yield "Task", f"`{row.id}`"
    yield "Status", _plain(look(row).word)
    yield "Ended", _plain(" · ".join(part for part in (ended(row), row.status_evidence) if part))
    yield "Kind", f"{row.kind}, lane {_plain(row.lane)}"
    yield "In", _plain(spec.text("cwd"))
    yield "Tags", _plain(row.tags.strip())
    yield "Created", time_text(row.created_at)
    yield "Started", time_text(row.started_at) if row.started_at is not None else ""
    yield "Finished", time_text(row.finished_at) if row.finished_at is not None else ""
    yield "Took", duration(row.duration_ms) if row.duration_ms is not None else ""
    yield "Runs", str(row.run_no) if row.run_no > 1 else ""
    yield "Known as", _plain(row.external_id or "")
    yield "Retry of", f"`{row.retry_of}`" if row.retry_of else ""


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    begun = False
    for line in lines:
        if not begun:
            yield ""
            yield f"## {title}"
            yield ""
            begun = True
        yield line


def _plain(text: str) -> str:
    """Return text as one line that Markdown shows as it stands."""
    return _MARKUP.sub(r"\\\1", " ".join(clean(text).split()))


def _fenced(text: str) -> Iterator[str]:
    lines = split_lines(text)
    if lines:
        longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        yield from (fence, *lines, fence)


def _checklist(detail: RawDetail) -> Iterator[str]:
    for item in Facts(detail.checklist).records("items"):
        yield f"- [{_BOXES.get(item.text('status'), ' ')}] {_plain(item.text('content'))}"


def _checks(detail: RawDetail) -> Iterator[str]:
    for row in detail.evidence:
        record = Facts(row.record)
        if row.kind == "gate":
            verdict = f"{_plain(record.text('gate'))} {record.text('status')}"
            yield f"- **{verdict}** {_plain(record.text('summary'))}".rstrip()
        elif row.kind == "attempt":
            chosen = ", selected" if record.flag("selected") else ""
            yield f"- attempt {record.text('attempt_index')}{chosen}: {_plain(record.text('summary'))}"
        else:
            told = record.text("summary") or record.text("error") or record.text("action")
            yield f"- {row.kind} {_plain(row.key)} {_plain(told)}".rstrip()


def _tools(detail: RawDetail) -> Iterator[str]:
    calls = detail.tool_calls
    if calls:
        yield "| # | tool | status | took | input |"
        yield "|---|---|---|---|---|"
    for call in calls:
        took = duration(call.duration_ms) if call.duration_ms is not None else ""
        said = _plain((call.input_summary or "")[:200])
        yield f"| {call.number} | {_plain(call.name)} | {call.status} | {took} | {said} |"
    if detail.row.tool_calls > len(calls):
        yield ""
        yield f"{detail.row.tool_calls - len(calls):,} earlier ones are not shown."


def _files(detail: RawDetail) -> Iterator[str]:
    for one in detail.artifacts:
        told = f"  {_plain(one.summary)}" if one.summary and one.role != "user" else ""
        yield f"- {_plain(one.path)} ({one.role}, {size(one.size_bytes)}){told}"


def _people(detail: RawDetail) -> Iterator[str]:
    for row in detail.interventions:
        files = json.loads(row.attachments or "[]")
        attached = f" (with {_plain(', '.join(files))})" if files else ""
        yield f"- **{_plain(row.user)}** ({row.state}): {_plain(row.text)}{attached}"
    for one in detail.requests:
        answer = f" → {_plain(one.decision)} by {_plain(one.decided_by or '')}" if one.decision else ""
        yield f"- asked ({one.kind}, {one.state}): {_plain(one.summary)}{answer}"


def _timeline(events: Iterable[StoredEvent]) -> Iterator[str]:
    tools: dict[str, str] = {}
    for event in events:
        seen = entry(event, tools)
        if seen.call_id:
            tools.setdefault(seen.call_id, seen.word)
        yield f"- `{time_text(seen.ts)}` **{_plain(seen.word)}** {_plain(seen.headline)}".rstrip()
