"""Messages, questions and permissions in a talk with Claude Code that no capture shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasktui.domain.events.people import InputRequested
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.claude.dialogue import ClaudeDialogue
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.claude_talk import (
    DONE,
    INIT,
    answer,
    asks,
    calls,
    conclusion,
    ends,
    hear,
    talk,
    texts,
    took,
    write,
)
from tests.unit.executors.agents.replay import Replay

# --- messages of people


def test_a_message_before_the_session_stands_is_brought_when_it_does() -> None:
    replay = Replay(ClaudeDialogue(Start(shipped()["claude"], "do it", "/srv")))
    write(replay, "wait")
    assert texts(replay) == ["(initialize initialize-1)", "do it"]
    hear(replay, INIT)
    assert texts(replay)[2:] == ["wait"]


def test_a_message_that_is_to_wait_is_brought_after_the_turn() -> None:
    replay = talk(took("do it"))
    write(replay, "later", "queue")
    assert texts(replay)[2:] == []
    hear(replay, DONE)
    assert (texts(replay)[2:], replay.lines) == (["later"], [])
    hear(replay, took("later"), DONE)
    assert replay.lines == ["over"]


def test_a_message_that_interrupts_does_not_end_the_run() -> None:
    replay = talk(took("do it"), calls("Bash", command="sleep 9"))
    write(replay, "no, this", "interrupt", attachments=("/tmp/a.txt",))
    assert texts(replay)[2:] == [
        "(interrupt for-message-1)", "no, this\n\nAttached files:\n/tmp/a.txt",
    ]  # fmt: skip
    hear(replay, ends(content="rejected", error=True), {**DONE, "subtype": "error_during_execution"})
    assert replay.lines == ["tool Bash [execute]: sleep 9", "end Bash canceled: rejected"]
    hear(replay, took("no, this\n\nAttached files:\n/tmp/a.txt"), DONE)
    assert replay.lines[2:] == ["over"]
    assert conclusion(replay).status is Status.COMPLETED


def test_a_message_after_the_last_result_is_refused() -> None:
    replay = talk(took("do it"), DONE)
    write(replay, "one more thing")
    assert replay.lines == ["over", "refused: The agent has finished its work."]


def test_two_messages_that_the_agent_takes_in_as_one() -> None:
    replay = talk(took("do it"))
    write(replay, "a")
    write(replay, "b")
    hear(replay, took("a\nb"), DONE)
    assert replay.lines == ["over"]


def test_an_agent_that_repeats_nothing_answers_each_message_by_a_result() -> None:
    replay = talk(preset="qwen-stream")
    write(replay, "and this")
    hear(replay, DONE)
    assert replay.lines == []
    hear(replay, DONE)
    assert replay.lines == ["over"]


def test_a_stop_ends_the_run_though_messages_wait() -> None:
    replay = talk(took("do it"))
    write(replay, "more")
    write(replay, "later", "queue")
    replay.perform(replay.dialogue.stop())
    hear(replay, {"type": "result", "subtype": "error_during_execution", "is_error": True})
    assert (texts(replay)[-1], replay.lines) == ("(interrupt stop-1)", ["over"])
    assert conclusion(replay).status is Status.CANCELED


# --- questions and permissions


def test_one_question_and_its_answer() -> None:
    options = [{"label": "red", "description": "like fire"}, {"label": "blue"}]
    question = {"question": "Which?", "header": "Colour", "options": options, "multiSelect": True}
    replay = talk(asks("AskUserQuestion", questions=[question]))
    asked = next(fact for fact in replay.facts if isinstance(fact, InputRequested))
    assert (asked.question, asked.options) == ("Which?", ("red", "blue"))
    assert asked.context["options"] == {"red": "like fire", "blue": ""}
    answer(replay, "r1", "red, green")
    assert replay.said[-1]["response"]["response"] == {
        "behavior": "allow",
        "updatedInput": {"questions": [question], "answers": {"Which?": "red, green"}},
    }


def test_questions_asked_at_once_are_answered_at_once() -> None:
    replay = talk(asks("AskUserQuestion", questions=[{"question": "A?"}, {"question": "B?"}]))
    assert replay.lines[1:] == ["asks: A?", "asks: B?"]
    answer(replay, "r1/2", "two")
    assert len(replay.said) == 2
    answer(replay, "r1/1", "one")
    answers = replay.said[-1]["response"]["response"]["updatedInput"]["answers"]
    assert answers == {"A?": "one", "B?": "two"}


def test_qwen_code_knows_answers_by_number() -> None:
    replay = talk(asks("ask_user_question", questions=[{"question": "A?"}]), preset="qwen-stream")
    answer(replay, "r1", "one")
    assert replay.said[-1]["response"]["response"]["updatedInput"]["answers"] == {"0": "one"}


def test_a_question_that_nobody_answers_is_decided_by_the_agent() -> None:
    replay = talk(asks("AskUserQuestion", questions=[{"question": "A?"}]))
    answer(replay, "r1", "", "expired")
    assert "Decide by yourself" in replay.said[-1]["response"]["response"]["message"]


def test_an_edit_is_asked_for_with_its_diff() -> None:
    replay = talk(asks("Edit", file_path="/srv/a.py", old_string="x = 1\n", new_string="x = 2\n"))
    assert replay.lines == ["tool Edit [edit]: /srv/a.py", "may Edit: /srv/a.py"]
    context = replay.facts[-1].model_dump()["context"]
    assert context["diff"] == "--- a/srv/a.py\n+++ b/srv/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2"


def test_reads_are_allowed_by_their_kind_and_the_attachments_of_the_task_always() -> None:
    replay = talk(asks("Grep", pattern="x"), rules=Rules("reads"))
    assert json.loads(texts(replay)[-1])["behavior"] == "allow"
    replay = talk(asks("Read", file_path="/a.txt"), attachments=("/a.txt",))
    assert json.loads(texts(replay)[-1])["behavior"] == "allow"
    replay = talk(asks("Read", file_path="/b.txt"), attachments=("/a.txt",))
    assert replay.lines[-1] == "may Read: /b.txt"
    write(replay, "see", attachments=("/c.txt",))
    hear(replay, asks("Read", "r2", file_path="/c.txt"))
    assert json.loads(texts(replay)[-1])["behavior"] == "allow"


def test_a_question_that_is_taken_back_needs_no_answer() -> None:
    replay = talk(asks("Bash", command="ls"), {"type": "control_cancel_request", "request_id": "r1"})
    assert replay.lines[-1] == "expired r1: The agent took its question back."
    answer(replay, "r1", "", "allow")
    assert len(replay.said) == 2


def test_a_request_that_means_nothing_here_is_answered_all_the_same() -> None:
    hook = {"type": "control_request", "request_id": "h1", "request": {"subtype": "hook_callback"}}
    response = talk(hook).said[-1]["response"]
    assert (response["subtype"], response["request_id"]) == ("error", "h1")


def test_a_denial_by_a_rule_is_told_once() -> None:
    denial = {"tool_name": "Bash", "tool_use_id": "c1", "tool_input": {"command": "ls"}}
    replay = talk(asks("Bash", command="ls"), {**DONE, "permission_denials": [denial]}, rules=Rules("deny"))
    assert [line for line in replay.lines if line.startswith("warning")] == [
        "warning: Bash was denied by the policy deny: ls"
    ]
    assert conclusion(replay).reason is Reason.COMPLETED_WITH_ERRORS


def test_a_mode_that_asks_nobody_needs_a_task_that_may_all() -> None:
    def opened(rules: Rules) -> list[str]:
        return Replay(ClaudeDialogue(Start(shipped()["claude"], "do it", "/srv", rules, mode="yolo"))).lines

    assert opened(Rules("allow")) == []
    assert opened(Rules()) == [
        "warning: The mode yolo needs a task that may allow everything: the agent asks as usual."
    ]


@pytest.mark.parametrize("end", [ends(error=True), DONE], ids=["of the call", "of the turn"])
def test_a_permission_is_asked_of_nobody_once_the_agent_went_on_without_it(end: dict[str, Any]) -> None:
    """It gave up, or was interrupted, and some do not say so: the question would stand to the end."""
    replay = talk(asks("Bash", command="make"), end)
    assert "expired r1: The agent took its question back." in replay.lines
    before = len(replay.said)
    answer(replay, "r1", "", "allow")
    assert len(replay.said) == before
