"""Whatever an agent writes, on any line, at any point of a talk: it is never an error of ours."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from tasktui.domain.events.work import ToolCompleted
from tasktui.executors.agents.dialogue import End
from tests.unit.executors.agents.acp_replay import Played, Talk

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS = some.sampled_from([
    "agent_message_chunk", "tool_call", "tool_call_update", "plan", "plan_update", "usage_update",
    "current_mode_update", "session_info_update", "user_message_chunk", "later",
])  # fmt: skip
FIELDS = some.sampled_from([
    "toolCallId", "title", "kind", "status", "rawInput", "rawOutput", "content", "locations", "_meta", "name",
    "entries", "plan", "used", "size", "cost", "messageId", "currentModeId",
])  # fmt: skip
PARTS = some.fixed_dictionaries({"type": some.sampled_from(["diff", "content", "text"]) | VALUES}, optional={
    "path": VALUES, "oldText": VALUES, "newText": VALUES, "content": VALUES, "text": VALUES,
})  # fmt: skip
UPDATES = some.builds(
    lambda kind, fields: {"sessionUpdate": kind, **fields},
    KINDS, some.dictionaries(FIELDS, VALUES | some.lists(PARTS, max_size=2) | some.just("t"), max_size=6),
)  # fmt: skip
NUMBERS = some.integers(0, 6) | VALUES
METHODS = some.sampled_from(["session/update", "session/request_permission", "elicitation/create", "x", ""])
LINES = some.one_of(
    VALUES,
    some.builds(lambda update: {"method": "session/update", "params": {"update": update}}, UPDATES),
    some.builds(lambda number, result: {"id": number, "result": result}, NUMBERS, VALUES),
    some.builds(lambda number, error: {"id": number, "error": error}, NUMBERS, VALUES),
    some.builds(
        lambda method, number, params: {"id": number, "method": method, "params": params},
        METHODS, some.integers() | VALUES, VALUES | some.builds(lambda call: {"toolCall": call}, UPDATES),
    ),
)  # fmt: skip


def heard(talk: Talk, line: Any) -> None:
    talk.hear([json.dumps(line).encode()])


@settings(max_examples=300, deadline=None)
@given(some.booleans(), some.lists(LINES, max_size=8))
def test_any_json_on_any_line(ready: bool, lines: list[Any]) -> None:
    talk = Talk(mode="plan", model="m", session_id=None if ready else "old")
    if ready:
        talk.ready()
    for line in lines:
        heard(talk, line)
    talk.decide("acp-1-1", "allow")
    talk.send("more")
    talk.stop()
    for line in lines:
        heard(talk, line)
    talk.perform(talk.dialogue.ended(End(True, None, "")))
    assert talk.dialogue.conclusion() is None or talk.lines.count("over") >= 1


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=60))
def test_any_bytes_on_any_line(line: bytes) -> None:
    talk = Talk().ready()
    said = len(talk.said)
    talk.hear([line])
    assert talk.said[said:] == []


@settings(max_examples=60, deadline=None)
@given(some.data())
def test_a_capture_with_a_line_that_is_spoilt(data: some.DataObject) -> None:
    rows = [row for out, row in Played("acp-claude-shell").rows if not out]
    at = data.draw(some.integers(0, len(rows) - 1))
    rows[at] = data.draw(VALUES)
    talk = Talk(prompt="[[fake:shell]] please go")
    for row in rows:
        if isinstance(row, dict) and "result" in row and isinstance(row.get("id"), int):
            row = {**row, "id": row["id"] + 1}  # noqa: PLW2901 (our requests begin with 1)
        heard(talk, row)
    talk.perform(talk.dialogue.ended(End(False, 0, "")))
    begun = [fact for fact in talk.facts if fact.TYPE == "tool.started"]
    ended = [fact for fact in talk.facts if isinstance(fact, ToolCompleted)]
    assert len(begun) == len(ended)
