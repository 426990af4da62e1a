"""Streams of Claude Code 2.1.329 through its dialogue: what a person would see of each, read by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tasktui.domain.events.lifecycle import TaskLinked
from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.events.work import MessageDelta, UsageContext, UsageTokens
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.claude.dialogue import ClaudeDialogue
from tasktui.executors.agents.dialogue import Conclusion
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.replay import CAPTURES, Replay, heard, recorded

CWD = "/home/dev/projects/cs-permission"
COMMAND = "echo scripted > made-by-shell.txt && cat made-by-shell.txt"
LINKED = "linked session_id"
THOUGHT = "thought: I should create the file first."
SHELL = [
    LINKED,
    THOUGHT,
    "agent: I will run a shell command.",
    f"tool Bash [execute]: {COMMAND}",
    "end Bash ok: scripted",
    "agent: All done: the command ran.",
    "over",
]
SLOW = [LINKED, "agent: Starting a slow command.", "tool Bash [execute]: sleep 8; echo slept"]


def talk(prompt: str = "[[fake:shell]] go", **more: Any) -> Replay:
    return Replay(ClaudeDialogue(Start(shipped()["claude"], prompt, CWD, **more)))


def replayed(name: str, **more: Any) -> Replay:
    replay = talk(**more)
    replay.hear(heard(name))
    return replay


def conclusion(replay: Replay) -> Conclusion:
    said = replay.dialogue.conclusion()
    assert said is not None
    return said


def until(name: str, mark: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the lines up to the first with that mark, and those after it."""
    lines = heard(name)
    at = next(at for at, line in enumerate(lines) if mark in line) + 1
    return lines[:at], lines[at:]


def test_a_shell_command_whole_messages_only() -> None:
    replay = replayed("claude-shell")
    assert replay.lines == SHELL
    assert conclusion(replay) == Conclusion(
        Status.COMPLETED, Reason.COMPLETED, "result success, completed", result="All done: the command ran.",
        usage={"input_tokens": 200, "output_tokens": 40, "cost_usd": 0.0016, "models": ["fake-model"]},
    )  # fmt: skip
    assert [fact.session_id for fact in replay.facts if isinstance(fact, TaskLinked)] == [
        "522fc977-89de-4f14-98ba-9c4faf541e6e"
    ]


def test_a_session_taken_up_again_counts_what_this_run_used() -> None:
    replay = replayed("claude-resume", session_id="522fc977-89de-4f14-98ba-9c4faf541e6e")
    assert replay.lines == [LINKED, "agent: You said: and what now", "over"]
    assert conclusion(replay).usage == {
        "input_tokens": 100, "output_tokens": 20, "cost_usd": 0.0008, "models": ["fake-model"],
    }  # fmt: skip


def test_a_tool_that_is_not_there_fails_and_the_agent_goes_on() -> None:
    command = f'{{"command": "{COMMAND}"}}'
    replay = replayed("claude-disallowed")
    assert replay.lines == [
        LINKED,
        THOUGHT,
        "agent: I will run a shell command.",
        f"tool shell [other]: {command}",
        "end shell failed: <tool_use_error>Error: No such tool available: shell</tool_use_error>",
        "agent: All done: the command ran.",
        "over",
    ]
    assert conclusion(replay).reason is Reason.COMPLETED


def test_success_without_a_permission_is_told_from_a_whole_one() -> None:
    replay = replayed("claude-nopermission")
    here = "/home/dev/projects/claude"
    why = (
        f"Output redirection to '{here}/made-by-shell.txt' needs approval. The path is inside the working "
        f"directories for this session ('{here}'), and Claude Code asks before a shell command creates, "
        "changes or removes files there."
    )
    assert replay.lines == [
        *SHELL[:4],
        f"end Bash failed: {why}",
        "agent: All done: the command ran.",
        f"warning: Bash was not permitted: {COMMAND}",
        "over",
    ]
    ended = conclusion(replay)
    assert (ended.status, ended.reason) == (Status.COMPLETED, Reason.COMPLETED_WITH_ERRORS)


