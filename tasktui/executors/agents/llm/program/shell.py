"""Runs one command line in a process group of its own: told as it goes, ended with what it started there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

USUAL_S: Final = 120
LONGEST_S: Final = 1_800
GRACE_S: Final = 2.0
"""Between SIGTERM and SIGKILL."""
DRAIN_S: Final = 1.0
"""After the end of the command: how long something that it left behind may still write."""
HEAD: Final = 32 << 10
"""Bytes of the output that the model is given from its begin, and as many from its end."""
TOLD: Final = 1 << 20
"""Bytes that are told while it runs."""


@dataclass(slots=True)
class Ran:
    """What a command did."""

    code: int
    """Its exit code, 128 + n for a signal."""
    output: str
    late: bool = False
    """Whether it was stopped because its time was up."""

    def told(self) -> str:
        """Return it for the model."""
        why = "stopped: its time was up" if self.late else f"exit code {self.code}"
        return self.output if not self.code else f"{self.output}\n({why})".strip()


class _Output:
    """Collects both ends of what is written."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._head = b""
        self._tail = b""
        self._size = 0

    async def read(self, fd: int) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        pipe = os.fdopen(fd, "rb", 0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
        try:
            while piece := await reader.read(1 << 14):
                self._take(piece)
        finally:
            transport.close()

    def _take(self, piece: bytes) -> None:
        if self._size < TOLD:
            self._tell(piece.decode("utf-8", "replace"))
        self._size += len(piece)
        room = HEAD - len(self._head)
        self._head += piece[:room]
        self._tail = (self._tail + piece[max(0, room) :])[-HEAD:]

    def text(self) -> str:
        left = self._size - len(self._head) - len(self._tail)
        middle = f"\n… {left:,} bytes left out …\n".encode() if left else b""
        return (self._head + middle + self._tail).decode("utf-8", "replace")


async def run(
    command: str, cwd: str, timeout_s: float, secrets: frozenset[str], tell: Callable[[str], None]
) -> Ran:  # fmt: skip
    """Run a command line.

    Args:
        command: for the shell.
        cwd: where.
        timeout_s: after which it is stopped.
        secrets: variables that it does not get.
        tell: is told what it writes.
    """
    env = {name: value for name, value in os.environ.items() if name not in secrets}
    ours, theirs = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", command, cwd=cwd, env=env, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        )  # fmt: skip
    except OSError:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    output = _Output(tell)
    reading = asyncio.create_task(output.read(ours))
    late = await _over(process, max(1.0, timeout_s), reading)
    code = process.returncode or 0
    return Ran(128 - code if code < 0 else code, output.text(), late)


async def _over(process: asyncio.subprocess.Process, timeout_s: float, reading: asyncio.Task[None]) -> bool:
    """Wait for the end, or bring it about; return whether it was late."""
    late = False
    try:
        try:
            async with asyncio.timeout(timeout_s):
                await process.wait()
        except TimeoutError:
            late = True
            await _end(process)
        await asyncio.wait([reading], timeout=DRAIN_S)
    finally:
        if process.returncode is None:
            await asyncio.shield(_end(process))
        # what it left behind in its group, too: the first to end is not always the last
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        reading.cancel()
    return late


async def _end(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await process.wait()
                return
