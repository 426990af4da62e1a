"""Questions of an agent of the protocol that nobody needs to answer any more."""

from __future__ import annotations

import pytest

from tests.unit.executors.agents.acp_replay import Talk
from tests.unit.executors.agents.test_acp_people import CANCELLED, LS

BACK = "expired acp-1-1: The agent took its question back."
FORM = {
    "message": "Which?", "mode": "form",
    "requestedSchema": {"type": "object", "properties": {"a": {"type": "string"}}},
}  # fmt: skip


def test_the_agent_takes_a_request_back() -> None:
    talk = Talk().ready()
    talk.asks(7, LS)
    talk.agent(method="$/cancel_request", params={"requestId": 7})
    assert talk.lines[-1] == BACK
    said = len(talk.said)
    talk.decide("acp-1-1", "allow")
    talk.agent(method="$/cancel_request", params={"requestId": 7})
    talk.agent(method="$/cancel_request", params={})
    assert len(talk.said) == said
    assert talk.lines.count(BACK) == 1


def test_a_turn_that_ends_leaves_no_question_behind() -> None:
    talk = Talk().ready()
    talk.asks(7, LS)
    talk.agent(id=8, method="elicitation/create", params=FORM)
    talk.result(3, stopReason="end_turn")
    assert [line for line in talk.lines if line.startswith("expired")] == [
        BACK, "expired acp-1-2: The agent took its question back.",
    ]  # fmt: skip
    answers = {message["id"]: message["result"] for message in talk.said if "result" in message}
    assert answers == {7: CANCELLED, 8: {"action": "cancel"}}


@pytest.mark.parametrize(("preset", "mode"), [("opencode", "interrupt"), ("gemini", "interrupt")])
def test_a_message_that_interrupts_takes_the_place_of_the_question(preset: str, mode: str) -> None:
    talk = Talk(preset).ready()
    talk.asks(7, LS)
    talk.send("other", mode)
    assert BACK in talk.lines
    assert {"jsonrpc": "2.0", "id": 7, "result": CANCELLED} in talk.said


def test_one_that_joins_lets_the_question_stand() -> None:
    talk = Talk().ready()
    talk.asks(7, LS)
    talk.send("also this")
    assert BACK not in talk.lines
