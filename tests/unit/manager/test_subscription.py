"""What waits for one reader."""

from __future__ import annotations

import pytest

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskProgress
from tasktui.domain.events.work import MessageDelta, OutputChunk
from tasktui.domain.records import StoredEvent
from tasktui.manager.subscription import JOINED_CHARS, Subscription


def delta(text: str, message: str = "m") -> NewEvent:
    return NewEvent("t", 1, 0, MessageDelta(message_id=message, delta=text))


def stored(seq: int, kind: str = "task.status") -> StoredEvent:
    return StoredEvent(100 + seq, "t", seq, 1, 0, kind, "", b"{}")


def reading(limit: int = 10, after: int = 0) -> Subscription:
    reader = Subscription("t", after, limit)
    reader.begin_again()
    return reader


async def rest(reader: Subscription) -> list[StoredEvent | NewEvent]:
    reader.end()
    found = []
    while (item := await reader.next()) is not None:
        found.append(item)
    return found


@pytest.mark.feature(96)
async def test_pieces_that_wait_are_joined_by_message_and_stream() -> None:
    reader = reading()
    for item in (delta("a"), delta("1", "n"), delta("b"), delta("2", "n")):
        reader.offer(item)
    for text in ("x", "y"):
        reader.offer(NewEvent("t", 1, 0, OutputChunk(text=text)))
    assert [vars(item.data).get("delta") or vars(item.data)["text"] for item in await rest(reader)] == [
        "ab",
        "12",
        "xy",
    ]


async def test_pieces_are_not_joined_across_a_fact_nor_to_one_that_was_read() -> None:
    reader = reading()
    for item in (delta("a"), stored(1), delta("b")):
        reader.offer(item)
    first = await reader.next()
    reader.offer(delta("c"))
    assert isinstance(first, NewEvent)
    assert vars(first.data)["delta"] == "a"
    assert [item.type for item in await rest(reader)] == ["task.status", "message.delta"]


async def test_a_joined_piece_has_a_limit() -> None:
    reader = reading()
    for _ in range(3):
        reader.offer(delta("x" * (JOINED_CHARS // 2 + 1)))
    assert len(await rest(reader)) == 3


async def test_a_full_queue_is_dropped_for_the_log_once() -> None:
    reader = reading(limit=2)
    for number in range(5):
        reader.offer(NewEvent("t", 1, 0, TaskProgress(current=number)))
    assert await reader.next() is None
    assert (reader.behind, reader.gaps, reader.take_gap(), reader.take_gap()) == (True, 1, True, False)


async def test_what_was_read_from_the_log_is_passed_over() -> None:
    reader = reading(after=2)
    for number in (1, 2, 3, 3, 4):
        reader.offer(stored(number))
    assert [item.seq for item in await rest(reader) if isinstance(item, StoredEvent)] == [3, 4]


async def test_the_end_of_a_task_sends_its_reader_to_the_log() -> None:
    reader = reading()
    reader.offer(stored(1, "task.finished"))
    assert await reader.next() is not None
    assert reader.behind
    assert not reader.take_gap()
