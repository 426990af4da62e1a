"""Waiting until a descriptor takes more bytes."""

from __future__ import annotations

import asyncio


async def writable(fd: int) -> None:
    """Return once ``fd`` can be written to, or nobody reads it any more."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(fd, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(fd)
