"""Two ends of a pipe that open, send, read and close in any turn: what arrives is what was sent."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tasktui.service.channels import WINDOW, Broken, Channels, Opened, Received


@dataclass
class Ledger:
    """What one end of a channel sent, and what the other received."""

    sent: bytearray = field(default_factory=bytearray)
    got: bytearray = field(default_factory=bytearray)
    unread: int = 0


class Talk(RuleBasedStateMachine):
    """Two ends that send, read and close as they like, over a pipe that delivers in pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = (Channels(initiator=True, version="1"), Channels(initiator=False, version="1"))
        self.wires = [bytearray(), bytearray()]
        self.books: dict[tuple[int, int], Ledger] = {}
        self.known: tuple[set[int], set[int]] = (set(), set())
        self.random = random.Random(7)

    @rule()
    def open(self) -> None:
        if len(self.known[0]) < 4:
            channel = self.ends[0].open()
            self.known[0].add(channel)
            for end in (0, 1):
                self.books[end, channel] = Ledger()

    @precondition(lambda self: any(self.known))
    @rule(end=st.integers(0, 1), pick=st.integers(min_value=0), size=st.integers(1, 90_000))
    def send(self, end: int, pick: int, size: int) -> None:
        if self.known[end]:
            channel = sorted(self.known[end])[pick % len(self.known[end])]
            while size > 0 and (room := self.ends[end].room(channel)):
                data = self.random.randbytes(min(size, room))
                self.ends[end].send(channel, data)
                self.books[end, channel].sent += data
                size -= len(data)

    @rule(end=st.integers(0, 1), share=st.floats(0.01, 1))
    def deliver(self, end: int, share: float) -> None:
        self.wires[end] += self.ends[end].outgoing()
        size = int(len(self.wires[end]) * share) + 1
        data = bytes(self.wires[end][:size])
        del self.wires[end][:size]
        for event in self.ends[1 - end].receive(data):
            assert not isinstance(event, Broken), event
            if isinstance(event, Opened):
                self.known[1].add(event.channel)
            elif isinstance(event, Received):
                book = self.books[end, event.channel]
                book.got += event.data
                book.unread += len(event.data)

    @rule(end=st.integers(0, 1), pick=st.integers(min_value=0), share=st.floats(0.1, 1))
    def read(self, end: int, pick: int, share: float) -> None:
        if self.known[end]:
            channel = sorted(self.known[end])[pick % len(self.known[end])]
            book = self.books[1 - end, channel]
            size = int(book.unread * share)
            self.ends[end].consumed(channel, size)
            book.unread -= size

    @rule(end=st.integers(0, 1), pick=st.integers(min_value=0), whole=st.booleans())
    def finish(self, end: int, pick: int, *, whole: bool) -> None:
        if self.known[end]:
            channel = sorted(self.known[end])[pick % len(self.known[end])]
            (self.ends[end].close if whole else self.ends[end].end)(channel)

    @invariant()
    def what_arrives_is_what_was_sent_and_never_more_than_there_is_room_for(self) -> None:
        for book in self.books.values():
            assert book.sent.startswith(book.got)
            assert book.unread <= WINDOW


TestTalk = Talk.TestCase
