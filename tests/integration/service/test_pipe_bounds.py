"""An other end that talks and does not read: what waits for it stays small, or it is given up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tasktui.service.channel_frames import LARGEST, Kind, hello, pack
from tasktui.service.channels import Channels
from tasktui.service.pipe import Pipe, PipeSilentError


@asynccontextmanager
async def deaf() -> AsyncIterator[tuple[Pipe, asyncio.StreamWriter, socket.socket]]:
    """A pipe that runs, what it writes by, and its other end, which reads nothing."""
    here, there = socket.socketpair()
    there.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=here)
    pipe = Pipe((reader, writer), Channels(initiator=False, version="1"), patience=20)
    running = asyncio.ensure_future(pipe.run())
    await asyncio.get_running_loop().sock_sendall(there, hello("1"))
    await pipe.greeted()
    try:
        async with asyncio.timeout(40):
            yield pipe, writer, there
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        there.close()


async def test_who_asks_for_signs_of_life_and_reads_none_makes_nothing_grow() -> None:
    async with deaf() as (pipe, writer, there):
        for _ in range(64):
            pipe.machine.tell(b"x" * LARGEST)
        pipe.flush()
        waiting = writer.transport.get_write_buffer_size()
        assert waiting > 0
        loop = asyncio.get_running_loop()
        for _ in range(2_000):
            await loop.sock_sendall(there, pack(Kind.PING))
            await asyncio.sleep(0)
        await loop.sock_sendall(there, pack(Kind.ABOUT, 0, b"heard"))
        while pipe.about != b"heard":
            await asyncio.sleep(0.01)
        assert writer.transport.get_write_buffer_size() == waiting


async def test_who_reads_nothing_of_very_much_is_given_up() -> None:
    async with deaf() as (pipe, _, _):
        while pipe.why is None:
            pipe.machine.tell(b"x" * LARGEST)
            pipe.flush()
        assert isinstance(pipe.why, PipeSilentError)
        assert "reads nothing" in pipe.why.message
