"""The front in a browser takes as many connections as it has room for, and waits for none for long."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web

from tasktui.web import serving

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def front() -> AsyncIterator[int]:
    """A front that answers everything, until the signal that ends a real one."""

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    listening = serving.listen("127.0.0.1", 0)
    async with asyncio.timeout(50):
        running = asyncio.ensure_future(serving.serve(app, listening, again=lambda: None))
        while not await answer(listening.getsockname()[1]):
            pass
        try:
            yield listening.getsockname()[1]
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await running


async def answer(port: int) -> bytes:
    """Return the first line of an answer on a connection of its own; empty where it was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionError):
            writer.write(ASK)
            return await reader.readline()
        return b""
    finally:
        writer.close()


async def silent_ones(port: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Return as many connections as there may be; nothing is said on them."""
    return [await asyncio.open_connection("127.0.0.1", port) for _ in range(serving.MOST)]


async def has_room(port: int) -> None:
    """Wait until one more is answered."""
    while not await answer(port):
        await asyncio.sleep(0.05)


async def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST", 20)
    monkeypatch.setattr(serving, "HEAD_S", 600.0)
    async with front() as port:
        silent = await silent_ones(port)
        assert await answer(port) == b"", "there is no room"
        silent[0][1].close()
        await has_room(port)
        for _, writer in silent:
            writer.close()


async def test_the_silent_ones_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST", 20)
    monkeypatch.setattr(serving, "HEAD_S", 0.3)
    async with front() as port:
        silent = await silent_ones(port)
        silent[0][1].write(ASK[:20])
        for reader, writer in silent:
            with suppress(ConnectionError):
                assert await reader.read() == b"", "it was closed, half a head or none"
            writer.close()
        await has_room(port)


async def test_one_that_was_answered_is_not_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_S", 1.0)
    async with front() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(ASK)
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        writer.write(ASK[:20])
        async with asyncio.timeout(20):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()
