"""How a talk with Claude Code ends, what in it is no news, and what is strange."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.events.work import (
    ContextCompacted,
    RuntimeEvent,
)
from tasktui.domain.status import Status
from tasktui.executors.agents.claude.dialogue import ClaudeDialogue
from tasktui.executors.agents.dialogue import End
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.claude_talk import (
    DONE,
    INIT,
    asks,
    calls,
    conclusion,
    ends,
    hear,
    talk,
    took,
)
from tests.unit.executors.agents.replay import Replay

# --- how it ends


@pytest.mark.parametrize(
    ("result", "error", "code"),
    [
        (
            {"subtype": "error_max_turns", "num_turns": 7, "is_error": True},
            "The agent used up its number of turns (7) before it was done.",
            None,
        ),
        (
            {"subtype": "success", "is_error": True, "result": "API Error: 500 oops"},
            "API Error: 500 oops",
            None,
        ),
        (
            {"subtype": "error_during_execution", "is_error": True, "errors": ["No conversation found: x"]},
            "The agent stopped before it was done.\nNo conversation found: x",
            None,
        ),
        ({"subtype": "error_new", "is_error": True}, "The agent ended with error_new.", None),
        (
            {"subtype": "success", "is_error": True, "result": "Claude AI usage limit reached|1733356800"},
            "Claude AI usage limit reached|1733356800",
            {"resets_at": 1_733_356_800_000},
        ),
        (
            {"is_error": True, "result": "You've hit your limit · resets 3pm (Europe/London)"},
            "You've hit your limit · resets 3pm (Europe/London)",
            {"resets": "3pm (Europe/London)"},
        ),
        ({"is_error": True, "result": "slow down", "api_error_status": 429}, "slow down", {}),
    ],
)
def test_an_error_is_told_in_words_and_a_limit_by_its_end(result: Any, error: str, code: Any) -> None:
    ended = conclusion(talk(took("do it"), {"type": "result", **result}))
    assert (ended.status, ended.error) == (Status.FAILED, error)
    assert ended.error_code == (None if code is None else "agent_limit")
    assert ended.usage is not None
    assert ended.usage.get("limit") == code


def test_a_limit_that_was_told_before_is_known_at_the_end() -> None:
    info = {"status": "rejected", "resetsAt": 1_733_356_800, "rateLimitType": "five_hour"}
    replay = talk(
        took("do it"),
        {"type": "rate_limit_event", "rate_limit_info": info},
        {"type": "result", "is_error": True, "result": "no more"},
    )
    ended = conclusion(replay)
    assert ended.error_code == "agent_limit"
    assert ended.usage is not None
    assert ended.usage["limit"] == {"resets_at": 1_733_356_800_000}


def test_a_result_that_never_comes_is_no_success_whatever_the_code() -> None:
    replay = talk(took("do it"), calls("Bash", command="ls"))
    replay.perform(replay.dialogue.ended(End(stopped=True, code=0, stderr="")))
    assert replay.lines[-1] == "end Bash canceled: "
    assert replay.dialogue.conclusion() is None


# --- what is no news, and what is strange


def test_the_agents_own_state_is_told_where_a_person_needs_it() -> None:
    servers = [{"name": "files", "status": "failed"}, {"name": "web", "status": "connected"}]
    retry = {
        "type": "system", "subtype": "api_retry", "attempt": 2, "max_retries": 10,
        "retry_delay_ms": 4100, "error_status": 529,
    }  # fmt: skip
    compact = {"trigger": "auto", "pre_tokens": 150_000}
    replay = Replay(ClaudeDialogue(Start(shipped()["claude"], "do it", "/srv")))
    hear(
        replay,
        {**INIT, "mcp_servers": servers},
        {**INIT, "mcp_servers": servers},
        {"type": "system", "subtype": "status"},
        {"type": "system", "subtype": "thinking_tokens"},
        {"type": "system", "subtype": "task_notification"},
        {"type": "keep_alive"},
        {"type": "control_response", "response": {"subtype": "error", "request_id": "x", "error": "no"}},
        retry,
        {"type": "system", "subtype": "compact_boundary", "compact_metadata": compact},
    )
    assert replay.lines == [
        "linked session_id",
        "warning: The MCP server files did not start.",
        "warning: The agent refused x: no",
        "status: The provider did not answer (529), attempt 2 of 10, again in 4 s.",
    ]
    assert replay.facts[-1] == ContextCompacted(
        trigger="auto", message="The context of 150,000 tokens was shortened."
    )


def test_strange_events_are_counted_and_warned_of_once() -> None:
    replay = talk({"type": "news"}, {"type": "news"}, {"type": ["x"]}, [1], "text")
    replay.hear([b"not json", b"\xff\xfe"])
    assert replay.lines == [
        "warning: The agent told of something that tasktui does not know: news",
        "warning: The agent told of something that tasktui does not know: no type",
        "warning: The agent wrote something that is not of its protocol.",
    ]
    assert [fact.event for fact in replay.facts if isinstance(fact, RuntimeEvent)] == ["news", "news", "?"]


def test_a_nesting_without_end_is_no_error() -> None:
    replay = talk()
    for depth in (200, 400, 900, 20_000):
        deep = "[" * depth + "]" * depth
        for event in (json.dumps(calls("X", f"c{depth}", at=0)), json.dumps(asks("X", f"r{depth}", at=0))):
            replay.hear([event.replace('"at": 0', f'"at": {deep}').encode()])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
FIELDS = (
    "subtype", "message", "content", "event", "delta", "text", "thinking", "id", "name", "input", "usage",
    "request", "request_id", "response", "tool_name", "tool_use_id", "tool_use_result", "structuredPatch",
    "lines", "todos", "questions", "options", "question", "errors", "result", "permission_denials",
    "rate_limit_info", "modelUsage", "mcp_servers", "session_id", "parent_tool_use_id", "isReplay", "edits",
    "file_path", "old_string", "api_error_status", "retry_delay_ms", "compact_metadata", "type",
)  # fmt: skip
WORDS = (
    "system", "init", "stream_event", "assistant", "user", "result", "control_request", "can_use_tool",
    "control_cancel_request", "control_response", "rate_limit_event", "text", "thinking", "tool_use",
    "tool_result", "Edit", "TodoWrite", "TaskCreate", "AskUserQuestion", "api_retry", "compact_boundary",
    "content_block_delta", "text_delta", "message_delta", "error",
)  # fmt: skip
SHAPES: tuple[Any, ...] = (
    INIT,
    {**DONE, "permission_denials": [{"tool_name": "a"}], "modelUsage": {"m": {"costUSD": 1}}},
    calls("Edit", file_path="/a", edits=[{"old_string": "a"}]),
    calls("TodoWrite", todos=[{"content": "a"}]),
    ends(result={"structuredPatch": [{"lines": ["+a"]}], "task": {"id": "1"}}),
    asks("AskUserQuestion", questions=[{"question": "a", "options": [{"label": "b"}]}]),
    asks("Bash", command="ls"),
    took("do it"),
    {"type": "stream_event", "event": {"type": "content_block_delta", "delta": {"type": "text_delta"}}},
    {"type": "rate_limit_event", "rate_limit_info": {"resetsAt": 1}},
    {"type": "system", "subtype": "api_retry", "attempt": 1, "retry_delay_ms": 1},
)
"""Events as they should be; the test puts something else into one place of each."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value within."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """Return the value with something else at a place."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], other)
    return copy


BROKEN = [(shape, place) for shape in SHAPES for place in places(shape)]


@given(
    st.lists(st.tuples(st.sampled_from(BROKEN), VALUES), max_size=5),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(WORDS) | VALUES, max_size=5),
)
def test_no_event_raises(broken: list[Any], made_up: dict[str, Any]) -> None:
    replay = Replay(ClaudeDialogue(Start(shipped()["claude"], "do it", "/srv")))
    hear(replay, *(changed(shape, place, other) for (shape, place), other in broken), made_up)
    replay.end()
    replay.dialogue.conclusion()
    for fact in replay.facts:
        fact.storable()


@given(st.binary(max_size=60))
def test_no_line_raises(line: bytes) -> None:
    talk().hear([line])
