"""A pair of pipes that many connections share: what moves the bytes of `channels`, and notices silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tasktui.domain.errors import OwnerError
from tasktui.service.channel import Channel, PipeClosedError
from tasktui.service.channel_frames import NoHelloError
from tasktui.service.channels import (
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

TICK_S: Final = 1.0
ASK_AFTER: Final = 3
"""Ticks without a byte after which the initiator asks for a sign of life."""
_READ_BYTES: Final = 65_536
_MOST_UNREAD: Final = 33_554_432
"""Bytes that wait for the other end; windows and `drain` keep one that reads far below."""


class PipeSilentError(OwnerError):
    """The other end of the connection says nothing."""

    code = "PIPE_SILENT"


class Pipe:
    """One end, on the running loop."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        machine: Channels,
        *,
        patience: int,
        asks: bool = False,
        on_open: Callable[[Channel], None] | None = None,
    ) -> None:
        """Take the streams and the protocol.

        Args:
            streams: what the other end writes, and what it reads.
            machine: of this end, fresh.
            patience: ticks of a second without a byte after which the other end is given up. A tick that
                comes late counts once, so that a loop which was held up does not blame the other end.
            asks: whether to ask for signs of life; the other end answers them.
            on_open: called with each channel that the other end begins.
        """
        self.machine = machine
        self.version: str | None = None
        """Of the tasktui at the other end, once it said hello."""
        self.about: bytes = b""
        """What the other end said about itself."""
        self.why: OwnerError | None = None
        """Why it is over, once it is."""
        self.refusal: str | None = None
        """Why channels lead nowhere; None while they do not, as far as is known."""
        self._reader, self._writer = streams
        self._patience = patience
        self._asks = asks
        self._on_open = on_open
        self._channels: dict[int, Channel] = {}
        self._silent = 0
        self._greeted = asyncio.Event()
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Move bytes until one end closes, or the other is silent or breaks the rules; `why` says which."""
        self.flush()
        works = [asyncio.ensure_future(work) for work in (self._read(), self._watch(), self._over.wait())]
        try:
            await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
            self.break_off(PipeClosedError())
            self._writer.close()

    async def greeted(self) -> str:
        """Return the version of the other end when it has said hello.

        Raises:
            OwnerError: it ended without.
        """
        await self._greeted.wait()
        if self.version is None:
            raise self.why or NoHelloError()
        return self.version

    def open(self) -> Channel:
        """Begin a channel.

        Raises:
            OwnerError: the pipe is over, or too many are open.
        """
        if self.why is not None:
            raise self.why
        channel = Channel(self, self.machine.open())
        self._channels[channel.number] = channel
        self.flush()
        return channel

    def flush(self) -> None:
        """Write what the machine has to say."""
        unread = self._writer.transport.get_write_buffer_size()
        if unread > _MOST_UNREAD:
            self.break_off(PipeSilentError("It reads nothing of what it is told."))
        # one whose reader has gone is over once what was sent before is read
        if (
            self.why is None
            and (data := self.machine.outgoing(crowded=unread > 0))
            and not self._writer.is_closing()
        ):
            self._writer.write(data)

    async def drain(self) -> None:
        """Write, and wait while the pipe is full: channels that send take turns here."""
        self.flush()
        with suppress(ConnectionError):
            await self._writer.drain()
        if self.why is not None:
            raise self.why

    def forget(self, channel: Channel) -> None:
        """Be through with a channel."""
        self.machine.close(channel.number)
        self._channels.pop(channel.number, None)
        self.flush()

    def break_off(self, why: OwnerError) -> None:
        """End it and every channel; the first reason stands."""
        self.why = self.why or why
        self._greeted.set()
        self._over.set()
        for channel in self._channels.values():
            channel.sever()
        self._channels.clear()

    async def _read(self) -> None:
        while self.why is None:
            try:
                data = await self._reader.read(_READ_BYTES)
            except ConnectionError:
                return
            if not data:
                return
            self._silent = 0
            for event in self.machine.receive(data):
                self._take(event)
            self.flush()

    def _take(self, event: Event) -> None:
        if isinstance(event, Broken):
            self.break_off(event.error)
        elif isinstance(event, Greeted):
            self.version = event.version
            self._greeted.set()
        elif isinstance(event, Told):
            self.about = event.data
        elif isinstance(event, Opened):
            self._begun(Channel(self, event.channel))
        else:
            self._take_for(event)

    def _take_for(self, event: Received | Refused | Widened | Ended | Closed) -> None:
        if isinstance(event, Refused):
            self.refusal = event.why
        elif isinstance(event, Received):
            self.refusal = None
        if (channel := self._channels.get(event.channel)) is not None:
            channel.take(event)

    def _begun(self, channel: Channel) -> None:
        self._channels[channel.number] = channel
        if self._on_open is not None:
            self._on_open(channel)

    async def _watch(self) -> None:
        """Count the seconds of silence, and return when there were too many."""
        while self._silent <= self._patience:
            await asyncio.sleep(TICK_S)
            self._silent += 1
            if self._asks and self._silent >= ASK_AFTER:
                self.machine.ping()
                self.flush()
        self.break_off(PipeSilentError(f"It has said nothing for {self._patience} seconds."))