def test_a_plan_by_an_unknown_tool_is_a_tool_call() -> None:
    first = '{"items": [{"text": "write the code", "status": "in_progress"}, '
    last = '{"items": [{"text": "write the code", "status": "completed"}, '
    none = "<tool_use_error>Error: No such tool available: plan</tool_use_error>"
    assert replayed("claude-plan").lines == [
        LINKED,
        "agent: Planning.",
        f'tool plan [other]: {first}{{"text": "run the tests", "status": "pending"}}]}}',
        f"end plan failed: {none}",
        "tool Bash [execute]: echo step1",
        "end Bash ok: step1",
        f'tool plan [other]: {last}{{"text": "run the tests", "status": "completed"}}]}}',
        f"end plan failed: {none}",
        "agent: Plan finished.",
        "over",
    ]


def test_a_permission_is_asked_of_a_person_and_the_answer_reaches_the_agent() -> None:
    replay = talk()
    before, after = until("claude-stream-permission", b"can_use_tool")
    replay.hear(before)
    assert replay.lines == [*SHELL[:4], f"may Bash: {COMMAND}"]
    asked = next(fact for fact in replay.facts if isinstance(fact, ApprovalRequested))
    assert asked.context == {
        "cwd": CWD,
        "reason": "run a command",
        "path": f"{CWD}/made-by-shell.txt",
        "input": {"command": COMMAND, "description": "run a command"},
    }
    key = asked.request_id
    for _ in range(2):
        replay.perform(replay.dialogue.answer(Delivery(key, "", "answer", "you", key, "allow")))
    assert len(replay.said) == 3, "a second copy of an answer is passed over"
    assert replay.said[-1] == recorded("claude-stream-permission")[-1]
    replay.hear(after)
    assert replay.lines[5:] == SHELL[4:]
    assert conclusion(replay).reason is Reason.COMPLETED


def test_what_we_say_first_is_what_the_recorded_client_said() -> None:
    initialize, prompt = talk().said
    theirs = recorded("claude-stream-permission")
    assert initialize["request"]["subtype"] == theirs[0]["request"]["subtype"]
    assert prompt["message"] == theirs[1]["message"]


def test_a_denied_call_says_why_and_the_agent_reads_it() -> None:
    replay = talk()
    before, _ = until("claude-stream-permission", b"can_use_tool")
    replay.hear(before)
    key = "0f192463-6814-44c9-b34d-a85d61449ced"
    replay.perform(replay.dialogue.answer(Delivery(key, "not on this disk", "answer", "you", key, "deny")))
    assert replay.said[-1]["response"] == {
        "subtype": "success", "request_id": key,
        "response": {"behavior": "deny", "message": "not on this disk"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "behavior", "line"),
    [
        (Rules("allow"), "allow", None),
        (Rules(allowed=("Bash",)), "allow", None),
        (Rules("deny"), "deny", f"warning: Bash was denied by the policy deny: {COMMAND}"),
        (
            Rules("allow", disallowed=("Bash(echo *)",)),
            "deny",
            f"warning: Bash was denied by the rule Bash(echo *): {COMMAND}",
        ),
    ],
)
def test_rules_decide_before_a_person_is_asked(rules: Rules, behavior: str, line: str | None) -> None:
    replay = talk(rules=rules)
    replay.hear(until("claude-stream-permission", b"can_use_tool")[0])
    assert replay.said[-1]["response"]["response"]["behavior"] == behavior
    assert replay.lines[4:] == ([] if line is None else [line])


def test_every_piece_of_a_message_comes_once() -> None:
    replay = replayed("claude-stream-permission", rules=Rules("allow"))
    assert replay.lines == SHELL
    pieces = [fact for fact in replay.facts if isinstance(fact, MessageDelta)]
    assert "".join(fact.delta for fact in pieces if fact.role == "agent") == (
        "I will run a shell command.All done: the command ran."
    )
    assert "".join(fact.delta for fact in pieces if fact.role == "thought") == (
        "I should create the file first."
    )
    live = [fact for fact in replay.facts if isinstance(fact, UsageTokens)]
    assert [(fact.input_tokens, fact.output_tokens) for fact in live] == [(100, 20), (200, 40), (200, 40)]
    assert live[-1].cost_usd == 0.0016
    assert [fact.max_tokens for fact in replay.facts if isinstance(fact, UsageContext)] == [1_000_000]


