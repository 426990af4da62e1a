"""One connection of those that share a pipe: read and written like a stream, each at its own pace."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from tasktui.domain.errors import OwnerError
from tasktui.service.channels import Closed, Ended, Event, Received, Refused

if TYPE_CHECKING:
    from tasktui.service.pipe import Pipe


class PipeClosedError(OwnerError):
    """The connection was closed."""

    code = "PIPE_CLOSED"


class RefusedChannelError(OwnerError):
    """The other end could not connect this channel; nothing that was sent into it was taken."""

    code = "CHANNEL_REFUSED"


class Channel:
    """One connection of those that share a pipe."""

    def __init__(self, pipe: Pipe, number: int) -> None:
        self.number = number
        self.closed = False
        """Whether the other end is through with it, or the pipe is broken."""
        self._pipe = pipe
        self._came: deque[bytes] = deque()
        self._ended = False
        self._refused: str | None = None
        self._changed = asyncio.Event()

    @property
    def readable(self) -> bool:
        """Whether `read` would return at once."""
        return bool(self._came) or self._ended or self.closed

    async def read(self, most: int) -> bytes:
        """Return what came, at least a byte; nothing at the end.

        Raises:
            RefusedChannelError: it leads nowhere.
            OwnerError: the pipe is broken.
        """
        while not self.readable:
            await self._wait()
        if not self._came:
            self._check()
            return b""
        data = self._came.popleft()
        if len(data) > most:
            self._came.appendleft(data[most:])
            data = data[:most]
        self._pipe.machine.consumed(self.number, len(data))
        self._pipe.flush()
        return data

    async def write(self, data: bytes) -> None:
        """Send bytes, as fast as they are taken.

        Raises:
            RefusedChannelError: it leads nowhere.
            OwnerError: the pipe is broken, or the other end is through with this channel.
        """
        rest = memoryview(data)
        while rest:
            while not (room := self._pipe.machine.room(self.number)) or self.closed:
                self._check()
                if self.closed:
                    raise PipeClosedError
                await self._wait()
            self._pipe.machine.send(self.number, bytes(rest[:room]))
            rest = rest[room:]
            await self._pipe.drain()

    def end(self) -> None:
        """Say that nothing more comes from here."""
        self._pipe.machine.end(self.number)
        self._pipe.flush()

    def close(self) -> None:
        """Be through with it."""
        self._pipe.forget(self)

    def refuse(self, why: str) -> None:
        """Say that it leads nowhere."""
        self._pipe.machine.refuse(self.number, why)
        self._pipe.flush()
        self._pipe.forget(self)

    def take(self, event: Event) -> None:
        """Note what came for it."""
        if isinstance(event, Received):
            self._came.append(event.data)
        elif isinstance(event, Ended):
            self._ended = True
        elif isinstance(event, Refused):
            self._refused = event.why
            self._ended = self.closed = True
        elif isinstance(event, Closed):
            self._ended = self.closed = True
        self._changed.set()

    def sever(self) -> None:
        """The pipe is broken."""
        self.closed = True
        self._changed.set()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _check(self) -> None:
        if self._refused is not None:
            raise RefusedChannelError(self._refused)
        if not self._ended and self._pipe.why is not None:
            raise self._pipe.why
