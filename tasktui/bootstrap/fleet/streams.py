"""Streams of several machines as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Final, TypeVar

from tasktui.domain.errors import TasktuiError

T = TypeVar("T")
_ROOM: Final = 256
"""Items that wait for the reader; then the machines' own streams wait, which never slow a task."""


async def joined(streams: Mapping[str, AsyncIterator[T]]) -> AsyncGenerator[tuple[str, T], None]:
    """Return items with the name of their stream, as they come; a stream that fails ends for itself.

    Raises:
        TasktuiError: every stream failed; the first failure.
    """
    queue: asyncio.Queue[tuple[str, T] | None] = asyncio.Queue(_ROOM)
    failures: list[TasktuiError] = []

    async def pump(name: str, stream: AsyncIterator[T]) -> None:
        try:
            async for item in stream:
                await queue.put((name, item))
        except TasktuiError as error:
            failures.append(error)
        await queue.put(None)

    pumps = [asyncio.ensure_future(pump(name, stream)) for name, stream in streams.items()]
    try:
        left = len(pumps)
        while left:
            found = await queue.get()
            if found is None:
                left -= 1
            else:
                yield found
    finally:
        for one in pumps:
            one.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    if failures and len(failures) == len(pumps):
        raise failures[0]
