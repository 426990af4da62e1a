"""Tool calls and plans of agents of the Agent Client Protocol, with each difference that real ones showed."""

from __future__ import annotations

import pytest

from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.events.work import ToolCompleted, ToolProgress
from tasktui.domain.status import Status
from tasktui.executors.agents.policy import Rules
from tests.unit.executors.agents.acp_replay import Talk

LS = {"toolCallId": "t", "kind": "execute", "title": "ls", "rawInput": {"command": "ls"}}


def tools(talk: Talk) -> list[str]:
    return [line for line in talk.lines if line.startswith(("tool", "end"))]


def test_gemini_asks_before_it_tells_of_the_tool_and_says_nothing_after_a_refusal() -> None:
    talk = Talk("gemini").ready()
    call = {"toolCallId": "run_shell_command__1a", "status": "pending", "title": "rm -r x", "kind": "execute"}
    talk.asks(0, call)
    assert talk.lines[-2:] == ["tool run_shell_command [execute]: rm -r x", "may run_shell_command: rm -r x"]
    talk.decide("acp-1-1", "deny")
    assert talk.last["result"] == {"outcome": {"outcome": "selected", "optionId": "reject_once"}}
    talk.result(3, stopReason="end_turn")
    assert talk.lines[-2:] == ["end run_shell_command failed: Permission was denied.", "over"]


def test_codex_leaves_a_canceled_tool_in_progress_for_ever() -> None:
    talk = Talk("codex-acp").ready()
    talk.update("tool_call", **LS, status="in_progress")
    talk.stop()
    talk.result(3, stopReason="cancelled")
    assert tools(talk)[-1] == "end ls canceled: "
    assert talk.end_of_it.status is Status.CANCELED


@pytest.mark.parametrize("output", ["Command cancelled by user.", "User aborted the command"])
def test_a_tool_that_a_cancel_ended_is_called_completed(output: str) -> None:
    talk = Talk("opencode").ready()
    talk.update("tool_call", **LS, status="in_progress")
    talk.stop()
    talk.update("tool_call_update", toolCallId="t", status="completed", rawOutput=output)
    assert tools(talk)[-1] == f"end ls canceled: {output}"


def test_a_tool_that_was_done_before_the_cancel_is_done() -> None:
    talk = Talk("opencode").ready()
    talk.update("tool_call", **LS, status="in_progress")
    talk.stop()
    talk.update("tool_call_update", toolCallId="t", status="completed", rawOutput="a\nb")
    assert tools(talk)[-1] == "end ls ok: a\nb"


def test_vibe_asks_without_a_title_and_the_known_one_is_taken() -> None:
    talk = Talk("vibe").ready()
    talk.update("tool_call", **LS, status="pending")
    talk.asks(5, {"toolCallId": "t", "title": None, "kind": None, "rawInput": None})
    assert talk.lines[-1] == "may ls: ls"
    asked = talk.facts[-1]
    assert isinstance(asked, ApprovalRequested)
    assert asked.context["title"] == "ls"


def test_vibe_names_the_tool_beside_the_call_and_not_in_its_id() -> None:
    talk = Talk("vibe", rules=Rules("ask", allowed=("bash(ls)",))).ready()
    call = {**LS, "toolCallId": "effect-6e85c54e", "title": "bash: ls", "_meta": {"tool_name": "bash"}}
    talk.update("tool_call", **call, status="in_progress")
    assert talk.lines[-1] == "tool bash [execute]: ls"
    talk.asks(5, {"toolCallId": "effect-6e85c54e"})
    assert talk.last["result"]["outcome"]["optionId"] == "allow_once"


def test_null_leaves_what_was_and_lists_replace() -> None:
    talk = Talk().ready()
    block = {"type": "content", "content": {"type": "text", "text": "one"}}
    talk.update("tool_call", **LS, status="in_progress", content=[block, block])
    talk.update("tool_call_update", toolCallId="t", status=None, title=None, kind=None, content=[block])
    talk.update("tool_call_update", toolCallId="t", status="completed", content=None, rawInput=None)
    assert tools(talk) == ["tool ls [execute]: ls", "end ls ok: one"]


