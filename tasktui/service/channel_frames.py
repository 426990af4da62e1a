"""What travels over a pair of pipes that many connections share: a hello line each way, then frames.

The hello is `NUL tasktui-channels <protocol> <version> LF`; what a remote shell prints before it is skipped.
A frame is a kind (one byte), a channel and a number (four bytes each, the highest first); where the number
is a length, so many bytes follow. The terms, and windows that the receiver widens, are those of RFC 4254,
section 5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from tasktui.domain.errors import OwnerError

PROTOCOL: Final = 1
LARGEST: Final = 32_768
"""Bytes of one frame: how long the pipe belongs to one channel."""
NOISE_LIMIT: Final = 65_536
"""What may come before the hello."""
MAGIC: Final = b"\x00tasktui-channels "
_LONGEST_HELLO: Final = 100
_FRAME: Final = struct.Struct("!BII")


class ChannelsError(OwnerError):
    """The other end of the pipes does not speak as we do."""

    code = "CHANNELS"


class NoHelloError(ChannelsError):
    """The other end never said hello."""

    code = "NO_HELLO"


class OtherProtocolError(ChannelsError):
    """The other end speaks another version of the protocol."""

    code = "OTHER_PROTOCOL"


class Kind(IntEnum):
    """What a frame is."""

    OPEN = 1
    """The initiator begins a channel; it may send at once."""
    REFUSE = 2
    """The channel leads nowhere, and nothing that was sent into it arrived; the bytes say why."""
    DATA = 3
    """Bytes of a channel."""
    WINDOW = 4
    """So many bytes more may be sent."""
    EOF = 5
    """Nothing more comes from this end."""
    CLOSE = 6
    """The channel is over; the other end answers with the same."""
    PING = 7
    """Are you there?"""
    PONG = 8
    """Yes."""
    ABOUT = 9
    """What this end says about itself; the bytes are JSON."""


_WITH_BYTES: Final = frozenset({Kind.REFUSE, Kind.DATA, Kind.ABOUT})


class Frame(NamedTuple):
    """One frame."""

    kind: Kind
    channel: int
    number: int
    data: bytes


def hello(version: str) -> bytes:
    """Return the line that says which protocol and which tasktui this end speaks."""
    return MAGIC + b"%d %s\n" % (PROTOCOL, version.encode())


def pack(kind: Kind, channel: int = 0, data: bytes = b"", *, number: int | None = None) -> bytes:
    """Return a frame as it travels."""
    return _FRAME.pack(kind, channel, len(data) if number is None else number) + data


def take_hello(incoming: bytearray) -> str | None:
    """Remove the hello and what is before it; return the version that it tells, None until it has come.

    Raises:
        NoHelloError: there is only something else.
        OtherProtocolError: it tells another protocol.
    """
    start = incoming.find(MAGIC, 0, NOISE_LIMIT + len(MAGIC))
    if start < 0:
        if len(incoming) >= NOISE_LIMIT + len(MAGIC):
            raise NoHelloError
        return None
    end = incoming.find(b"\n", start, start + _LONGEST_HELLO)
    if end < 0:
        if len(incoming) >= start + _LONGEST_HELLO:
            raise NoHelloError
        return None
    told = incoming[start + len(MAGIC) : end].decode("ascii", "replace")
    protocol, _, version = told.partition(" ")
    if protocol != str(PROTOCOL):
        raise OtherProtocolError(protocol=protocol, version=version)
    del incoming[: end + 1]
    return version


def take_frames(incoming: bytearray) -> Iterator[Frame]:
    """Remove and yield every frame that is whole.

    Raises:
        ChannelsError: this is no frame.
    """
    at = 0
    try:
        while len(incoming) - at >= _FRAME.size:
            code, channel, number = _FRAME.unpack_from(incoming, at)
            if code not in _KINDS:
                raise ChannelsError(f"A frame of the unknown kind {code} came.")
            size = number if code in _WITH_BYTES else 0
            if size > LARGEST:
                raise ChannelsError(f"A frame of {size} bytes came.")
            if len(incoming) - at < _FRAME.size + size:
                return
            at += _FRAME.size + size
            yield Frame(_KINDS[code], channel, number, bytes(incoming[at - size : at]))
    finally:
        del incoming[:at]


_KINDS: Final = {int(kind): kind for kind in Kind}
