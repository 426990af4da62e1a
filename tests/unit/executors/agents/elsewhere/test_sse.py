"""Server-sent events, in whatever pieces they arrive."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.executors.agents.elsewhere.program.sse import Events, TooLongError

STREAM = (
    ": hello\r\n\r\ndata: größer\r\n\r\nevent: x\nid: 7\ndata:{\ndata: }\n\n: keepalive\n\n"
    "data\n\nretry: 5\n\ndata: 日本\n\ndata: without an end"
).encode()
TOLD = ["größer".encode(), b"{\n}", "日本".encode()]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_an_event_is_told_once_it_is_whole(cuts: list[int]) -> None:
    places = sorted({0, *cuts, len(STREAM)})
    events = Events(1000)
    told = [event for begin, end in pairwise(places) for event in events.feed(STREAM[begin:end])]
    assert told == TOLD
    assert events.comments == 2


@pytest.mark.parametrize("endless", [b"data: xxxxxxxx", b"data: x\n", b": x\n", b"x"])
def test_an_event_without_end_is_given_up(endless: bytes) -> None:
    events = Events(1000)
    with pytest.raises(TooLongError):
        list(chain.from_iterable(events.feed(endless) for _ in range(2000)))


def test_many_short_events_are_no_long_one() -> None:
    events = Events(100)
    assert len([event for _ in range(1000) for event in events.feed(b"data: x\n\n")]) == 1000