def test_a_tool_begins_once_its_input_is_known_and_at_the_latest_when_it_ends() -> None:
    talk = Talk().ready()
    talk.update("tool_call", toolCallId="a", title="Terminal", kind="execute", status="pending", rawInput={})
    assert tools(talk) == []
    talk.update("tool_call_update", toolCallId="a", rawInput={"command": "make"})
    talk.update("tool_call", toolCallId="b", name="Glob", status="pending", rawInput={"cwd": "/w"})
    talk.result(3, stopReason="end_turn")
    assert tools(talk)[:1] == ["tool Terminal [execute]: make"]
    assert "tool Glob [None]: Glob" not in tools(talk)
    assert [line.split()[1] for line in tools(talk)] == ["Terminal", "Terminal", "Glob", "Glob"]


def test_a_call_that_ended_is_not_opened_again() -> None:
    talk = Talk().ready()
    talk.update("tool_call", **LS, status="completed")
    talk.update("tool_call_update", toolCallId="t", status="in_progress")
    talk.update("tool_call", **LS, status="completed")
    assert len(tools(talk)) == 2


def test_codex_tells_a_commands_output_and_exit_code_beside_the_call() -> None:
    talk = Talk("codex-acp").ready()
    talk.update("tool_call", **LS, status="in_progress")
    for piece in ("a\n", "b\n"):
        talk.update("tool_call_update", toolCallId="t", _meta={"terminal_output_delta": {"data": piece}})
    end = {"terminal_exit": {"exit_code": 2}}
    talk.update("tool_call_update", toolCallId="t", status="failed", _meta=end)
    ended = next(fact for fact in talk.facts if isinstance(fact, ToolCompleted))
    assert (ended.output, ended.metadata, ended.ok) == ("a\nb\n", {"exit_code": 2}, False)
    assert [fact.text for fact in talk.facts if isinstance(fact, ToolProgress)] == ["a\n", "b\n"]


def test_an_output_that_is_told_whole_each_time_is_reported_as_it_grows() -> None:
    talk = Talk("opencode").ready()
    for text in ("a", "ab", "ab", "xy"):
        block = {"type": "content", "content": {"type": "text", "text": text}}
        talk.update("tool_call_update", **LS, status="in_progress", content=[block])
    assert [fact.text for fact in talk.facts if isinstance(fact, ToolProgress)] == ["a", "b", "xy"]


def test_a_tool_that_ran_although_the_task_denies_it_is_told_once() -> None:
    talk = Talk("opencode", rules=Rules("ask", disallowed=("ls",))).ready()
    for number in range(3):
        talk.update("tool_call", **{**LS, "toolCallId": str(number)}, status="completed")
    warnings = [fact.message for fact in talk.facts if isinstance(fact, TaskWarning)]
    assert warnings == ["The agent did not ask before it ran what this task denies: ls"]


def test_a_plan_is_the_checklist_and_one_that_says_the_same_is_passed_over() -> None:
    talk = Talk().ready()
    entries = [
        {"content": "a", "priority": "high", "status": "in_progress"},
        {"content": "b", "priority": "low", "status": "pending"},
        {"content": "c", "status": "cancelled"},
    ]
    talk.update("plan", entries=entries)
    talk.update("plan", entries=entries)
    talk.update("plan", entries=[{**entries[0], "status": "completed"}])
    assert [line for line in talk.lines if line.startswith("plan")] == [
        "plan a in_progress, b pending", "plan a completed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("TodoWrite", {"todos": [{"content": "x", "status": "in_progress"}]}),
        ("vibe.todo", {"todos": [{"content": "x", "status": "in_progress"}]}),
        ("update_plan", {"plan": [{"step": "x", "status": "in_progress"}]}),
        ("write_todos", {"todos": [{"description": "x", "status": "in_progress"}]}),
    ],
)
def test_a_plan_that_is_kept_by_a_tool(name: str, raw: dict[str, object]) -> None:
    talk = Talk().ready()
    talk.update("tool_call", toolCallId="p", name=name, status="pending", rawInput=raw)
    assert "plan x in_progress" in talk.lines
