"""What an agent says comes in pieces: every piece once and in order, each message under an id of its own."""

from __future__ import annotations

from collections.abc import Iterable

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import MessageCompleted, MessageDelta
from tasktui.executors.agents.speech import Speech


def told(facts: Iterable[Data]) -> list[str]:
    names = {"message.started": "start", "message.delta": "piece", "message.completed": "end"}
    return [
        f"{names[fact.TYPE]} {getattr(fact, 'message_id', '')}"
        f"{f' {fact.offset} {fact.delta}' if isinstance(fact, MessageDelta) else ''}"
        f"{f' {fact.role}: {fact.content}' if isinstance(fact, MessageCompleted) else ''}"
        for fact in facts
    ]


def test_pieces_make_a_message() -> None:
    speech = Speech()
    facts = [*speech.piece("agent", "he"), *speech.piece("agent", "llo"), *speech.finish()]
    assert told(facts) == ["start m1", "piece m1 0 he", "piece m1 2 llo", "end m1 agent: hello"]
    assert speech.last == "hello"
    assert speech.finish() == []


def test_another_role_or_another_message_ends_the_one_before() -> None:
    speech = Speech()
    facts = [
        *speech.piece("thought", "hm", "a"), *speech.piece("agent", "yes", "a"),
        *speech.piece("agent", "and", "b"), *speech.piece("agent", " so", None),
    ]  # fmt: skip
    assert [line for line in told(facts) if line.startswith("end")] == [
        "end a thought: hm",
        "end a.2 agent: yes",
    ]
    assert told(speech.finish()) == ["end b agent: and so"]
    assert speech.last == "and so"


def test_an_empty_piece_begins_nothing() -> None:
    assert Speech().piece("agent", "") == []


def test_a_whole_message_ends_its_own_pieces_or_stands_alone() -> None:
    speech = Speech()
    speech.piece("agent", "hel", "a")
    assert told(speech.whole("agent", "hello", "a")) == ["end a agent: hello"]
    assert told(speech.whole("agent", "bye", "b")) == ["end b agent: bye"]
    assert speech.whole("agent", "  ", "c") == []
    speech.piece("thought", "hm")
    assert told(speech.whole("agent", "so", "d")) == ["end m3 thought: hm", "end d agent: so"]


def test_thoughts_are_no_answer() -> None:
    speech = Speech()
    speech.whole("thought", "secretly")
    assert speech.last == ""
