"""A program under a pseudo-terminal of its own, on the event loop."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import termios
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

GRACE_S: Final = 4.0
"""How long a program has to end after its terminal went away, and again after SIGTERM."""
STUCK_S: Final = 5.0
"""How long a program may leave its terminal's input unread, once that is full."""
_PIECE: Final = 65536
_MOST_CELLS: Final = 1000

_Add = Callable[[int, Callable[[], None]], object]


class Terminal:
    """A program and the other end of its terminal."""

    def __init__(self, fd: int, process: Process) -> None:
        self._fd = fd
        self._process = process

    @classmethod
    async def start(
        cls, argv: Sequence[str], environ: Mapping[str, str], *, columns: int, rows: int
    ) -> Terminal:
        """Start a program that has a terminal of this size for its own, and hears SIGHUP when we are gone.

        Raises:
            OSError: there is no terminal to be had, or the program does not start.
        """
        fd, tty = os.openpty()
        try:
            os.set_blocking(fd, False)
            _set_size(fd, columns, rows)
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=tty, stdout=tty, stderr=tty, env=dict(environ), start_new_session=True,
                preexec_fn=_take_terminal,
            )  # fmt: skip
        except BaseException:
            os.close(fd)
            raise
        finally:
            os.close(tty)
        return cls(fd, process)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the kernel tells the program."""
        _set_size(self._fd, columns, rows)

    async def read(self) -> bytes:
        """Return what the program wrote next; empty when it has ended."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return os.read(self._fd, _PIECE)
            except BlockingIOError:
                await self._until(loop.add_reader, loop.remove_reader)
            except OSError:  # EIO: nobody holds the other end any more
                return b""

    async def write(self, data: bytes) -> None:
        """Give the program input.

        Raises:
            TimeoutError: it does not read.
            OSError: it has ended.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(STUCK_S):
            while data:
                try:
                    data = data[os.write(self._fd, data) :]
                except BlockingIOError:
                    await self._until(loop.add_writer, loop.remove_writer)

    async def close(self) -> None:
        """Take the terminal away and see the program end: by the hang-up, else by SIGTERM, else by force."""
        os.close(self._fd)
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE_S):
                    await self._process.wait()
                    return

    async def _until(self, add: _Add, remove: Callable[[int], object]) -> None:
        """Wait until the loop finds the descriptor ready."""
        ready = asyncio.Event()
        add(self._fd, ready.set)
        try:
            await ready.wait()
        finally:
            remove(self._fd)


def _set_size(fd: int, columns: int, rows: int) -> None:
    cells = [min(max(number, 1), _MOST_CELLS) for number in (rows, columns)]
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", *cells, 0, 0))


def _take_terminal() -> None:
    """Run between fork and exec: the session of the program gets its terminal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
