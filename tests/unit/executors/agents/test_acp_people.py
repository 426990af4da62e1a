"""Permissions, questions and messages between people and agents of the Agent Client Protocol."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.events.work import MessageCompleted, RuntimeEvent, ToolStarted
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.manager.limits import Limits
from tests.unit.executors.agents.acp_replay import Talk

SELECTED = {"outcome": {"outcome": "selected", "optionId": "allow_once"}}
CANCELLED = {"outcome": {"outcome": "cancelled"}}
LS = {"toolCallId": "t", "kind": "execute", "title": "ls", "rawInput": {"command": "ls"}}


def tools(talk: Talk) -> list[str]:
    return [line for line in talk.lines if line.startswith(("tool", "end"))]


def test_a_permission_that_waits_at_a_cancel_is_answered_cancelled() -> None:
    talk = Talk().ready()
    talk.asks("abc", LS)  # type: ignore[arg-type] # ids may be texts
    talk.stop()
    assert [(m.get("method"), m.get("id"), m.get("result")) for m in talk.said[-2:]] == [
        ("session/cancel", None, None), (None, "abc", CANCELLED),
    ]  # fmt: skip
    talk.asks(9, {**LS, "toolCallId": "later"})
    assert talk.last == {"jsonrpc": "2.0", "id": 9, "result": CANCELLED}
    assert len([line for line in talk.lines if line.startswith("may")]) == 1


def test_an_answer_reaches_the_agent_once() -> None:
    talk = Talk().ready()
    talk.asks(0, LS)
    said = len(talk.said)
    for _ in range(2):
        talk.decide("acp-1-1", "allow")
    talk.decide("acp-9-9", "allow")
    assert [message["result"] for message in talk.said[said:]] == [SELECTED]


def test_a_huge_request_is_asked_and_told_apart_from_one_that_begins_alike() -> None:
    talk = Talk().ready()
    for number, end in enumerate("ab"):
        raw = {"command": "echo " + "x" * 1_000_000 + end}
        change = {"type": "diff", "path": "/w/f", "oldText": None, "newText": "y\n" * 100_000}
        call = {"toolCallId": end, "kind": "execute", "title": "t" * 1_000_000, "rawInput": raw}
        talk.asks(number, {**call, "content": [change]})
    asked = [fact for fact in talk.facts if isinstance(fact, ApprovalRequested)]
    assert len({fact.summary for fact in asked}) == 2
    assert all(len(fact.encoded()) < Limits().inline_bytes for fact in talk.facts)
    assert "1,000,006 characters in all, sha256" in asked[0].summary


@pytest.mark.parametrize("text", ["\x01", "\n", "ä", "\U0001f600", '"', "\ud800"])
def test_what_is_cut_is_measured_as_it_is_stored(text: str) -> None:
    talk = Talk().ready()
    long = text * 30_000
    entry = {"content": long, "status": "pending"}
    talk.update("plan", entries=[entry] * 300)
    talk.asks(0, {"toolCallId": long, "title": long, "name": long, "rawInput": {"command": long, "x": long}})
    talk.asks(1, {"toolCallId": "b", "content": [{"type": "diff", "path": long, "newText": long}]})
    talk.agent(id=2, method="elicitation/create", params={"message": long})
    talk.agent(method=long)
    talk.fail(3, -1, long)
    large = [fact.TYPE for fact in talk.facts if len(fact.storable()[1]) >= Limits().inline_bytes]
    assert large == []
    assert len(talk.end_of_it.error or "") < 10_000


def test_once_is_chosen_before_always() -> None:
    talk = Talk().ready()
    talk.asks(0, LS, "allow_always", "allow_once", "reject_always", "reject_once")
    talk.decide("acp-1-1", "allow")
    assert talk.last["result"] == SELECTED


def test_where_there_is_only_always_it_is_chosen() -> None:
    talk = Talk().ready()
    talk.asks(0, LS, "reject_always")
    talk.decide("acp-1-1", "deny")
    assert talk.last["result"]["outcome"]["optionId"] == "reject_always"
    talk.asks(1, {**LS, "toolCallId": "u"}, "reject_once")
    talk.decide("acp-1-2", "allow")
    assert talk.last["result"] == CANCELLED
    assert (
        talk.lines[-1] == "warning: The agent offers no way to allow this, it was told that nobody decided."
    )


def test_a_reason_that_the_protocol_cannot_carry_is_told() -> None:
    talk = Talk().ready()
    talk.asks(0, LS)
    talk.decide("acp-1-1", "deny", "not in my house")
    assert talk.lines[-1].endswith("its protocol takes no reason: not in my house")


def test_requests_of_another_run_have_other_names() -> None:
    talk = Talk(run=3).ready()
    talk.asks(0, LS)
    asked = talk.facts[-1]
    assert isinstance(asked, ApprovalRequested)
    assert asked.request_id == "acp-3-1"


@pytest.mark.parametrize(
    ("policy", "kind", "chosen"),
    [("allow", "execute", "allow_once"), ("deny", "read", "reject_once"), ("reads", "read", "allow_once")],
)
def test_the_policy_decides(policy: str, kind: str, chosen: str) -> None:
    talk = Talk(rules=Rules(policy)).ready()  # type: ignore[arg-type] # of a parameter
    talk.asks(0, {**LS, "kind": kind})
    assert talk.last["result"]["outcome"]["optionId"] == chosen
    assert not [line for line in talk.lines if line.startswith("may")]


def test_claude_ends_its_first_prompt_early_while_a_second_is_in_flight() -> None:
    talk = Talk("claude-acp").ready()
    talk.send("more")
    assert talk.last["method"] == "session/prompt"
    talk.result(3, stopReason="end_turn", usage={"inputTokens": 0, "outputTokens": 0, "totalTokens": 0})
    assert "over" not in talk.lines
    talk.update("agent_message_chunk", content={"type": "text", "text": "both"})
    talk.result(4, stopReason="end_turn", usage={"inputTokens": 7, "outputTokens": 3, "totalTokens": 10})
    assert talk.lines[-2:] == ["agent: both", "over"]
    assert talk.end_of_it.usage == {"input_tokens": 7, "output_tokens": 3}


def test_gemini_cancels_the_first_prompt_for_the_second() -> None:
    talk = Talk("gemini").ready()
    talk.update("tool_call", **LS, status="in_progress")
    talk.send("other")
    assert talk.lines[-1] == "status: Gemini CLI stops what it does and takes the message."
    talk.result(3, stopReason="cancelled")
    talk.update("tool_call", **{**LS, "toolCallId": "u"}, status="in_progress")
    talk.update("tool_call_update", toolCallId="u", status="completed")
    talk.result(4, stopReason="end_turn")
    assert tools(talk) == [
        "tool ls [execute]: ls",
        "end ls canceled: ",
        "tool ls [execute]: ls",
        "end ls ok: ",
    ]
    assert talk.end_of_it.status is Status.COMPLETED


def test_codex_takes_the_second_prompt_as_its_next_turn() -> None:
    talk = Talk("codex-acp").ready()
    talk.send("more")
    for number, text in ((3, "one"), (4, "two")):
        talk.update("agent_message_chunk", content={"type": "text", "text": text})
        talk.result(number, stopReason="end_turn")
    assert [fact.content for fact in talk.facts if isinstance(fact, MessageCompleted)] == ["one", "two"]
    assert talk.end_of_it.result == "two"


def test_vibe_that_refuses_a_second_prompt_gets_it_as_its_next_turn() -> None:
    talk = Talk("vibe").ready()
    talk.send("more")
    assert talk.lines[-1] == "status: Mistral Vibe takes the message as its next turn."
    assert talk.last["params"]["prompt"] == [{"type": "text", "text": "do it"}]
    talk.result(3, stopReason="end_turn")
    assert talk.last["params"]["prompt"] == [{"type": "text", "text": "more"}]
    talk.result(4, stopReason="end_turn")
    assert talk.end_of_it.status is Status.COMPLETED


def test_an_agent_that_takes_no_messages_says_so() -> None:
    deaf = replace(shipped()["vibe"], intervene="none")
    talk = Talk(deaf).ready()
    talk.send("more")
    assert talk.lines[-1] == "refused: Mistral Vibe takes no messages while it works."


def test_a_message_before_the_session_stands_is_said_after_the_prompt() -> None:
    talk = Talk()
    talk.send("early")
    assert [message["method"] for message in talk.said] == ["initialize"]
    talk.ready()
    talk.result(3, stopReason="end_turn")
    assert [m["params"]["prompt"][0]["text"] for m in talk.said[2:]] == ["do it", "early"]


def test_an_error_for_a_message_is_no_end_of_the_task() -> None:
    talk = Talk().ready()
    talk.send("more")
    talk.fail(4, -32600, "A prompt is already running")
    assert talk.lines[-1] == "warning: The agent did not take a message: A prompt is already running"
    talk.result(3, stopReason="end_turn")
    assert talk.end_of_it.status is Status.COMPLETED


def test_an_interrupt_is_no_end_of_the_task_but_a_stop_after_it_is() -> None:
    talk = Talk().ready()
    talk.send("other", "interrupt")
    assert talk.last["params"]["_meta"] == {"tasktui/interrupt": 1001}
    talk.result(3, stopReason="cancelled")
    assert talk.last["params"]["prompt"] == [{"type": "text", "text": "other"}]
    talk.stop()
    assert "_meta" not in talk.last["params"]
    talk.result(4, stopReason="cancelled")
    assert (talk.end_of_it.status, talk.end_of_it.reason) == (Status.CANCELED, Reason.CANCELED)


def test_no_message_is_taken_after_the_stop_or_the_end() -> None:
    talk = Talk().ready()
    talk.send("kept", "queue")
    talk.stop()
    talk.send("late", name="msg_2")
    talk.result(3, stopReason="end_turn")
    talk.send("later", name="msg_3")
    assert [line for line in talk.lines if line.startswith("refused")] == [
        "refused: The task was stopped first.",
        *["refused: The agent is ending: it takes no message any more."] * 2,
    ]


@pytest.mark.parametrize(
    ("spec", "answer", "taken"),
    [
        ({"type": "string", "enum": ["red", "blue"]}, "blue", "blue"),
        ({"type": "boolean"}, "Yes", True),
        ({"type": "integer"}, " 7 ", 7),
        ({"type": "number"}, "many", "many"),
        ({"type": "array"}, "a, b", ["a", "b"]),
    ],
)
def test_a_field_is_filled_with_words(spec: dict[str, object], answer: str, taken: object) -> None:
    talk = Talk().ready()
    schema = {"type": "object", "properties": {"it": spec}}
    params = {"mode": "form", "message": "Which?", "requestedSchema": schema, "sessionId": "s"}
    talk.agent(id=1, method="elicitation/create", params=params)
    talk.decide("acp-1-1", "answer", answer)
    assert talk.last["result"] == {"action": "accept", "content": {"it": taken}}


def test_several_fields_are_named_in_the_answer() -> None:
    properties = {"name": {"type": "string", "description": "who"}, "age": {"type": "integer"}}
    params = {"message": "Tell.", "requestedSchema": {"properties": properties}}
    talk = Talk().ready()
    for number, answer in ((1, "name: Ann\nage: 4"), (2, '{"age": 5}'), (3, "Bob")):
        talk.agent(id=number, method="elicitation/create", params=params)
        talk.decide(f"acp-1-{number}", "answer", answer)
    assert talk.lines[-1] == "asks: Tell.\nname: who\nage"
    assert [message["result"]["content"] for message in talk.said[-3:]] == [
        {"name": "Ann", "age": 4}, {"age": 5}, {"name": "Bob"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "text", "action"), [("expired", "", "cancel"), ("answer", "", "decline")]
)
def test_a_question_that_nobody_answers(decision: str, text: str, action: str) -> None:
    talk = Talk().ready()
    talk.agent(id=1, method="elicitation/create", params={"message": "Go on?"})
    talk.decide("acp-1-1", decision, text)
    assert talk.last["result"] == {"action": action}


def test_what_is_unknown_is_counted_and_warned_of_once() -> None:
    talk = Talk().ready()
    for _ in range(3):
        talk.update("quantum_update")
        talk.agent(method="session/later", params={})
        talk.agent(method="_vendor/note")
        talk.agent(id=1, method="terminal/create", params={"command": "ls"})
    events = [fact.event for fact in talk.facts if isinstance(fact, RuntimeEvent)]
    assert events.count("session/update quantum_update") == 3
    assert events.count("_vendor/note") == 3
    assert len([line for line in talk.lines if line.startswith("warning")]) == 3
    assert [message["error"]["code"] for message in talk.said[-3:]] == [-32601] * 3


def test_a_message_id_that_a_thought_and_an_answer_share() -> None:
    talk = Talk().ready()
    for kind, text in (("agent_thought_chunk", "hm"), ("agent_message_chunk", "yes")):
        talk.update(kind, messageId="m", content={"type": "text", "text": text})
    talk.update("tool_call", **LS, status="in_progress")
    talk.update("agent_message_chunk", messageId="m", content={"type": "text", "text": "done"})
    talk.result(3, stopReason="end_turn")
    whole = [fact for fact in talk.facts if isinstance(fact, MessageCompleted)]
    assert [(fact.role, fact.content) for fact in whole] == [
        ("thought", "hm"), ("agent", "yes"), ("agent", "done"),
    ]  # fmt: skip
    assert len({fact.message_id for fact in whole}) == 3


def test_a_tool_without_any_word_has_a_name() -> None:
    talk = Talk().ready()
    talk.update("tool_call", toolCallId="x", status="in_progress")
    started = next(fact for fact in talk.facts if isinstance(fact, ToolStarted))
    assert (started.name, started.input) == ("tool", None)
