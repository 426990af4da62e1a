"""What is being said now is kept while it is needed, and never more than so much of it."""

from __future__ import annotations

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.work import MessageDelta, ToolProgress
from tasktui.domain.requests import ChangeSet
from tasktui.domain.wire import encode
from tasktui.domain.wire_answers import changes_object
from tasktui.manager.live_text import (
    KEPT_CHARS,
    LONGEST_NAME,
    MOST_CALLS,
    MOST_MESSAGES,
    TOOL_CHARS,
    LiveText,
)
from tasktui.service.receiving import LARGEST_FRAME


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


def test_a_call_that_still_writes_is_not_dropped_for_ones_that_came_later() -> None:
    text = LiveText()
    for number in range(2 * MOST_CALLS):
        text.transient(piece(ToolProgress(call_id="runs", text=f"{number} ")))
        text.transient(piece(ToolProgress(call_id=f"c{number}", text="x")))
    assert dict(text.written("t"))["runs"].endswith(f"{2 * MOST_CALLS - 1} ")


def test_all_that_is_told_at_once_fits_a_frame_whatever_a_task_says() -> None:
    text = LiveText()
    for number in range(4 * MOST_CALLS):
        for name in (f"{number}", f"{number}" + "n" * LONGEST_NAME):
            text.transient(piece(MessageDelta(message_id=name, delta="\x1b" * KEPT_CHARS)))
            text.transient(piece(ToolProgress(call_id=name, text="\x1b" * KEPT_CHARS)))
    assert len(text.of("t")) == MOST_MESSAGES
    told = encode(changes_object(ChangeSet(live=text.of("t"), written=text.written("t"))))
    assert len(told) < LARGEST_FRAME / 2
