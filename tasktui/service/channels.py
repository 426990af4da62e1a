"""Many connections over one pair of pipes, as a machine without I/O.

`receive` takes bytes in whatever pieces and returns what they mean; `outgoing` returns what is to be written.
A receiver says how much may be sent to it, so that a connection which nobody reads stalls no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from tasktui.service.channel_frames import (
    LARGEST,
    ChannelsError,
    Frame,
    Kind,
    hello,
    pack,
    take_frames,
    take_hello,
)

WINDOW: Final = 262_144
"""Bytes that may be sent into a fresh channel before the other end has read any."""
MOST_OPEN: Final = 512
"""Channels at once."""
_MOST_ROOM: Final = 1 << 31


class Greeted(NamedTuple):
    """The hello came."""

    version: str
    """Of the tasktui at the other end."""


class Told(NamedTuple):
    """The other end says something about itself."""

    data: bytes


class Opened(NamedTuple):
    """The other end began a channel."""

    channel: int


class Refused(NamedTuple):
    """A channel leads nowhere: nothing that was sent into it was taken."""

    channel: int
    why: str


class Received(NamedTuple):
    """Bytes came; say `consumed` when they are out of the way."""

    channel: int
    data: bytes


class Widened(NamedTuple):
    """More may be sent."""

    channel: int


class Ended(NamedTuple):
    """Nothing more comes from the other end."""

    channel: int


class Closed(NamedTuple):
    """The other end is through with a channel."""

    channel: int


class Broken(NamedTuple):
    """The other end breaks the rules: the last event, for nothing that it sends is read any more."""

    error: ChannelsError


Event = Greeted | Told | Opened | Refused | Received | Widened | Ended | Closed | Broken


@dataclass(slots=True)
class _Channel:
    room: int = WINDOW
    """What we may send."""
    credit: int = WINDOW
    """What the other end may send."""
    owed: int = 0
    """Consumed, but not yet told."""
    ended_here: bool = False
    ended_there: bool = False
    closed_here: bool = False


class Channels:
    """One end of the pipes."""

    def __init__(self, *, initiator: bool, version: str) -> None:
        """Take whether this end begins channels, and the version of tasktui that it tells."""
        self._initiator = initiator
        self._greeted = False
        self._broken = False
        self._last = 0
        self._channels: dict[int, _Channel] = {}
        self._incoming = bytearray()
        self._outgoing = bytearray(hello(version))
        self._asked = False

    @property
    def noise(self) -> bytes:
        """What came instead of a hello, until it comes."""
        return b"" if self._greeted else bytes(self._incoming)

    def outgoing(self, *, crowded: bool = False) -> bytes:
        """Return what is to be written, once.

        Args:
            crowded: earlier bytes are not read yet; they are sign of life enough, however often it is asked.
        """
        if self._asked and not crowded:
            self._outgoing += pack(Kind.PONG)
        self._asked = False
        taken = bytes(self._outgoing)
        self._outgoing.clear()
        return taken

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes of the other end; what they mean does not depend on how they were cut."""
        events: list[Event] = []
        if self._broken:
            return events
        self._incoming += data
        try:
            if not self._greeted and (version := take_hello(self._incoming)) is not None:
                self._greeted = True
                events.append(Greeted(version))
            if self._greeted:
                for frame in take_frames(self._incoming):
                    events += self._heard(frame)
        except ChannelsError as exc:
            self._broken = True
            events.append(Broken(exc))
        return events

    def open(self) -> int:
        """Begin a channel; return its number.

        Raises:
            ChannelsError: too many are open.
        """
        if len(self._channels) >= MOST_OPEN:
            raise ChannelsError(f"More than {MOST_OPEN} connections at once.")
        self._last += 1
        self._channels[self._last] = _Channel()
        self._outgoing += pack(Kind.OPEN, self._last)
        return self._last

    def room(self, channel: int) -> int:
        """Return how many bytes may be sent in one piece now; 0 where no more may come from here."""
        found = self._channels.get(channel)
        return 0 if found is None or found.ended_here else min(found.room, LARGEST)

    def send(self, channel: int, data: bytes) -> None:
        """Send bytes, of which there is `room` for.

        Raises:
            ValueError: there is not.
        """
        if len(data) > self.room(channel):
            raise ValueError(f"{len(data)} bytes do not fit into channel {channel}")
        self._channels[channel].room -= len(data)
        self._outgoing += pack(Kind.DATA, channel, data)

    def consumed(self, channel: int, size: int) -> None:
        """Say that bytes which came are out of the way: the other end may then send as many more."""
        found = self._channels.get(channel)
        if found is None or found.ended_there or found.closed_here:
            return
        found.owed += size
        if found.owed >= WINDOW // 2:
            found.credit += found.owed
            self._outgoing += pack(Kind.WINDOW, channel, number=found.owed)
            found.owed = 0

    def end(self, channel: int) -> None:
        """Say that nothing more comes from here; a second time does nothing."""
        found = self._channels.get(channel)
        if found is not None and not found.ended_here:
            found.ended_here = True
            self._outgoing += pack(Kind.EOF, channel)

    def close(self, channel: int) -> None:
        """Be through with a channel; a second time does nothing."""
        found = self._channels.get(channel)
        if found is not None and not found.closed_here:
            found.ended_here = found.closed_here = True
            self._outgoing += pack(Kind.CLOSE, channel)

    def refuse(self, channel: int, why: str) -> None:
        """Say that a channel leads nowhere, before anything of it was taken, and be through with it."""
        if channel in self._channels:
            self._outgoing += pack(Kind.REFUSE, channel, why.encode("utf-8", "replace")[:LARGEST])
            self.close(channel)

    def tell(self, data: bytes) -> None:
        """Say something about this end, in at most `LARGEST` bytes of JSON."""
        self._outgoing += pack(Kind.ABOUT, 0, data)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._outgoing += pack(Kind.PING)

    def _heard(self, frame: Frame) -> list[Event]:
        if frame.kind is Kind.PING:
            self._asked = True
            return []
        if frame.kind is Kind.PONG:
            return []
        if frame.kind is Kind.ABOUT:
            return [Told(frame.data)]
        if frame.kind is Kind.OPEN:
            return [self._begin(frame.channel)]
        found = self._channels.get(frame.channel)
        if found is None:
            raise ChannelsError(f"A frame came for channel {frame.channel}, which is not open.")
        wanted = not found.closed_here
        event = self._heard_of(found, frame)
        return [event] if wanted and event is not None else []

    def _begin(self, channel: int) -> Opened:
        if self._initiator or channel <= self._last or len(self._channels) >= MOST_OPEN:
            raise ChannelsError(f"Channel {channel} cannot be opened.")
        self._last = channel
        self._channels[channel] = _Channel()
        return Opened(channel)

    def _heard_of(self, found: _Channel, frame: Frame) -> Event | None:
        if frame.kind is Kind.WINDOW:
            return _widened(found, frame)
        if frame.kind is Kind.CLOSE:
            self.close(frame.channel)
            del self._channels[frame.channel]
            return Closed(frame.channel)
        if found.ended_there:
            raise ChannelsError(f"More came for channel {frame.channel} after its end.")
        if frame.kind is Kind.DATA:
            return _received(found, frame)
        found.ended_there = True
        if frame.kind is Kind.REFUSE:
            return Refused(frame.channel, frame.data.decode("utf-8", "replace"))
        return Ended(frame.channel)


def _widened(found: _Channel, frame: Frame) -> Widened | None:
    found.room += frame.number
    if found.room > _MOST_ROOM:
        raise ChannelsError(f"The window of channel {frame.channel} is too wide.")
    return None if found.ended_here else Widened(frame.channel)


def _received(found: _Channel, frame: Frame) -> Received | None:
    found.credit -= len(frame.data)
    if found.credit < 0:
        raise ChannelsError(f"More came for channel {frame.channel} than there is room for.")
    return Received(frame.channel, frame.data) if frame.data else None
