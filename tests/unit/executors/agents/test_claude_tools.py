"""Tool calls of Claude Code that no capture shows: diffs, lists, agents it calls, repeated blocks."""

from __future__ import annotations

from typing import Any

import pytest

from tasktui.domain.events.work import (
    ToolCompleted,
    ToolProgress,
    ToolStarted,
)
from tests.unit.executors.agents.claude_talk import DONE, calls, ends, talk, took

# --- tools


@pytest.mark.parametrize(
    ("tool", "given", "result", "diff"),
    [
        (
            "Write",
            {"file_path": "/srv/new", "content": "a\nb\n"},
            {"type": "create", "structuredPatch": []},
            "--- /dev/null\n+++ b/srv/new\n@@ -0,0 +1,2 @@\n+a\n+b",
        ),
        (
            "Edit",
            {"file_path": "/srv/x", "old_string": "b", "new_string": "c"},
            {
                "structuredPatch": [
                    {"oldStart": 8, "oldLines": 2, "newStart": 8, "newLines": 2, "lines": [" a", "-b", "+c"]}
                ]
            },
            "--- a/srv/x\n+++ b/srv/x\n@@ -8,2 +8,2 @@\n a\n-b\n+c",
        ),
        (
            "MultiEdit",
            {
                "file_path": "/srv/x",
                "edits": [
                    {"old_string": "a", "new_string": "b"},
                    {"old_string": "c", "new_string": "d"},
                ],
            },
            None,
            "--- a/srv/x\n+++ b/srv/x\n@@ -1 +1 @@\n-a\n+b\n--- a/srv/x\n+++ b/srv/x\n@@ -1 +1 @@\n-c\n+d",
        ),
        ("Read", {"file_path": "/srv/x"}, None, None),
    ],
)
def test_what_a_call_changed_is_a_diff(tool: str, given: Any, result: Any, diff: str | None) -> None:
    replay = talk(calls(tool, **given), ends(result=result))
    assert [fact.diff for fact in replay.facts if isinstance(fact, ToolCompleted)] == [diff]


def test_an_edit_that_failed_changed_nothing() -> None:
    replay = talk(calls("Write", file_path="/x", content="a"), ends(error=True))
    assert [fact.diff for fact in replay.facts if isinstance(fact, ToolCompleted)] == [None]


def test_agents_that_the_agent_calls_belong_to_their_call() -> None:
    said = {"id": "m2", "content": [{"type": "text", "text": "looking"}]}
    replay = talk(
        calls("Task", "t1", description="look around", prompt="see"),
        {"type": "assistant", "message": said, "parent_tool_use_id": "t1"},
        {"type": "user", "message": {"content": "see"}, "parent_tool_use_id": "t1"},
        calls("Bash", "c2", parent="t1", command="ls"),
        ends("c2"),
        ends("t1", [{"type": "text", "text": "seen"}, {"type": "image"}]),
        took("do it"),
        DONE,
    )
    assert replay.lines == [
        'tool Task [other]: {"description": "look around", "prompt": "see"}',
        "tool Bash [execute]: ls",
        "end Bash ok: ok",
        "end Task ok: seen\n[image]",
        "over",
    ]
    parents = {fact.call_id: fact.parent_message_id for fact in replay.facts if isinstance(fact, ToolStarted)}
    assert parents == {"t1": None, "c2": "t1"}
    assert [fact.text for fact in replay.facts if isinstance(fact, ToolProgress)] == ["looking"]


def test_todos_are_the_checklist() -> None:
    todos = [{"content": "write", "status": "in_progress"}, {"content": "test", "status": "odd"}]
    assert talk(calls("TodoWrite", todos=todos)).lines[-1] == "plan write in_progress, test pending"


def test_tasks_made_one_by_one_are_the_checklist() -> None:
    replay = talk(
        calls("TaskCreate", "a", subject="write"),
        ends("a", "Task #1 created successfully: write"),
        calls("TaskCreate", "b", subject="test"),
        ends("b", "made", result={"task": {"id": "2", "subject": "test"}}),
        calls("TaskUpdate", "c", taskId="1", status="completed"),
        ends("c", "Updated task #1 status"),
        calls("TaskUpdate", "d", taskId="2", status="deleted"),
        ends("d", "gone"),
    )
    plans = [line for line in replay.lines if line.startswith("plan")]
    assert plans == [
        "plan write pending",
        "plan write pending, test pending",
        "plan write completed, test pending",
        "plan write completed",
    ]


# --- messages that come twice


def test_a_block_that_is_repeated_after_its_message_counts_once() -> None:
    def streamed(**event: Any) -> dict[str, Any]:
        return {"type": "stream_event", "event": event}

    block = {"type": "text", "text": "hello"}
    replay = talk(
        streamed(type="message_start", message={"id": "m1"}),
        streamed(type="content_block_start", index=0),
        streamed(type="content_block_delta", index=0, delta={"type": "text_delta", "text": "hel"}),
        streamed(type="content_block_delta", index=0, delta={"type": "text_delta", "text": "lo"}),
        streamed(type="content_block_stop", index=0),
        streamed(type="message_stop"),
        streamed(type="goal_state", goal="x"),
        {"type": "assistant", "message": {"id": "m1", "content": [block]}},
        {"type": "assistant", "message": {"id": "m2", "content": [block]}},
    )
    assert replay.lines == ["agent: hello", "agent: hello"]
