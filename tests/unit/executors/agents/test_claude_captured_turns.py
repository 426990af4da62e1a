"""More streams of Claude Code 2.1.329: others that it calls, questions, edits, errors; read by hand."""

from __future__ import annotations

import pytest

from tasktui.domain.events.people import InputRequested
from tasktui.domain.events.work import ToolCompleted, ToolProgress, ToolStarted
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.claude.dialogue import ClaudeDialogue
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.claude_talk import conclusion
from tests.unit.executors.agents.replay import Replay, heard, recorded


def talk(word: str, policy: str = "ask") -> Replay:
    rules = Rules("allow") if policy == "allow" else Rules()
    return Replay(ClaudeDialogue(Start(shipped()["claude"], f"[[fake:{word}]] go", "/srv", rules)))


def rows(name: str, mark: bytes) -> tuple[list[bytes], list[bytes]]:
    lines = heard(name)
    at = next(at for at, line in enumerate(lines) if mark in line) + 1
    return lines[:at], lines[at:]


def test_a_run_is_not_over_while_others_work_for_it_in_the_background() -> None:
    replay = talk("sub")
    first, rest = rows("claude-stream-subagent", b'"result_index": 0')
    replay.hear(first)
    assert replay.lines[0:3] == [
        "linked session_id",
        "agent: I ask another.",
        (
            'tool Task [other]: {"description": "look around", "prompt": "[[fake:leaf]] look", '
            '"subagent_type": "general-purpose"}'
        ),
    ]
    assert replay.lines[3].startswith("end Task ok: Async agent launched successfully.")
    assert replay.lines[4:] == ["agent: It looked.", "status: It waits for others: look around"]
    assert replay.dialogue.conclusion() is None
    replay.hear(rest)
    assert replay.lines[6:8] == ["tool Bash [execute]: echo leaf", "end Bash ok: leaf"]
    assert replay.lines[8].startswith("agent: You said: hed</summary>")
    assert replay.lines[9:] == ["over"]
    bash = next(fact for fact in replay.facts if isinstance(fact, ToolStarted) and fact.name == "Bash")
    task = next(fact for fact in replay.facts if isinstance(fact, ToolStarted) and fact.name == "Task")
    assert bash.parent_message_id == task.call_id
    progress = [fact.text for fact in replay.facts if isinstance(fact, ToolProgress)]
    assert progress == ["Looking.", "Seen: leaf."]
    assert conclusion(replay).usage == {
        "input_tokens": 500, "output_tokens": 100, "cost_usd": 0.004, "models": ["fake-model"],
    }  # fmt: skip


def test_a_stop_between_turns_leaves_others_to_the_signal() -> None:
    replay = talk("sub")
    first, _ = rows("claude-stream-subagent", b'"name": "Bash"')
    replay.hear(first)
    assert list(replay.dialogue.stop()) == [], "no turn goes on that could be interrupted"
    replay.end(stopped=True, code=143)
    assert replay.lines[-1] == "end Bash canceled: "
    assert replay.dialogue.conclusion() is None


def test_others_that_end_without_waking_it_are_waited_for_no_longer() -> None:
    replay = talk("sub")
    first, _ = rows("claude-stream-subagent", b'"result_index": 0')
    replay.hear([*first, b'{"type":"system","subtype":"background_tasks_changed","tasks":[]}'])
    assert replay.lines[-1] == "over"


def test_a_shell_in_the_background_keeps_no_run_alive() -> None:
    shells = b'{"type":"system","subtype":"background_tasks_changed","tasks":[{"task_type":"local_bash"}]}'
    replay = talk("ask")
    replay.hear([shells, *heard("claude-stream-question")])
    assert replay.lines[-1] == "over"


def test_a_question_and_its_answer_are_what_the_recorded_client_said() -> None:
    replay = talk("ask", "allow")
    first, rest = rows("claude-stream-question", b"can_use_tool")
    replay.hear(first)
    asked = next(fact for fact in replay.facts if isinstance(fact, InputRequested))
    assert (asked.question, asked.options) == ("Which colour?", ("red", "blue"))
    key = asked.request_id
    replay.perform(replay.dialogue.answer(Delivery(key, "blue", "answer", "you", key, "answer")))
    assert replay.said[-1] == recorded("claude-stream-question")[-1]
    replay.hear(rest)
    assert replay.lines[-3:] == [
        (
            'end AskUserQuestion ok: Your questions have been answered: "Which colour?"="blue". '
            "You can now continue with these answers in mind."
        ),
        "agent: Thank you.",
        "over",
    ]


def test_edits_are_diffs_with_their_place() -> None:
    replay = talk("edit", "allow")
    replay.hear(heard("claude-stream-edit"))
    tools = [line for line in replay.lines if line.startswith("tool")]
    here = "/home/dev/projects/cs"
    assert tools == [
        f"tool Read [read]: {here}/poem.txt",
        f"tool Edit [edit]: {here}/poem.txt",
        f"tool Write [edit]: {here}/new.txt",
    ]
    name = here.lstrip("/")
    assert [fact.diff for fact in replay.facts if isinstance(fact, ToolCompleted)] == [
        None,
        f"--- a/{name}/poem.txt\n+++ b/{name}/poem.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+deux\n three",
        f"--- /dev/null\n+++ b/{name}/new.txt\n@@ -0,0 +1,2 @@\n+alpha\n+beta",
    ]
    theirs = [said for said in recorded("claude-stream-edit") if said["type"] == "control_response"]
    assert replay.said[2:] == theirs


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("apierror", "API Error: 400 scripted failure"),
        ("nologin", "Not logged in · Please run /login"),
    ],
)
def test_an_error_that_calls_itself_a_success_is_a_failure(name: str, error: str) -> None:
    replay = talk({"apierror": "boom", "nologin": "hello"}[name])
    replay.hear(heard(f"claude-stream-{name}"))
    assert replay.lines == ["linked session_id", f"agent: {error}", "over"]
    ended = conclusion(replay)
    assert (ended.status, ended.reason, ended.error) == (Status.FAILED, Reason.ERROR, error)
    assert ended.result is None
