"""Streams that say something now and then although nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

T = TypeVar("T")


async def with_silence(items: AsyncIterator[T], seconds: float) -> AsyncGenerator[T | None, None]:
    """Yield the items, and None after each stretch of silence of this length."""
    coming: asyncio.Task[T] | None = None
    try:
        while True:
            coming = coming or asyncio.get_running_loop().create_task(_next(items))
            done, _ = await asyncio.wait({coming}, timeout=seconds)
            if not done:
                yield None
                continue
            try:
                item = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield item
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.wait({coming})
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()


async def _next(items: AsyncIterator[T]) -> T:
    return await anext(items)
