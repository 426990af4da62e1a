"""entry(): every fact of the taxonomy as one line that a person understands, whatever its data holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.clean import clean
from tasktui.domain.events.registry import EVENTS
from tasktui.domain.records import StoredEvent
from tasktui.domain.telling.shown import HEADLINE, Tone
from tasktui.domain.telling.table import TELLERS
from tasktui.domain.timeline import DETAIL_LINES, entry

FIELDS = sorted({name for model in EVENTS.values() for name in model.model_fields} | {"work", "@actor"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)


def event(kind: str, *, actor: str = "user:ann", run: int = 1, raw: bytes | None = None, **data: object):
    return StoredEvent(
        9, "t-1", 4, run, 1_000, kind, actor, json.dumps(data).encode() if raw is None else raw
    )


def told(kind: str, data: dict[str, object]) -> tuple[str, str, str]:
    line = entry(event(kind, raw=json.dumps(data).encode()))
    return line.glyph, line.word, line.headline


@pytest.mark.feature(115)
def test_every_type_of_the_taxonomy_is_told():
    assert set(TELLERS) == set(EVENTS)


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_empty_data_makes_a_line(kind):
    line = entry(event(kind))
    assert len(line.glyph) == 1
    assert 0 < len(line.word) <= 24
    assert line.seq == 4


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (
            "task.created",
            {"title": "fix", "spec": {"cwd": "/src", "work": {"prompt": "fix it", "model": "m"}}},
            ("●", "created", "fix · by ann · in /src · m"),
        ),
        ("task.started", {"worker": "host1"}, ("●", "started", "run 1 · on host1")),
        ("approval.expired", {"reason": "Nobody came."}, ("✗", "approval", "expired: Nobody came.")),
        (
            "task.finished",
            {"status": "completed", "reason": "completed", "exit_code": 0, "duration_ms": 61_000},
            ("✓", "completed", "completed · exit code 0 · 1m01s"),
        ),
        (
            "task.finished",
            {"status": "timed_out", "reason": "wall_timeout", "error": "too slow"},
            ("✗", "timed out", "wall timeout · 0.0s · too slow"),
        ),
        ("task.finished", {"status": "canceled", "reason": "canceled"}, ("⊘", "canceled", "canceled · 0.0s")),
        (
            "task.cancel_requested",
            {"by": "ann", "reason": "wrong branch"},
            ("⊘", "cancel", "asked by ann · wrong branch"),
        ),
        ("task.cancel_requested", {"by": "ann", "force": True}, ("⊘", "kill", "asked by ann")),
        ("task.attention", {"attention": "input"}, ("!", "attention", "waits for an answer")),
        ("task.archived", {"archived": False}, ("▸", "restored", "")),
        ("task.deleted", {"ids": ["a", "b"], "by": "ann"}, ("⊘", "deleted", "a, b · by ann")),
        ("message.completed", {"content": "Hello", "role": "agent"}, ("▷", "agent", "Hello")),
        ("message.completed", {}, ("▷", "agent", "(empty)")),
        ("tool.started", {"call_id": "c", "name": "bash", "input": "ls"}, ("▸", "bash", "ls")),
        ("tool.started", {"call_id": "c", "name": "think", "kind": "think"}, ("▸", "think", "think")),
        (
            "tool.completed",
            {"call_id": "c", "name": "edit", "duration_ms": 40, "diff": "--- a\n+++ b\n-x\n+y\n+z"},
            ("✓", "edit", "ok · 0.0s · +2 −1"),
        ),
        (
            "tool.completed",
            {"call_id": "c", "ok": False, "output": "1 failed"},
            ("✗", "tool", "failed · 1 failed"),
        ),
        ("tool.completed", {"call_id": "c", "canceled": True}, ("⊘", "tool", "canceled")),
        (
            "artifact.added",
            {"label": "report.md", "size": 2150, "role": "result"},
            ("▸", "artifact", "report.md · 2.1 KiB · result"),
        ),
        (
            "intervention.queued",
            {"text": "stop that", "user": "ann", "mode": "interrupt", "attachments": ["a.txt"]},
            ("▷", "message", "ann (interrupt): stop that · with a.txt"),
        ),
        ("intervention.delivered", {"intervention_id": "i"}, ("✓", "message", "delivered")),
        (
            "intervention.failed",
            {"unknown": True, "detail": "shim gone"},
            ("✗", "message", "nobody knows whether it arrived · shim gone"),
        ),
        (
            "input.requested",
            {"question": "Which?", "options": ["a", "b"]},
            ("?", "question", "Which? · options: a, b"),
        ),
        ("approval.requested", {"summary": "git push", "tool": "bash"}, ("!", "approval", "bash: git push")),
        (
            "input.responded",
            {"answer": "a", "by": "ann", "origin": "cli"},
            ("✓", "answer", "ann: a · from cli"),
        ),
        (
            "approval.resolved",
            {"decision": "allow", "scope": "task", "by": "ann"},
            ("✓", "approval", "allowed for this task · by ann"),
        ),
        ("approval.resolved", {"decision": "allow", "scope": "once"}, ("✓", "approval", "allowed once")),
        ("approval.resolved", {"decision": "deny", "reason": "no"}, ("✗", "approval", "denied · no")),
        (
            "checklist.updated",
            {
                "items": [
                    {"content": "a", "status": "completed"},
                    {"content": "b", "status": "in_progress"},
                    {"content": "c"},
                ]
            },
            ("▸", "checklist", "1 of 3 done · b"),
        ),
        (
            "gate.recorded",
            {"gate": {"gate": "test", "status": "passed", "duration_ms": 900}},
            ("✓", "gate", "test passed · 0.9s"),
        ),
        (
            "gate.recorded",
            {"gate": {"gate": "test", "status": "failed", "summary": "2 failed"}},
            ("✗", "gate", "test failed · 0.0s · 2 failed"),
        ),
        (
            "attempt.recorded",
            {"attempt": {"attempt_index": 2, "attempt_count": 3, "selected": True, "summary": "s"}},
            ("▸", "attempt", "2 of 3 · selected · s"),
        ),
        (
            "github.recorded",
            {"event": {"action": "opened", "target": "PR", "number": 7}},
            ("▸", "github", "opened · PR #7"),
        ),
        (
            "github.recorded",
            {"event": {"action": "pushed", "target": "main"}},
            ("▸", "github", "pushed · main"),
        ),
        (
            "output.truncated",
            {"limit": 1024, "dropped": 2048},
            ("!", "output", "2.0 KiB dropped from the middle (cap 1.0 KiB)"),
        ),
        ("made.up", {"a": 1}, ("?", "unknown", 'made.up {"a": 1}')),
    ],
)
def test_lines(kind, data, expected):
    assert told(kind, data) == expected


def test_the_end_of_a_call_takes_its_name_from_the_start():
    line = entry(event("tool.completed", call_id="c9"), {"c9": "bash"})
    assert (line.word, line.call_id) == ("bash", "c9")


def test_detail_says_what_the_headline_leaves_out():
    long = "first\nsecond"
    assert entry(event("message.completed", content=long, reasoning="why")).detail_lines() == [
        "why",
        "",
        "first",
        "second",
    ]
    assert entry(event("message.completed", content="short")).detail_lines() == []
    assert entry(event("task.created", title="x", spec={"work": {"argv": ["a", "b"]}})).detail_lines() == [
        "a b"
    ]
    diff = entry(event("tool.completed", diff="-a\n+b", output="x" * 500, patch_ref="p1"))
    assert diff.detail_lines()[:2] == ["-a", "+b"]
    assert diff.detail_lines()[-1] == "diff in artifact p1"


def test_a_long_detail_is_cut_and_counted():
    lines = entry(event("message.completed", content="x\n" * (DETAIL_LINES + 10))).detail_lines()
    assert len(lines) == DETAIL_LINES + 1
    assert lines[-1] == "… 10 more lines"


def test_broken_data_is_shown_as_it_came():
    line = entry(event("tool.started", raw=b'{"name": \xff'))
    assert (line.word, line.tone) == ("broken", Tone.BAD)
    assert "tool.started" in line.headline
    assert line.detail_lines() == ['{"name": \ufffd']


@given(st.sampled_from(sorted(EVENTS)), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6))
def test_no_data_raises_or_leaves_its_line(kind, data):
    line = entry(StoredEvent(1, "t", 1, 1, 0, kind, "", json.dumps(data).encode()))
    assert len(line.headline) <= HEADLINE
    assert clean(line.headline, limit=10_000) == line.headline
    assert "\n" not in line.word
    assert all("\n" not in shown for shown in line.detail_lines())


@given(st.binary(max_size=200))
def test_no_bytes_raise(data):
    assert entry(StoredEvent(1, "t", 1, 1, 0, "tool.completed", "", data)).headline is not None
