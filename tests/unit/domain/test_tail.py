"""The newest events of one task: so many of them, so long, and never one less without a word."""

from __future__ import annotations

import pytest

from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet
from tasktui.domain.tail import MOST, Tail
from tasktui.domain.wire import encode
from tasktui.domain.wire_answers import changes_object
from tasktui.service.receiving import LARGEST_FRAME


def events(kind: str, number: int, data: bytes = b"{}") -> list[StoredEvent]:
    return [StoredEvent(seq, "t", seq, 1, 0, kind, "", data) for seq in range(number)]


@pytest.mark.parametrize(
    ("came", "lacks"),
    [
        (events("message.completed", MOST), False),
        (events("message.completed", MOST + 1), True),
        (events("message.completed", 1) + events("tool.started", MOST), True),
        (events("tool.started", 9 * MOST), False),
        (events("tool.started", 1) + events("task.status", MOST), True),
    ],
)
def test_what_a_screen_does_not_find_again_by_itself_is_said(came: list[StoredEvent], lacks: bool) -> None:
    tail = Tail()
    for event in came:
        tail.extend([event])
    assert (tail.events, tail.lacks) == (tuple(came[-MOST:]), lacks)
    tail.clear()
    assert (tail.events, tail.lacks) == ((), False)


def test_long_events_fit_a_frame() -> None:
    tail = Tail(events("message.completed", MOST, b'{"content":"%s"}' % (b"\\u0007" * 10_000)))
    assert 0 < len(tail.events) < MOST
    assert tail.lacks
    assert len(encode(changes_object(ChangeSet(tail=tail.events)))) < LARGEST_FRAME / 2
