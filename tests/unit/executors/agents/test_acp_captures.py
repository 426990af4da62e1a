"""Streams of real agents of the Agent Client Protocol: what a person would see of each, read by hand.

Each replay also shows that our lines are those which the recording client said.
"""

from __future__ import annotations

import pytest

from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.events.work import ToolCompleted, UsageContext, UsageTokens
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.acp.dialogue import AcpDialogue
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.acp_replay import Played
from tests.unit.executors.agents.replay import CAPTURES, Replay, heard

LINKED = "linked session_id"
COMMAND = "echo scripted > made-by-shell.txt && cat made-by-shell.txt"
SLOW = "agent: Starting a slow command."
SHELL = "agent: I will run a shell command."
RAN = "agent: All done: the command ran."
WRITE = "agent: I will write a file."
WRITTEN = "agent: All done: the file is written."
THOUGHT = "thought: I should create the file first."
CODEX = (
    "agent: Warning: Model metadata for `fake-model` not found. Defaulting to fallback metadata; "
    "this can degrade performance and cause issues.\n\n"
)
DIFF = "--- /dev/null\n+++ b/notes.md\n@@ -0,0 +1,2 @@\n+# Notes\n+written by the scripted model"
HISTORY = (
    "status: The session's history was read again: pieces 1 of a person, 2 of the agent, "
    "1 of its thoughts, 1 of its tools."
)
CREATED = (
    "File created successfully at: notes.md (file state is current in your context — no need to Read it back)"
)

SEEN: dict[str, list[str]] = {
    "acp-sdk-example": [LINKED, "agent: Client sent:[[fake:shell]] please go", "over"],
    "acp-claude-task": [LINKED, "agent: todo done", "over"],
    "acp-claude-shell": [
        LINKED, THOUGHT, SHELL, f"tool Bash [execute]: {COMMAND}", f"may Bash: {COMMAND}",
        "end Bash ok: scripted", RAN, "over",
    ],
    "acp-claude-reject": [
        LINKED, THOUGHT, SHELL, f"tool Bash [execute]: {COMMAND}", f"may Bash: {COMMAND}",
        "end Bash failed: User refused permission to run tool", RAN, "over",
    ],
    "acp-claude-write": [
        LINKED, WRITE, "tool Write [edit]: notes.md",
        "may Write: Write /home/dev/projects/acp-claude/notes.md", f"end Write ok: {CREATED}", WRITTEN,
        "over",
    ],
    "acp-claude-load": [
        HISTORY, LINKED, "agent: You said: hello again", "over",
    ],
    "acp-codex-readonly": [LINKED, CODEX, WRITE, WRITTEN, "over"],
    "acp-codex-resume": [LINKED, CODEX, "agent: You said: hello again", "over"],
    "acp-codex-shell": [
        LINKED, CODEX, "thought: \n\nI should create the file first.", SHELL,
        f"tool exec_command [execute]: {COMMAND}", "end exec_command ok: scripted", RAN, "over",
    ],
    "acp-gemini-shell": [
        LINKED, "thought: ****\nI should cre****\nate the file****\nfirst.", SHELL,
        f"tool run_shell_command [execute]: {COMMAND}", f"may run_shell_command: {COMMAND}",
        "end run_shell_command ok: ", RAN, "over",
    ],
    "acp-gemini-write": [
        LINKED, WRITE, "tool write_file [edit]: /home/dev/projects/acp-gemini/notes.md",
        "may write_file: write_file /home/dev/projects/acp-gemini/notes.md",
        f"end write_file ok: {DIFF}", WRITTEN, "over",
    ],
    "acp-gemini-slowcancel": [
        LINKED, SLOW, "tool run_shell_command [execute]: sleep 8; echo slept",
        "may run_shell_command: sleep 8; echo slept",
        "end run_shell_command canceled: Command cancelled by user.", "over",
    ],
    "acp-opencode-shell": [
        LINKED, THOUGHT, SHELL, f"tool bash [execute]: {COMMAND}", "end bash ok: scripted", RAN, "over",
    ],
    "acp-opencode-write": [
        LINKED, WRITE, "tool write [edit]: notes.md", "end write ok: Wrote file successfully.",
        WRITTEN, "over",
    ],
    "acp-opencode-inject": [
        LINKED, SLOW, "tool bash [execute]: sleep 8; echo slept", "end bash ok: slept",
        "agent: You said: INTERVENTION: please also mention bananas", "over",
    ],
    "acp-opencode-slowcancel": [
        LINKED, SLOW, "tool bash [execute]: sleep 8; echo slept",
        "end bash canceled: (no output)\n\n<shell_metadata>\nUser aborted the command\n</shell_metadata>",
        "over",
    ],
}  # fmt: skip


def played(name: str) -> Played:
    replay = Played(name, mode="read-only" if name == "acp-codex-readonly" else "agent")
    replay.end()
    assert replay.compared == len(replay.said)
    return replay


