"""What is being said now is kept while it is needed, and never more than so much of it."""

from __future__ import annotations

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.work import MessageDelta, ToolProgress
from tasktui.manager.live_text import KEPT_CHARS, MOST_CALLS, TOOL_CHARS, LiveText


def piece(data: Data) -> NewEvent:
    return NewEvent("t", 1, 0, data)


def test_the_end_of_a_long_text_is_kept() -> None:
    text = LiveText()
    for number in range(100):
        text.transient(piece(MessageDelta(message_id="m", delta=f"{number:03}" * 1_000)))
        text.transient(piece(ToolProgress(call_id="c", text=f"{number:03}" * 1_000)))
    (message,), (call,) = text.of("t"), text.written("t")
    assert (len(message[1]), len(call[1])) == (KEPT_CHARS, TOOL_CHARS)
    assert message[1].endswith("099")
    assert call[1].endswith("099")


def test_calls_that_nobody_ends_do_not_gather() -> None:
    text = LiveText()
    for number in range(2 * MOST_CALLS):
        text.transient(piece(ToolProgress(call_id=f"c{number}", text="x")))
    assert [name for name, _ in text.written("t")] == [f"c{n}" for n in range(MOST_CALLS, 2 * MOST_CALLS)]
