"""A program at whose pipes another machine's owner is reached: how it is started, watched and ended."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process, SubprocessStreamProtocol
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from tasktui.descriptors import lowered
from tasktui.domain.errors import OwnerError
from tasktui.service.channel import PipeClosedError
from tasktui.service.channels import Channels
from tasktui.service.pipe import Pipe

PATIENCE: Final = 8
"""Seconds without a byte, though asked for a sign of life, after which the connection is given up."""
HELLO_S: Final = 30.0
"""From the start of the program to the hello of the other end: a login, and a command on a busy machine."""
_END_S: Final = 1.0
_LAST_WORDS_S: Final = 0.5
_LONGEST_LINE: Final = 4_096
_LIMIT: Final = 65_536
_KEPT: Final = 40
"""Lines of what it said on standard error that are kept."""


class NotStartedError(OwnerError):
    """The program cannot be run."""


class Failure(NamedTuple):
    """How a program ended, or that it could not be used."""

    why: OwnerError
    code: int | None = None
    """Its exit code, negative for a signal; None when it had to be killed."""
    said: tuple[str, ...] = ()
    """Its last lines on standard error."""
    noise: str = ""
    """What came instead of a hello."""


class UnusableError(OwnerError):
    """The program could not be used."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.why.message)
        self.failure = failure


class Program:
    """One running program and the pipe through it."""

    def __init__(self, process: Process, transport: asyncio.SubprocessTransport, pipe: Pipe) -> None:
        self.pipe = pipe
        self.failure: Failure | None = None
        """How it ended, once it has."""
        self._process = process
        self._transport = transport
        self._said: deque[str] = deque(maxlen=_KEPT)
        self._running = asyncio.ensure_future(self._run())

    @classmethod
    async def start(cls, argv: Sequence[str], *, version: str) -> Program:
        """Start the program and wait until the other end has said hello.

        Args:
            argv: the program; it gets no terminal.
            version: of tasktui, told to the other end.

        Raises:
            UnusableError: it does not get so far.
        """
        loop = asyncio.get_running_loop()
        try:
            # it must neither ask on our terminal nor hear its Ctrl-C
            transport, protocol = await loop.subprocess_exec(
                lambda: SubprocessStreamProtocol(_LIMIT, loop),
                *lowered(argv),
                start_new_session=True,
            )
        except OSError as exc:
            raise UnusableError(Failure(NotStartedError(f"{argv[0]} cannot be run: {exc.strerror}"))) from exc
        process = Process(transport, protocol, loop)
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("a program without pipes")
        machine = Channels(initiator=True, version=version)
        pipe = Pipe((process.stdout, process.stdin), machine, patience=PATIENCE, asks=True)
        program = cls(process, transport, pipe)
        try:
            async with asyncio.timeout(HELLO_S):
                await program.pipe.greeted()
        except TimeoutError:
            program.pipe.break_off(OwnerError(f"No answer came in {HELLO_S:.0f} seconds."))
            raise UnusableError(await program.end()) from None
        except OwnerError:
            raise UnusableError(await program.end()) from None
        except BaseException:
            await program.end()
            raise
        return program

    async def end(self) -> Failure:
        """Hang up, and return how it ended."""
        self.pipe.break_off(PipeClosedError())
        # who asks may be cancelled meanwhile: the program is ended all the same
        await asyncio.shield(self._running)
        return self.failure or Failure(PipeClosedError())

    async def _run(self) -> None:
        listening = asyncio.ensure_future(self._listen())
        try:
            await self.pipe.run()
        finally:
            try:
                # its input is closed by now, which ends it, unless it hangs
                code = await self._ended()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LAST_WORDS_S):
                        await asyncio.shield(listening)
            finally:
                listening.cancel()
                # what it left behind may hold the other ends; one that still runs is killed
                self._transport.close()
            await asyncio.gather(listening, return_exceptions=True)
            noise = self.pipe.machine.noise.decode("utf-8", "replace").strip()
            self.failure = Failure(self.pipe.why or PipeClosedError(), code, tuple(self._said), noise)

    async def _ended(self) -> int | None:
        for stop in (None, self._process.terminate, self._process.kill):
            if stop is not None:
                with suppress(ProcessLookupError):
                    stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    code = await self._process.wait()
                    return code if stop is None else None
        return None

    async def _listen(self) -> None:
        """Keep its last lines; a master connection that it leaves in the background may hold this open."""
        stream = self._process.stderr
        rest = b""
        while stream is not None and (data := await stream.read(_LONGEST_LINE)):
            *lines, rest = (rest + data).split(b"\n")
            self._said.extend(line.decode("utf-8", "replace").strip() for line in lines)
            rest = rest[-_LONGEST_LINE:]
        if rest:
            self._said.append(rest.decode("utf-8", "replace").strip())
