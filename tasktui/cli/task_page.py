"""One task as a page of text: its fields, what it waits for, its checks, what else there is to look at."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Final

from tasktui.cli.answering import way_to_answer
from tasktui.cli.printing import painted
from tasktui.domain.amounts import duration, tokens
from tasktui.domain.clean import clean, split_lines
from tasktui.domain.facts import Facts
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.wire import time_text
from tasktui.store.sqlite.child_reads import RawDetail
from tasktui.ui.task_words import ended, look, progress

_LABEL: Final = 10
_BOXES: Final = {"completed": "[x]", "in_progress": "[~]"}


def page_lines(detail: RawDetail, now: UnixMs) -> Iterator[str]:
    """Yield the page."""
    row = detail.row
    seen = look(row)
    yield f"{painted(row.id, 'strong')}  {painted(f'{seen.glyph} {seen.word}', seen.style)}"
    for label, text in (*_asked(row, Facts(detail.spec)), *_times(row, now), *_end(row)):
        if text:
            yield _field(label, text)
    for label, lines in (
        ("asks", _questions(detail)),
        ("checklist", _checklist(detail)),
        ("checks", _gates(detail)),
        ("messages", _messages(detail)),
        ("result", _result(detail)),
        ("more", _more(row)),
    ):
        yield from _section(label, lines)


def command_of(work: Facts) -> str:
    """Return what a spec's work runs, as one line of shell where it is a program."""
    return (
        work.text("command") or shlex.join(work.words("argv")) or work.text("prompt") or work.text("function")
    )


def _field(label: str, text: str) -> str:
    return f"  {painted(label.ljust(_LABEL), 'muted')} {clean(text)}"


def _section(label: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"  {painted(label, 'muted')}"
    for line in lines:
        yield f"    {clean(line)}"


def _asked(row: TaskRow, spec: Facts) -> Iterator[tuple[str, str]]:
    command = command_of(spec.record("work"))
    yield "title", row.title if row.title != command else ""
    yield row.kind, command
    yield "in", spec.text("cwd")
    yield "lane", f"{row.lane}, priority {row.priority}" if row.priority else row.lane
    yield "tags", row.tags.strip()
    yield "after", row.depends_on.strip()
    yield (
        "key",
        f"{row.exclusive_key}{', in line for it' if row.in_line else ''}" if row.exclusive_key else "",
    )
    yield "recurs", f"by {row.schedule_id}" if row.schedule_id else ""
    yield "retry of", row.retry_of or ""
    yield "retried as", row.superseded_by or ""


def _times(row: TaskRow, now: UnixMs) -> Iterator[tuple[str, str]]:
    yield "created", _ago(row.created_at, now)
    yield "started", _ago(row.started_at, now) if row.started_at else ""
    yield "ended", _ago(row.finished_at, now) if row.finished_at else ""
    yield "took", duration(row.duration_ms) if row.duration_ms is not None else ""
    yield "run", str(row.run_no) if row.run_no > 1 else ""
    until = f"until {time_text(row.held_until)}" if row.held_until is not None else "until it is released"
    yield "held", (f"{row.held_reason}, {until}" if row.held_reason else until) if row.held else ""
    yield "not before", time_text(row.not_before) if row.not_before and row.started_at is None else ""
    yield "paused", _ago(row.paused_at, now) if row.paused_at and row.finished_at is None else ""
    far = f"{progress(row, 0)} {row.progress_phase or ''}".strip()
    yield "progress", far if row.finished_at is None else ""
    yield "says", row.status_text or ""


def _end(row: TaskRow) -> Iterator[tuple[str, str]]:
    if row.stopping:
        yield "stopping", f"asked by {row.cancel_requested_by}"
    if row.finished_at is not None:
        yield "how", " · ".join(dict.fromkeys(part for part in (ended(row), row.status_evidence) if part))
    yield "error", row.error or ""
    if row.tokens_in or row.tokens_out:
        yield "tokens", f"{tokens(row.tokens_in)} in, {tokens(row.tokens_out)} out"


def _ago(instant: UnixMs, now: UnixMs) -> str:
    return f"{time_text(instant)}  ({duration(now - instant)} ago)"


def _questions(detail: RawDetail) -> list[str]:
    lines = []
    for request in detail.requests:
        if request.state != "waiting":
            continue
        lines.append(f"{request.summary}{f'  ({request.tool})' if request.tool else ''}")
        permission = request.kind == "approval"
        lines.append(f"→ {way_to_answer(request.task_id, request.request_id, permission=permission)}")
        if options := json.loads(request.options or "[]"):
            lines += [] if permission else [f"  one of: {', '.join(options)}"]
    return lines


def _checklist(detail: RawDetail) -> list[str]:
    items = Facts(detail.checklist).records("items")
    return [f"{_BOXES.get(item.text('status'), '[ ]')} {item.text('content')}" for item in items]


def _gates(detail: RawDetail) -> list[str]:
    gates = [Facts(row.record) for row in detail.evidence if row.kind == "gate"]
    return [f"{gate.text('gate')} {gate.text('status')}  {gate.text('summary')}".rstrip() for gate in gates]


def _messages(detail: RawDetail) -> list[str]:
    return [f"{row.user} ({row.state}): {row.text}" for row in detail.interventions]


def _result(detail: RawDetail) -> list[str]:
    return split_lines(detail.result_inline or detail.row.result_summary or "")


def _more(row: TaskRow) -> list[str]:
    failed = f", {row.tool_failed} failed" if row.tool_failed else ""
    counted = (
        (row.last_seq, "timeline", "event", ""),
        (row.tool_calls, "tools", "tool call", failed),
        (row.artifacts, "artifacts", "file", ""),
        (row.run_no, "logs", "run", ""),
    )
    return [
        f"tasktui {command} {row.id}   {number:,} {noun}{'' if number == 1 else 's'}{rest}"
        for number, command, noun, rest in counted
        if number
    ]