def test_a_message_during_the_run_joins_it_and_the_run_ends_once() -> None:
    replay = talk("[[fake:slow]] go")
    before, after = until("claude-stream-inject", b"tool_use_id")
    replay.hear(before)
    text = "INTERVENTION: mention bananas"
    replay.perform(replay.dialogue.message(Delivery("i1", text, "steer", "you")))
    assert replay.said[-1]["message"] == recorded("claude-stream-inject")[-1]["message"]
    replay.hear(after)
    assert replay.lines[:4] == [*SLOW, "end Bash ok: slept"]
    assert replay.lines[4].startswith("agent: You said: the user's own instructions")
    assert replay.lines[5:] == ["over"]


def test_a_result_before_a_message_was_taken_in_is_not_the_end() -> None:
    replay = talk()
    replay.hear(until("claude-stream-permission", b"isReplay")[0])
    replay.perform(replay.dialogue.message(Delivery("i1", "and now?", "steer", "you")))
    replay.hear(until("claude-stream-permission", b"isReplay")[1])
    assert "over" not in replay.lines
    assert replay.dialogue.conclusion() is None, "the good end of a turn is not that of the run"
    again = b'{"type":"user","isReplay":true,"message":{"content":[{"type":"text","text":"and now?"}]}}'
    replay.hear([again, b'{"type":"result","subtype":"success","result":"now it is"}'])
    assert replay.lines[-1] == "over"
    assert conclusion(replay).result == "now it is"


def test_an_interrupt_that_we_asked_for_is_a_cancel() -> None:
    replay = talk("[[fake:slow]] go")
    before, after = until("claude-stream-interrupt", b"message_stop")
    replay.hear(before)
    replay.perform(replay.dialogue.stop())
    assert replay.said[-1]["request"] == recorded("claude-stream-interrupt")[-1]["request"]
    replay.hear(after)
    assert replay.lines[:3] == SLOW
    assert replay.lines[3].startswith("end Bash canceled: The user doesn't want to proceed")
    assert replay.lines[4:] == ["over"]
    ended = conclusion(replay)
    assert (ended.status, ended.reason) == (Status.CANCELED, Reason.CANCELED)
    assert ended.evidence == "result error_during_execution, aborted_tools"
    assert list(replay.dialogue.stop()) == [], "there is nothing left to stop"


def test_an_interrupt_from_elsewhere_is_a_failure_whatever_the_exit_code() -> None:
    replay = replayed("claude-stream-sigint", prompt="[[fake:slow]] go")
    assert replay.lines[3].startswith("end Bash failed: The user doesn't want to proceed")
    replay.end(code=0)
    ended = conclusion(replay)
    assert (ended.status, ended.error) == (Status.FAILED, "The agent stopped before it was done.")


def test_an_agent_that_vanishes_leaves_nothing_open_and_no_word() -> None:
    replay = talk("[[fake:slow]] go")
    replay.hear(until("claude-stream-inject", b"task_started")[0])
    replay.end(code=143)
    assert replay.lines == [*SLOW, "end Bash failed: "]
    assert replay.dialogue.conclusion() is None


def test_every_capture_of_this_protocol_is_read_here_or_beside() -> None:
    tested = {
        "claude-disallowed", "claude-nopermission", "claude-plan", "claude-resume", "claude-shell",
        "claude-stream-inject", "claude-stream-interrupt", "claude-stream-permission", "claude-stream-sigint",
        "claude-stream-apierror", "claude-stream-edit", "claude-stream-nologin", "claude-stream-question",
        "claude-stream-subagent",
    }  # fmt: skip
    assert {path.stem for path in CAPTURES.glob("claude-*.jsonl")} == tested
