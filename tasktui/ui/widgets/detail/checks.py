"""Tab 6: the checklist, the gates, the attempts, the segments and what happened on GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tasktui.domain.amounts import duration
from tasktui.domain.facts import Facts
from tasktui.ui.widgets.detail.clock import clock
from tasktui.ui.widgets.detail.line import Line, line

if TYPE_CHECKING:
    from tasktui.domain.records import EvidenceRow, StoredEvent
    from tasktui.domain.requests import TaskDetail

EVIDENCE: Final = frozenset(
    {
        "checklist.updated", "gate.recorded", "attempt.recorded", "github.recorded", "segment.completed",
        "segment.failed",
    }
)  # fmt: skip
"""Events that change what stands here."""
_ITEMS: Final = {
    "completed": ("✓ done   ", "good"),
    "in_progress": ("● doing  ", "voice"),
    "pending": ("◌ to do  ", "muted"),
}
_GATES: Final = {"passed": ("✓ passed ", "good"), "timeout": ("✗ timeout", "bad")}


def concerns_checks(events: tuple[StoredEvent, ...]) -> bool:
    """Whether these events change what the tab shows."""
    return any(event.type in EVIDENCE for event in events)


def checks_lines(detail: TaskDetail) -> list[Line]:
    """Return the lines of the tab."""
    by_kind: dict[str, list[EvidenceRow]] = {}
    for row in sorted(detail.evidence, key=lambda row: row.recorded_at):
        by_kind.setdefault(row.kind, []).append(row)
    lines = [*_checklist(Facts(detail.checklist))]
    for kind, heading, tell in (
        ("gate", "Gates", _gate), ("attempt", "Attempts", _attempt), ("segment", "Segments", _segment),
        ("github", "GitHub", _github),
    ):  # fmt: skip
        rows = by_kind.get(kind, [])
        if rows:
            lines += [
                *_heading(heading, f"{len(rows)}", lines),
                *(part for row in rows for part in tell(row)),
            ]
    return lines or [line(("Nothing was checked yet.", "muted"))]


def _heading(words: str, figure: str, before: list[Line]) -> list[Line]:
    return [*([Line(())] if before else []), line((words, "head"), (f"  {figure}", "muted"))]


def _checklist(facts: Facts) -> Iterator[Line]:
    items = facts.records("items")
    if not items:
        return
    done = sum(item.text("status") == "completed" for item in items)
    yield line(("Checklist", "head"), (f"  {done} of {len(items)} done", "muted"))
    for item in items:
        mark, role = _ITEMS.get(item.text("status"), _ITEMS["pending"])
        yield line((f"  {mark}  ", role), (item.text("content"), "plain"), hang=13)


def _gate(row: EvidenceRow) -> Iterator[Line]:
    gate = Facts(row.record)
    mark, role = _GATES.get(gate.text("status"), ("✗ failed ", "bad"))
    took = duration(gate.number("duration_ms") or 0)
    yield line(
        (f"  {mark}  ", role), (gate.text("gate"), "strong"),
        (f"  {took}  {clock(row.recorded_at)}  ", "muted"),
        (gate.text("summary"), "plain"), hang=13,
    )  # fmt: skip
    kind, log = gate.text("classification"), gate.text("log_path")
    if kind or log:
        told = " · ".join(part for part in (kind, log and f"log: {log}") if part)
        yield line((" " * 13, "plain"), (told, "muted"), hang=15)
    if gate.text("command"):
        code = f"  exit code {gate.text('exit_code')}" if gate.text("exit_code") else ""
        yield line((" " * 13, "plain"), (f"$ {gate.text('command')}", "code"), (code, "muted"), hang=15)


def _attempt(row: EvidenceRow) -> Iterator[Line]:
    attempt = Facts(row.record)
    chosen = attempt.flag("selected")
    place = f"{attempt.text('attempt_index') or 1} of {attempt.text('attempt_count') or 1}"
    mark = ("✓ selected", "good") if chosen else ("◌ other   ", "muted")
    yield line(
        (f"  {mark[0]} ", mark[1]), (f"{place}  ", "strong"), (attempt.text("summary"), "plain"), hang=13
    )
    branch, base = (attempt.text(f"{end}_ref") or attempt.text(f"{end}_sha") for end in ("head", "base"))
    line_of = f"{branch} on {base}" if branch and base else branch
    patch = attempt.text("patch_path")
    words = (line_of, patch and f"patch: {patch}", *attempt.words("changed_files"))
    for word in (*words, *attempt.words("verification")):
        if word:
            yield line((" " * 13, "plain"), (word, "muted"), hang=15)


def _segment(row: EvidenceRow) -> Iterator[Line]:
    segment = Facts(row.record)
    error = segment.text("error")
    mark, role = ("✗ failed ", "bad") if error else ("✓ done   ", "good")
    yield line(
        (f"  {mark}  ", role), (segment.text("segment_id"), "strong"), (f"  {error}", "plain"), hang=13
    )


def _github(row: EvidenceRow) -> Iterator[Line]:
    event = Facts(row.record)
    number = f" #{event.text('number')}" if event.text("number") else ""
    yield line(
        ("  ▸ ", "muted"), (f"{event.text('action')} {event.text('target')}{number}", "strong"),
        (f"  {clock(row.recorded_at)}  ", "muted"), (event.text("summary"), "plain"), hang=13,
    )  # fmt: skip
    if event.text("url"):
        yield line((" " * 13, "plain"), (event.text("url"), "link"), hang=15)
