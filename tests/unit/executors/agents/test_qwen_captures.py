"""Streams of Qwen Code 0.24.4, which speaks as Claude Code does, through the same dialogue; read by hand."""

from __future__ import annotations

from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.claude.dialogue import ClaudeDialogue
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.claude_talk import conclusion
from tests.unit.executors.agents.replay import Replay, heard, recorded

COMMAND = "echo scripted > made-by-shell.txt && cat made-by-shell.txt"
ASKED = [
    "linked session_id",
    "thought: I should create the file first.",
    "agent: I will run a shell command.",
    f"tool run_shell_command [execute]: {COMMAND}",
    f"may run_shell_command: {COMMAND}",
]


def talk(word: str) -> Replay:
    return Replay(ClaudeDialogue(Start(shipped()["qwen-stream"], f"[[fake:{word}]] go", "/srv")))


def decided(name: str, decision: str, text: str = "") -> Replay:
    replay = talk("shell")
    lines = heard(name)
    at = next(at for at, line in enumerate(lines) if b"can_use_tool" in line) + 1
    replay.hear(lines[:at])
    key = next(fact.request_id for fact in replay.facts if isinstance(fact, ApprovalRequested))
    replay.perform(replay.dialogue.answer(Delivery(key, text, "answer", "you", key, decision)))
    assert replay.said == recorded(name), "word for word what the recording client said"
    replay.hear(lines[at:])
    return replay


def test_a_permission_given() -> None:
    replay = decided("qwen-stream-shell", "allow")
    assert replay.lines == [
        *ASKED, "end run_shell_command ok: scripted", "agent: All done: the command ran.", "over",
    ]  # fmt: skip
    ended = conclusion(replay)
    assert (ended.status, ended.reason) == (Status.COMPLETED, Reason.COMPLETED)
    assert ended.usage == {"input_tokens": 300, "output_tokens": 60}


def test_a_permission_refused() -> None:
    replay = decided("qwen-stream-denied", "deny", "no")
    assert replay.lines[5:] == [
        "end run_shell_command failed: [Operation Cancelled] Reason: no",
        "agent: All done: the command ran.",
        "over",
    ]
    assert conclusion(replay).reason is Reason.COMPLETED_WITH_ERRORS, "though it tells of no denial itself"


def test_a_message_is_a_turn_of_its_own() -> None:
    replay = talk("slow")
    lines = heard("qwen-stream-queue")
    at = next(at for at, line in enumerate(lines) if b'"tool_use"' in line) + 1
    replay.hear(lines[:at])
    replay.perform(replay.dialogue.message(Delivery("i1", "mention bananas", "steer", "you")))
    assert replay.said == recorded("qwen-stream-queue")
    replay.hear(lines[at:])
    assert [line for line in replay.lines if line.startswith(("linked", "tool", "over"))] == [
        "linked session_id", "tool run_shell_command [execute]: sleep 8; echo slept", "over",
    ]  # fmt: skip
    assert replay.lines[-2:] == ["agent: You said: mention bananas", "over"]
    assert conclusion(replay).usage == {"input_tokens": 400, "output_tokens": 80}
