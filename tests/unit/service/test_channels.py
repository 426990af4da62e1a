"""Many connections over one pair of pipes: what each frame does, however the bytes are cut."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.service.channel_frames import (
    LARGEST,
    MAGIC,
    NOISE_LIMIT,
    ChannelsError,
    Kind,
    NoHelloError,
    OtherProtocolError,
    hello,
    pack,
)
from tasktui.service.channels import (
    MOST_OPEN,
    WINDOW,
    Broken,
    Channels,
    Closed,
    Ended,
    Event,
    Greeted,
    Opened,
    Received,
    Refused,
    Told,
    Widened,
)


def pair() -> tuple[Channels, Channels]:
    """Two ends that have said hello."""
    client, server = Channels(initiator=True, version="1.2"), Channels(initiator=False, version="3.4")
    assert server.receive(client.outgoing()) == [Greeted("1.2")]
    assert client.receive(server.outgoing()) == [Greeted("3.4")]
    return client, server


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(at)]


def meaning(events: Iterable[Event]) -> list[object]:
    """The events, errors by their words and bytes of one channel as one piece."""
    told: list[object] = []
    for event in events:
        last = told[-1] if told else None
        if isinstance(event, Broken):
            told.append((type(event.error), event.error.message))
        elif isinstance(event, Received) and isinstance(last, Received) and last.channel == event.channel:
            told[-1] = Received(event.channel, last.data + event.data)
        else:
            told.append(event)
    return told


def test_bytes_reach_the_other_end_and_room_comes_back_when_they_are_out_of_the_way() -> None:
    client, server = pair()
    channel = client.open()
    client.send(channel, b"GET")
    assert server.receive(client.outgoing()) == [Opened(channel), Received(channel, b"GET")]
    sent = 3
    while room := client.room(channel):
        client.send(channel, bytes(room))
        sent += room
    assert sent == WINDOW
    with pytest.raises(ValueError, match="do not fit"):
        client.send(channel, b"x")
    taken = sum(len(event.data) for event in server.receive(client.outgoing()) if isinstance(event, Received))
    assert client.room(channel) == 0
    server.consumed(channel, taken + 3)
    assert client.receive(server.outgoing()) == [Widened(channel)]
    assert client.room(channel) == LARGEST


def test_a_channel_that_nobody_reads_leaves_room_to_the_others() -> None:
    client, server = pair()
    unread, other = client.open(), client.open()
    while room := client.room(unread):
        client.send(unread, bytes(room))
    server.receive(client.outgoing())
    client.send(other, b"through")
    assert server.receive(client.outgoing()) == [Received(other, b"through")]


def test_an_end_and_a_close_are_told_once_and_what_comes_late_is_dropped() -> None:
    client, server = pair()
    channel = client.open()
    client.end(channel)
    client.end(channel)
    assert server.receive(client.outgoing()) == [Opened(channel), Ended(channel)]
    server.send(channel, b"answer")
    client.close(channel)
    assert client.receive(server.outgoing()) == [], "nobody wants it any more"
    assert server.receive(client.outgoing()) == [Closed(channel)]
    assert server.room(channel) == 0
    server.close(channel)
    assert client.receive(server.outgoing()) == []
    assert client.outgoing() == b""
    with pytest.raises(ValueError, match="do not fit"):
        client.send(channel, b"x")


def test_both_ends_may_close_at_once() -> None:
    client, server = pair()
    channel = client.open()
    server.receive(client.outgoing())
    client.close(channel)
    server.close(channel)
    assert client.receive(server.outgoing()) == []
    assert server.receive(client.outgoing()) == []
    assert client.open() == channel + 1, "a number is never used again"


def test_what_leads_nowhere_is_refused_with_the_reason() -> None:
    client, server = pair()
    channel = client.open()
    client.send(channel, b"never taken")
    server.receive(client.outgoing())
    server.refuse(channel, "No owner: /häuschen")
    assert client.receive(server.outgoing()) == [Refused(channel, "No owner: /häuschen"), Closed(channel)]
    assert server.receive(client.outgoing()) == []


def test_a_ping_is_answered_by_the_machine() -> None:
    client, server = pair()
    client.ping()
    assert server.receive(client.outgoing()) == []
    assert server.outgoing() == pack(Kind.PONG)
    assert client.receive(pack(Kind.PONG)) == []


def test_however_often_it_is_asked_one_answer_waits_and_none_behind_what_is_unread() -> None:
    _, server = pair()
    server.receive(pack(Kind.PING) * 5_000)
    assert server.outgoing() == pack(Kind.PONG)
    server.receive(pack(Kind.PING))
    assert server.outgoing(crowded=True) == b""
    assert server.outgoing() == b""


def test_what_an_end_says_about_itself_arrives() -> None:
    client, server = pair()
    server.tell(b"{}")
    assert client.receive(server.outgoing()) == [Told(b"{}")]


def test_no_more_than_so_many_are_open() -> None:
    client, server = pair()
    for _ in range(MOST_OPEN):
        client.open()
    with pytest.raises(ChannelsError, match="at once"):
        client.open()
    assert len(server.receive(client.outgoing())) == MOST_OPEN
    assert isinstance(server.receive(pack(Kind.OPEN, MOST_OPEN + 1))[0], Broken)


@given(noise=st.binary(max_size=300), places=st.lists(st.integers(min_value=0), max_size=8))
def test_what_a_login_prints_before_the_hello_is_skipped(noise: bytes, places: list[int]) -> None:
    machine = Channels(initiator=True, version="1")
    noise = noise.replace(MAGIC, b"")
    seen: list[Event] = []
    for piece in cut(noise + hello("9.9") + pack(Kind.PING), places):
        seen += machine.receive(piece)
    assert seen == [Greeted("9.9")]
    assert machine.outgoing().endswith(pack(Kind.PONG))
    assert machine.noise == b""


@pytest.mark.parametrize(
    "noise", [b"x" * (NOISE_LIMIT + 99), MAGIC + b"1 " + b"9" * 200, b"x" * NOISE_LIMIT + hello("1")[:-1] * 9]
)
def test_without_a_hello_it_ends(noise: bytes) -> None:
    machine = Channels(initiator=True, version="1")
    [event] = machine.receive(noise)
    assert isinstance(event, Broken)
    assert isinstance(event.error, NoHelloError)
    assert machine.noise.startswith(noise[:10])


def test_another_protocol_is_told_with_the_version() -> None:
    machine = Channels(initiator=True, version="1")
    [event] = machine.receive(MAGIC + b"2 7.0\n")
    assert isinstance(event, Broken)
    assert isinstance(event.error, OtherProtocolError)
    assert event.error.details == {"protocol": "2", "version": "7.0"}


@pytest.mark.parametrize(
    "frame",
    [
        b"\x00" + bytes(8),
        b"\x63" + bytes(8),
        pack(Kind.DATA, 7, b"x"),
        pack(Kind.WINDOW, 7, number=1),
        pack(Kind.OPEN, 1),
        pack(Kind.OPEN, 0),
        pack(Kind.DATA, 1, number=LARGEST + 1),
        pack(Kind.WINDOW, 1, number=0xFFFF_FFFF),
        pack(Kind.EOF, 1) + pack(Kind.DATA, 1, b"x"),
        pack(Kind.EOF, 1) * 2,
        pack(Kind.DATA, 1, bytes(LARGEST)) * (WINDOW // LARGEST + 1),
        pack(Kind.CLOSE, 1) * 2,
    ],
)
def test_who_breaks_the_rules_is_not_heard_any_more(frame: bytes) -> None:
    client, server = pair()
    server.receive(pack(Kind.OPEN, 1))
    *_, last = server.receive(frame)
    assert isinstance(last, Broken)
    client.ping()
    assert server.receive(client.outgoing()) == []


def test_only_one_end_opens() -> None:
    client, _ = pair()
    assert isinstance(client.receive(pack(Kind.OPEN, 1))[0], Broken)


FRAMES = st.one_of(
    st.binary(max_size=40),
    st.builds(
        pack,
        st.sampled_from([Kind.DATA, Kind.REFUSE, Kind.ABOUT]), st.integers(0, 4), st.binary(max_size=30),
    ),
    st.builds(
        lambda kind, channel, number: pack(kind, channel, number=number),
        st.sampled_from(sorted(set(Kind) - {Kind.DATA, Kind.REFUSE, Kind.ABOUT})), st.integers(0, 4),
        st.integers(0, 2**32 - 1),
    ),
)  # fmt: skip


@given(
    frames=st.lists(FRAMES, max_size=12),
    places=st.lists(st.integers(min_value=0), max_size=12),
    initiator=st.booleans(),
)
def test_whatever_comes_means_the_same_however_it_is_cut(
    frames: list[bytes], places: list[int], *, initiator: bool
) -> None:
    data = hello("1") + b"".join(frames)
    whole, pieces = (Channels(initiator=initiator, version="1") for _ in range(2))
    for machine in (whole, pieces):
        if initiator:
            machine.open()
    at_once = whole.receive(data)
    one_by_one = [event for piece in cut(data, places) for event in pieces.receive(piece)]
    assert meaning(at_once) == meaning(one_by_one)
    assert whole.outgoing() == pieces.outgoing()
    assert not any(isinstance(event, Broken) for event in at_once[:-1]), "it is the last event"
