"""Streams of Codex 0.169 through its two dialogues: what a person would see of each, read by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.events.work import MessageDelta, RuntimeEvent, UsageTokens
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Status
from tasktui.executors.agents.codex.dialogue import CodexDialogue, argv
from tasktui.executors.agents.codex.exec import CodexExecDialogue
from tasktui.executors.agents.codex.exec import argv as exec_argv
from tasktui.executors.agents.codex.warnings import MAX_STRANGE
from tasktui.executors.agents.dialogue import Conclusion
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.replay import Replay, heard, recorded

CWD = "/home/dev/projects/cas-approval"
COMMAND = "echo scripted > made-by-shell.txt && cat made-by-shell.txt"
BWRAP = "warning: Codex could not find bubblewrap on PATH."
MODEL = "warning: Model metadata for `fake-model` not found."


def start(prompt: str = "[[fake:shell]] go", **more: Any) -> Start:
    return Start(shipped()["codex"], prompt, CWD, version="0", **more)


def server(name: str, **more: Any) -> Replay:
    replay = Replay(CodexDialogue(start(**more)))
    replay.hear(heard(name))
    return replay


def of_work(replay: Replay) -> list[str]:
    return [line for line in replay.lines if not line.startswith(("warning", "linked"))]


def conclusion(replay: Replay) -> Conclusion:
    said = replay.dialogue.conclusion()
    assert said is not None
    return said


def test_a_permission_is_asked_of_a_person_and_the_answer_reaches_the_server() -> None:
    replay = Replay(CodexDialogue(start()))
    lines = heard("codex-appserver-approval")
    asked = next(at for at, line in enumerate(lines) if b"requestApproval" in line)
    replay.hear(lines[: asked + 1])
    assert of_work(replay) == [
        "thought: I should create the file first.",
        "agent: I will run a shell command.",
        f"tool shell [execute]: {COMMAND}",
        f"may shell: {COMMAND}",
    ]
    allow = Delivery("codex-1-0", "", "answer", "you", "codex-1-0", "allow")
    replay.perform(replay.dialogue.answer(allow))
    replay.perform(replay.dialogue.answer(allow))
    assert replay.said[-1] == {"id": 0, "result": {"decision": "accept"}}
    assert sum(said.get("id") == 0 for said in replay.said) == 1, "a second copy of an answer is passed over"
    replay.hear(lines[asked + 1 :])
    assert of_work(replay)[4:] == ["end shell ok: scripted", "agent: All done: the command ran.", "over"]
    ended = conclusion(replay)
    assert (ended.status, ended.result) == (Status.COMPLETED, "All done: the command ran.")
    assert ended.usage == {"input_tokens": 200, "output_tokens": 40}


def test_what_we_say_is_what_the_recorded_client_said() -> None:
    replay = server("codex-appserver-approval")
    ours = [(said.get("id"), said.get("method")) for said in replay.said]
    theirs = [(said.get("id"), said.get("method")) for said in recorded("codex-appserver-approval")]
    assert ours == [one for one in theirs if one[1] is not None], "but for the answer, which a person gives"
    thread = next(said["params"] for said in replay.said if said.get("method") == "thread/start")
    assert thread == {"cwd": CWD, "approvalPolicy": "untrusted", "sandbox": "workspace-write"}


def test_every_piece_of_a_message_comes_once() -> None:
    replay = server("codex-appserver-approval")
    pieces = [fact.delta for fact in replay.facts if isinstance(fact, MessageDelta) and fact.role == "agent"]
    assert "".join(pieces) == "I will run a shell command.All done: the command ran."
    assert any(isinstance(fact, UsageTokens) and fact.input_tokens == 200 for fact in replay.facts)


@pytest.mark.parametrize(("rules", "decision", "word"), [
    (Rules(allowed=("shell",)), "accept", "allowed"), (Rules("deny"), "decline", "denied"),
    (Rules(disallowed=("shell(*made-by*)",)), "decline", "denied"),
])  # fmt: skip
def test_rules_decide_before_a_person(rules: Rules, decision: str, word: str) -> None:
    replay = server("codex-appserver-approval", rules=rules)
    assert {"id": 0, "result": {"decision": decision}} in replay.said
    assert f"status: shell {word} by rule: {COMMAND}" in replay.lines
    assert not any(line.startswith("may") for line in replay.lines)


def test_an_interrupted_turn_ends_what_codex_leaves_open() -> None:
    replay = Replay(CodexDialogue(start("[[fake:slow]] go")))
    lines = heard("codex-appserver-interrupt")
    running = next(at for at, line in enumerate(lines) if b"commandExecution" in line)
    replay.hear(lines[: running + 1])
    replay.perform(replay.dialogue.stop())
    replay.perform(replay.dialogue.stop())
    turns = [said for said in replay.said if said.get("method") == "turn/interrupt"]
    assert [turn["id"] for turn in turns] == [4], "asked once, as the recorded client did"
    assert turns[0]["params"] == recorded("codex-appserver-interrupt")[-1]["params"]
    replay.hear(lines[running + 1 :])
    assert of_work(replay)[-3:] == [
        "tool shell [execute]: sleep 8; echo slept",
        "end shell canceled: ",
        "over",
    ]
    assert conclusion(replay).status is Status.CANCELED


def test_a_plan_that_codex_does_not_tell_is_none() -> None:
    replay = server("codex-appserver-plan")
    assert of_work(replay) == [
        "agent: Planning.", "tool shell [execute]: echo step1", "end shell ok: step1",
        "agent: Plan finished.", "over",
    ]  # fmt: skip


def test_a_plan_update_is_the_checklist() -> None:
    replay = Replay(CodexDialogue(start()))
    plan = [
        {"step": "look", "status": "completed"},
        {"step": "write", "status": "inProgress"},
        {"step": "test"},
    ]
    replay.hear([json.dumps({"method": "turn/plan/updated", "params": {"plan": plan}}).encode()])
    assert replay.lines == ["plan look completed, write in_progress, test pending"]


def test_a_thread_is_taken_up_again() -> None:
    replay = server("codex-appserver-resume", session_id="01a1fa00")
    resumed = next(said for said in replay.said if said.get("method") == "thread/resume")
    assert resumed["params"]["threadId"] == "01a1fa00"
    assert of_work(replay)[-1] == "over"
    assert conclusion(replay).status is Status.COMPLETED


def test_a_shell_command_whole() -> None:
    replay = server("codex-appserver-shell", rules=Rules(allowed=("shell",)))
    assert f"tool shell [execute]: {COMMAND}" in replay.lines
    assert conclusion(replay).status is Status.COMPLETED
    assert not [fact for fact in replay.facts if isinstance(fact, RuntimeEvent)], "nothing in it is unknown"


def working() -> tuple[Replay, list[bytes]]:
    replay = Replay(CodexDialogue(start("[[fake:slow]] go")))
    lines = heard("codex-appserver-interrupt")
    running = next(at for at, line in enumerate(lines) if b"commandExecution" in line)
    replay.hear(lines[: running + 1])
    return replay, lines[running + 1 :]


def test_a_message_steers_the_turn_that_goes_on() -> None:
    replay, _ = working()
    replay.perform(replay.dialogue.message(Delivery("m1", "and the tests", "steer", "you")))
    steer = replay.said[-1]
    assert steer["method"] == "turn/steer"
    assert steer["params"]["input"] == [{"type": "text", "text": "and the tests"}]
    assert steer["params"]["expectedTurnId"]


def test_a_message_that_came_too_late_for_its_turn_begins_the_next() -> None:
    replay, _ = working()
    replay.perform(replay.dialogue.message(Delivery("m1", "and the tests", "steer", "you")))
    number = replay.said[-1]["id"]
    done = {"method": "turn/completed", "params": {"turn": {"id": "x", "status": "completed"}}}
    replay.hear([json.dumps(done).encode()])
    assert "over" not in replay.lines, "the message is still on its way"
    replay.hear([json.dumps({"id": number, "error": {"message": "no active turn"}}).encode()])
    assert replay.said[-1]["method"] == "turn/start"
    assert replay.said[-1]["params"]["input"][0]["text"] == "and the tests"


def test_a_message_that_was_taken_by_a_turn_that_has_ended_keeps_no_task_waiting() -> None:
    """Nothing more would come: the task went on for ever."""
    replay, _ = working()
    replay.perform(replay.dialogue.message(Delivery("m1", "and the tests", "steer", "you")))
    number = replay.said[-1]["id"]
    done = {"method": "turn/completed", "params": {"turn": {"id": "x", "status": "completed"}}}
    taken = {"id": number, "result": {"turnId": "x"}}
    replay.hear([json.dumps(done).encode(), json.dumps(taken).encode()])
    assert replay.lines[-1] == "over"
    assert conclusion(replay).status is Status.COMPLETED


def test_a_message_that_came_after_the_turn_begins_the_next_when_the_one_before_was_taken() -> None:
    replay, _ = working()
    replay.perform(replay.dialogue.message(Delivery("m1", "and the tests", "steer", "you")))
    number = replay.said[-1]["id"]
    done = {"method": "turn/completed", "params": {"turn": {"id": "x", "status": "completed"}}}
    replay.hear([json.dumps(done).encode()])
    replay.perform(replay.dialogue.message(Delivery("m2", "then this", "steer", "you")))
    replay.hear([json.dumps({"id": number, "result": {"turnId": "x"}}).encode()])
    assert replay.said[-1]["params"]["input"][0]["text"] == "then this"
    assert "over" not in replay.lines


def test_a_message_for_later_begins_the_next_turn() -> None:
    replay, rest = working()
    replay.perform(replay.dialogue.message(Delivery("m1", "then this", "queue", "you")))
    assert replay.said[-1]["params"]["input"][0]["text"] == "[[fake:slow]] go", "nothing is said yet"
    replay.hear(rest)
    assert replay.said[-1]["params"]["input"][0]["text"] == "then this"
    assert "over" not in replay.lines


def test_a_message_that_interrupts() -> None:
    replay, rest = working()
    replay.perform(replay.dialogue.message(Delivery("m1", "stop, do this", "interrupt", "you")))
    assert replay.said[-1]["method"] == "turn/interrupt"
    replay.hear(rest)
    assert (replay.said[-1]["method"], "over" in replay.lines) == ("turn/start", False)


def test_after_the_last_word_messages_are_refused() -> None:
    replay = server("codex-appserver-shell")
    replay.perform(replay.dialogue.message(Delivery("m1", "more", "steer", "you")))
    assert replay.lines[-1] == "refused: The agent has ended its work."


def test_a_refused_beginning_fails_with_the_servers_words() -> None:
    replay = Replay(CodexDialogue(start()))
    replay.hear([b'{"id":1,"error":{"code":-32000,"message":"not logged in"}}'])
    assert (conclusion(replay).status, conclusion(replay).error) == (Status.FAILED, "not logged in")


def test_unknown_things_are_counted_and_told_once() -> None:
    replay = Replay(CodexDialogue(start()))
    replay.hear(
        [b'{"method":"new/thing","params":{}}'] * 3 + [b"garbage", b"[]", b'{"id":9,"method":"ask/x"}']
    )
    assert replay.lines == [
        "warning: Codex said something unknown: new/thing",
        "warning: Codex said something unknown: no JSON object",
        "warning: Codex asked for something unknown: ask/x",
    ]  # fmt: skip
    assert sum(isinstance(fact, RuntimeEvent) for fact in replay.facts) == 5
    assert replay.said[-1]["error"]["code"] == -32601, "so that it does not wait for us"


def test_no_more_unknown_names_are_kept_than_a_person_reads() -> None:
    replay = Replay(CodexDialogue(start()))
    replay.hear([b'{"method":"new/%d","params":{}}' % number for number in range(200)])
    replay.hear([b'{"method":"%s","params":{}}' % (b"x" * 10_000)])
    assert len(replay.lines) == MAX_STRANGE
    events = [fact for fact in replay.facts if isinstance(fact, RuntimeEvent)]
    assert len(events) == 201
    assert len(events[-1].event) < 1_000


def test_a_question_is_asked_and_answered() -> None:
    replay = Replay(CodexDialogue(start()))
    options = [{"label": "yes"}, {"label": "no"}]
    asked = {"questions": [{"id": "q1", "question": "Go on?", "options": options}]}
    replay.hear([json.dumps({"id": "r1", "method": "item/tool/requestUserInput", "params": asked}).encode()])
    assert replay.lines == ["asks: Go on? yes | no"]
    replay.perform(
        replay.dialogue.answer(Delivery("codex-1-r1", "yes", "answer", "you", "codex-1-r1", "answer"))
    )
    assert replay.said[-1] == {"id": "r1", "result": {"answers": {"q1": {"answers": ["yes"]}}}}


@pytest.mark.parametrize(("name", "lines", "status"), [
    ("codex-shell", [
        "linked session_id, thread_id", MODEL, "thought: I should create the file first.",
        "agent: I will run a shell command.", f"tool shell [execute]: /bin/bash -lc '{COMMAND}'",
        "end shell ok: scripted", "agent: All done: the command ran.", "over",
    ], Status.COMPLETED),
    ("codex-sigint", [
        "linked session_id, thread_id", MODEL, "agent: Starting a slow command.",
        "tool shell [execute]: /bin/bash -lc 'sleep 8; echo slept'", "end shell canceled: ",
    ], None),
    ("codex-sigterm", [
        "linked session_id, thread_id", MODEL, "agent: Starting a slow command.",
        "tool shell [execute]: /bin/bash -lc 'sleep 8; echo slept'", "end shell canceled: ",
    ], None),
])  # fmt: skip
def test_exec(name: str, lines: list[str], status: Status | None) -> None:
    replay = Replay(CodexExecDialogue(start()))
    replay.hear(heard(name))
    replay.end(stopped=True)
    short = [line if not line.startswith(MODEL) else MODEL for line in replay.lines]
    assert short == lines
    said = replay.dialogue.conclusion()
    assert (said.status if said else None) is status


def test_how_both_are_started() -> None:
    assert argv(start(mcp=False)) == ("codex", "-c", "mcp_servers={}", "app-server")
    planned = exec_argv(start("-x", mode="plan", model="m", session_id="s1"))
    assert planned == (
        "codex", "exec", "--json", "--skip-git-repo-check", "-s", "read-only", "-m", "m",
        "resume", "s1", "--", "-",
    )  # fmt: skip


def test_the_prompt_stands_in_no_argument() -> None:
    """Everybody on the machine can read those."""
    replay = Replay(CodexExecDialogue(start("a secret\nin two lines")))
    assert replay.said == [{"text": "a secret\nin two lines"}]
    assert replay.input_ends


NAMES = st.sampled_from([
    "id", "method", "params", "item", "type", "turn", "status", "error", "result", "delta", "questions",
    "commandActions", "plan", "tokenUsage", "total", "changes", "items",
])  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
METHODS = st.sampled_from([
    "item/started", "item/completed", "turn/completed", "turn/started", "turn/plan/updated", "error",
    "warning",
    "thread/tokenUsage/updated", "item/agentMessage/delta", "item/commandExecution/requestApproval",
    "item/tool/requestUserInput", "item/commandExecution/outputDelta",
])  # fmt: skip
TYPES = st.sampled_from(
    ["commandExecution", "fileChange", "agentMessage", "reasoning", "mcpToolCall", 7, None]
)
ITEMS = st.builds(
    lambda kind, item: {**item, "type": kind},
    TYPES,
    st.dictionaries(st.sampled_from(["id", "text", "summary", "status", "changes"]), JSON, max_size=4),
)
NOTES = st.builds(
    lambda method, params, item: {"method": method, "params": {**params, "item": item}},
    METHODS,
    st.dictionaries(NAMES, JSON, max_size=3),
    ITEMS,
)
ASKED = st.builds(lambda note, number: {**note, "id": number}, NOTES, st.integers() | st.text(max_size=3))


@given(st.lists(JSON | NOTES | ASKED, max_size=6))
def test_no_line_makes_it_fail(lines: list[Any]) -> None:
    for dialogue in (CodexDialogue(start()), CodexExecDialogue(start())):
        replay = Replay(dialogue)
        replay.hear(json.dumps(line).encode() for line in lines)
        replay.perform(dialogue.stop())
        replay.end(stopped=True)


@pytest.mark.parametrize("refused_first", [True, False])
def test_a_message_that_a_stopped_turn_refused_begins_no_other(refused_first: bool) -> None:
    """The agent worked on after it had been told to stop."""
    replay, _ = working()
    replay.perform(replay.dialogue.message(Delivery("m1", "and the tests", "steer", "you")))
    number = replay.said[-1]["id"]
    replay.perform(replay.dialogue.stop())
    replay.perform(replay.dialogue.message(Delivery("m2", "then this", "steer", "you")))
    refusal = {"id": number, "error": {"message": "no active turn"}}
    end = {"method": "turn/completed", "params": {"turn": {"id": "x", "status": "interrupted"}}}
    replay.hear(json.dumps(row).encode() for row in ([refusal, end] if refused_first else [end, refusal]))
    assert replay.said[-1]["method"] == "turn/interrupt"
    assert "over" in replay.lines
    assert "refused: The agent has ended its work." in replay.lines
    assert conclusion(replay).status is Status.CANCELED
