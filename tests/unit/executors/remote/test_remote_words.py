"""What services of systems 000 and 002 tell, as facts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.base import Data
from tasktui.domain.facts import Facts
from tasktui.domain.status import Reason, Status
from tasktui.executors.remote.words import Words
from tests.compat.soul_runs import STORY

CHAT: list[dict[str, Any]] = [
    {"type": "ack", "task_id": "t", "conversation_id": "c", "message_id": "m"},
    {"type": "ping"},
    {"type": "text", "content": "I look"}, {"type": "text", "content": " into it."},
    {"type": "message", "message": {"role": "assistant", "content": "I look into it.", "reasoning": "Hm."},
     "usage": {"prompt_tokens": 7, "completion_tokens": 3}},
    {"type": "tool_call", "tool": "read", "tool_call_id": "t1", "args": {"path": "a"}, "status": "executing"},
    {"type": "tool_result", "tool": "read", "tool_call_id": "t1", "result": {"n": 1}, "status": "completed"},
    {"type": "message", "message": {"content": "It is one."}, "usage": None},
    {"type": "done"},
]  # fmt: skip


def short(fact: Data) -> str:
    """Return a fact as a person would note it."""
    teller = TELLERS.get(type(fact))
    return fact.TYPE if teller is None else teller(fact)


TELLERS: dict[type[Data], Callable[[Any], str]] = {
    work.MessageCompleted: lambda f: (
        f"says {f.content}" + (f" thinking {f.reasoning}" if f.reasoning else "")
    ),
    work.MessageDelta: lambda f: f"+{f.delta}",
    work.ToolStarted: lambda f: f"tool {f.name} {f.input}",
    work.ToolCompleted: lambda f: f"end {f.name} {'ok' if f.ok else 'failed'} {len(f.output or '')}",
    lifecycle.TaskLinked: lambda f: f"linked {f.session_id or f.conversation_id}",
    lifecycle.TaskStatus: lambda f: f"{f.TYPE} {f.message}",
    lifecycle.TaskWarning: lambda f: f"{f.TYPE} {f.message}",
    work.ContextCompacted: lambda f: f"{f.TYPE} {f.message}",
    work.UsageTokens: lambda f: f"tokens {f.input_tokens}/{f.output_tokens}",
}


def heard(events: list[dict[str, Any]]) -> tuple[list[str], Words]:
    words = Words()
    return [short(fact) for event in events for fact in words.take(Facts(json.dumps(event)))], words


def test_the_words_of_000() -> None:
    told, words = heard(STORY)
    assert told == [
        "linked sess-1", "task.status reading", "message.started", "+I look ", "+into it.",
        "says I look into it.", 'tool Read {"path": "a.txt"}', "end Read ok 3000",
        'tool Bash {"command": "false"}', "end Bash failed 1", "context.compacted shortened",
    ]  # fmt: skip
    assert words.outcome is not None
    assert (words.outcome.status, words.outcome.result) == (Status.COMPLETED, "Done.")


def test_the_words_of_002() -> None:
    told, words = heard(CHAT)
    assert told == [
        "linked c", "+I look", "+ into it.", "says I look into it. thinking Hm.", "tokens 7/3",
        'tool read {"path": "a"}', "end read ok 8", "says It is one.",
    ]  # fmt: skip
    assert words.outcome is not None
    assert (words.outcome.status, words.outcome.result) == (Status.COMPLETED, "It is one.")


def test_messages_of_002_have_names_of_their_own() -> None:
    words = Words()
    facts = [fact for event in CHAT for fact in words.take(Facts(json.dumps(event)))]
    names = [fact.message_id for fact in facts if isinstance(fact, work.MessageCompleted)]
    pieces = {fact.message_id for fact in facts if isinstance(fact, work.MessageDelta)}
    assert len(set(names)) == 2
    assert pieces == {names[0]}


@pytest.mark.parametrize(
    ("event", "status", "reason", "error"),
    [
        (
            {"type": "error", "message": "no disk", "error_code": "DISK"},
            Status.FAILED,
            Reason.ERROR,
            "no disk",
        ),
        ({"type": "error", "error": "boom", "detail": "x"}, Status.FAILED, Reason.ERROR, "boom"),
        ({"type": "error", "error": "Task cancelled"}, Status.CANCELED, Reason.CANCELED, None),
        ({"type": "error"}, Status.FAILED, Reason.ERROR, "The service gave no reason."),
    ],
)
def test_ends_that_are_no_success(
    event: dict[str, Any], status: Status, reason: Reason, error: str | None
) -> None:
    _, words = heard([event])
    assert words.outcome is not None
    assert (words.outcome.status, words.outcome.reason, words.outcome.error) == (status, reason, error)


def test_a_message_that_was_cut_off_is_kept() -> None:
    told, _ = heard([STORY[2], STORY[3], {"type": "error", "message": "x"}])
    assert told[-1] == "says I look "


def test_what_is_unknown_is_counted_and_told_once() -> None:
    told, _ = heard([{"type": "new"}, {"type": "new"}, {"no": "type"}])
    assert told == [
        "runtime.event", "task.warning The service said something unknown: new", "runtime.event",
        "runtime.event", "task.warning The service said something unknown: an event without a type",
    ]  # fmt: skip


KINDS = [
    "progress",
    "session",
    "ack",
    "memory",
    "context_usage",
    "compact",
    "debug",
    "text_start",
    "text_delta",
    "text_end",
    "text",
    "message",
    "tool_start",
    "tool_call",
    "tool_result",
    "complete",
    "done",
    "error",
]
FIELDS = [
    "card_id",
    "text",
    "content",
    "message",
    "usage",
    "tool_name",
    "tool",
    "tool_use_id",
    "tool_input",
    "result",
    "is_error",
    "used_gb",
    "total_gb",
    "used_tokens",
    "max_tokens",
    "error",
    "session_id",
]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), ANY)), max_size=6))
def test_no_event_breaks_it(events: list[tuple[str, dict[str, Any]]]) -> None:
    words = Words()
    for kind, fields in events:
        for fact in words.take(Facts(json.dumps({**fields, "type": kind}))):
            fact.storable()


@given(st.text())
def test_no_line_breaks_it(line: str) -> None:
    for fact in Words().take(Facts(line)):
        fact.storable()
