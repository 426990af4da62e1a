"""The owner on another machine, reached through a program's pipes, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import httpx

from tasktui.domain.errors import ManagerClosedError, OwnerError
from tasktui.service.channel import Channel, PipeClosedError
from tasktui.service.channel_transport import ChannelTransport
from tasktui.service.login import Login, read_login
from tasktui.service.presence import LONGEST_SILENCE_S
from tasktui.service.program import Failure, Program, UnusableError

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 10.0
"""Between two attempts to connect: the first, and the longest after many that failed."""
_STEADY_S: Final = 5.0
"""A connection that lasted less counts as an attempt that failed."""


class Distant:
    """Reaches an owner at the pipes of a program."""

    patience_s: float = 5.0
    seek_s: float | None = None

    def __init__(
        self, argv: Sequence[str], *, name: str, explain: Callable[[Failure], OwnerError], version: str
    ) -> None:
        """Take how the owner is reached.

        Args:
            argv: the program, for instance ssh with what it runs at the other end.
            name: of the machine, for a person.
            explain: makes the sentence for a person of how the program ended.
            version: of tasktui, told to the other end.
        """
        self.name = name
        self._argv = tuple(argv)
        self._explain = explain
        self._version = version
        self._program: Program | None = None
        self._connecting = asyncio.Lock()
        self._why: OwnerError | None = None
        self._began = 0.0
        self._pause = 0.0
        self._not_before = 0.0
        self._closed = False

    async def login(self) -> Login | None:
        """Return what a login there has, connecting where there is no connection.

        Raises:
            OwnerError: it cannot be reached.
        """
        await self.revive()
        return read_login(self._program.pipe.about) if self._program is not None else None

    @property
    def version(self) -> str | None:
        """Of the tasktui at the other end; None while there is no connection."""
        return self._program.pipe.version if self._program is not None and self.connected() else None

    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._program is not None and self._program.pipe.why is None

    def transport(self, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
        """Return what carries requests over the pipes."""
        return ChannelTransport(self._begin, limits)

    async def revive(self) -> None:
        """Connect; soon after an attempt that failed, only say again why.

        Raises:
            OwnerError: it cannot be reached, and the message says what to do.
        """
        if self.connected():
            return
        async with self._connecting:
            self._ensure_open()
            if self.connected():
                return
            await self._forget()
            if asyncio.get_running_loop().time() < self._not_before:
                raise self.nobody()
            await self._connect()

    def nobody(self) -> OwnerError:
        """Return the error that says why nobody answers."""
        pipe = self._program.pipe if self._program is not None else None
        if self._program is not None and pipe is not None and pipe.why is not None:
            self._why = self._explain(self._program.failure or Failure(pipe.why))
        if pipe is not None and pipe.why is None and pipe.refusal is not None:
            return OwnerError(f"{self.name}: {pipe.refusal}")
        return self._why or OwnerError(f"The owner on {self.name} does not answer.")

    def lost(self) -> str:
        """Return what a screen is told while the machine is sought."""
        return f"{self.nobody().message} Trying again…"

    def hangs(self, silent_s: float) -> bool:
        """Whether the owner has been silent for too long; a connection that is lost says so by itself."""
        return silent_s > LONGEST_SILENCE_S

    def watch(self) -> Callable[[], bool]:
        """Return what tells nothing: who loses the owner there ends the channel."""
        return lambda: False

    async def close(self) -> None:
        """Hang up; the work goes on at the other end."""
        self._closed = True
        await self._forget()

    def _begin(self) -> Channel:
        if self._program is None:
            raise self._why or PipeClosedError()
        return self._program.pipe.open()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._program = await Program.start(self._argv, version=self._version)
        except UnusableError as exc:
            self._why = self._explain(exc.failure)
            self._back_off()
            raise self._why from exc
        self._began = loop.time()
        self._why = None
        if self._closed:
            # meanwhile somebody hung up
            await self._forget()
            self._ensure_open()

    def _ensure_open(self) -> None:
        if self._closed:
            raise ManagerClosedError("This screen has hung up.")

    async def _forget(self) -> None:
        """Be through with a connection that is over."""
        program, self._program = self._program, None
        if program is None:
            return
        failure = await program.end()
        if not self._closed:
            self._why = self._explain(failure)
            if asyncio.get_running_loop().time() - self._began > _STEADY_S:
                self._pause = 0.0
            else:
                self._back_off()

    def _back_off(self) -> None:
        self._pause = min(max(FIRST_PAUSE_S, 2 * self._pause), LONGEST_PAUSE_S)
        self._not_before = asyncio.get_running_loop().time() + self._pause