@pytest.mark.parametrize("name", sorted(SEEN))
def test_what_is_seen_of_a_talk(name: str) -> None:
    replay = played(name)
    assert replay.lines == SEEN[name]
    said = replay.dialogue.conclusion()
    canceled = name.endswith("cancel")
    assert said is not None
    assert said.status is (Status.CANCELED if canceled else Status.COMPLETED)
    assert said.reason is (Reason.CANCELED if canceled else Reason.COMPLETED)
    assert said.evidence == ("stopReason cancelled after a cancel" if canceled else "stopReason end_turn")
    assert said.result == next(
        line.removeprefix("agent: ") for line in reversed(replay.lines) if line.startswith("agent: ")
    )


def test_claude_folds_a_message_into_its_turn_and_ends_after_both_answers() -> None:
    lines = played("acp-claude-inject").lines
    assert lines[:4] == [
        LINKED, SLOW, "tool Bash [execute]: sleep 8; echo slept", "end Bash ok: slept",
    ]  # fmt: skip
    assert "INTERVENTION: please also mention bananas" in lines[4]
    assert lines[5:] == ["over"]


def test_claude_stops_its_tool_and_says_so_at_length() -> None:
    replay = played("acp-claude-slowcancel")
    tool = next(fact for fact in replay.facts if isinstance(fact, ToolCompleted))
    assert tool.canceled
    assert not tool.ok
    assert "this call was stopped while running" in (tool.output or "")
    assert replay.lines[-1] == "over"


def test_opencode_keeps_its_plan_by_a_tool() -> None:
    lines = [line for line in played("acp-opencode-plan").lines if line.startswith(("plan", "end bash"))]
    assert lines == [
        "plan write the code in_progress, run the tests pending",
        "end bash ok: step1",
        "plan write the code completed, run the tests completed",
    ]


def test_gemini_that_wants_our_files_is_told_that_there_are_none() -> None:
    """The recording client offered files; ours does not, and an agent that asks anyway gets its answer."""
    replay = Replay(AcpDialogue(Start(shipped()["gemini"], "[[fake:write]] go", "/w")))
    for line in heard("acp-gemini-fs"):
        replay.hear([line.replace(b'"id": 2, "result"', b'"id": 3, "result"')
                    .replace(b'"id": 1, "result"', b'"id": 2, "result"')
                    .replace(b'"id": 0, "result"', b'"id": 1, "result"')])  # fmt: skip
    assert replay.said[3:] == [
        {"jsonrpc": "2.0", "id": number, "error": {
            "code": -32601, "message": "tasktui does not offer fs/read_text_file",
        }}
        for number in (0, 1)
    ]  # fmt: skip
    assert replay.lines == [
        LINKED, "warning: The agent asked for what tasktui does not offer: fs/read_text_file", WRITE,
        "tool write_file [edit]: /home/dev/projects/acp-gemini/notes.md",
        "end write_file failed: Error checking existing file: Resource not found", WRITTEN, "over",
    ]  # fmt: skip


def test_a_write_shows_its_diff_with_the_question_and_at_its_end() -> None:
    replay = played("acp-claude-write")
    asked = next(fact for fact in replay.facts if isinstance(fact, ApprovalRequested))
    assert asked.context["diff"] == DIFF
    assert asked.context["cwd"] == "/home/dev/projects/acp-claude"
    assert asked.options == ("Yes", "Yes, allow all edits during this session", "No")
    assert next(fact.diff for fact in replay.facts if isinstance(fact, ToolCompleted)) == DIFF


def test_codex_tells_the_exit_code_of_a_command() -> None:
    ends = [fact for fact in played("acp-codex-shell").facts if isinstance(fact, ToolCompleted)]
    assert [fact.metadata for fact in ends] == [{"exit_code": 0}]


def test_tokens_and_money_are_told_as_they_grow() -> None:
    replay = played("acp-claude-inject")
    tokens = [fact for fact in replay.facts if isinstance(fact, UsageTokens)]
    assert (tokens[-1].input_tokens, tokens[-1].output_tokens) == (200, 40)
    assert tokens[-1].cost_usd == pytest.approx(0.0032)
    assert any(isinstance(fact, UsageContext) and fact.max_tokens == 200_000 for fact in replay.facts)
    said = replay.dialogue.conclusion()
    assert said is not None
    assert said.usage == {"input_tokens": 200, "output_tokens": 40, "cost_usd": pytest.approx(0.0032)}


def test_gemini_tells_its_tokens_in_a_quota() -> None:
    said = played("acp-gemini-shell").dialogue.conclusion()
    assert said is not None
    assert said.usage == {"input_tokens": 200, "output_tokens": 40}


def test_every_capture_is_read() -> None:
    named = {"acp-claude-inject", "acp-claude-slowcancel", "acp-opencode-plan", "acp-gemini-fs"}
    assert {path.stem for path in CAPTURES.glob("acp-*.jsonl")} == set(SEEN) | named
