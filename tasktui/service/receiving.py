"""How much another process may answer: bodies and frames that come with httpx, bounded and not encoded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import httpx

from tasktui.service.reading import LARGEST_BODY, NotUnderstoodError, TooLongError

LARGEST_FRAME: Final = 16_777_216
"""Bytes of one frame of a stream."""
SILENCE_S: Final = 30.0
"""Within an answer that has begun, after which the rest of it will not come."""
WHOLE_S: Final = 300.0
"""From the head of an answer to its end: the largest over a slow line; what comes byte by byte is none."""
PLAIN: Final = {"accept-encoding": "identity"}
"""Asks for answers whose size on the wire is their size."""
_FRAME_ENDS: Final = (b"\n\n", b"\n\r\n", b"\r\r")


async def whole(response: httpx.Response) -> bytes:
    """Return the body of an answer.

    Raises:
        NotUnderstoodError: it is encoded, or longer than any is.
        ReadTimeout: it does not come, or not to its end.
    """
    _see_that_it_is_plain(response)
    try:
        async with asyncio.timeout(WHOLE_S):
            return await _gathered(response)
    except TimeoutError as exc:
        raise httpx.ReadTimeout("The rest of the answer did not come.") from exc


async def _gathered(response: httpx.Response) -> bytes:
    body, pieces = bytearray(), response.aiter_raw()
    while True:
        async with asyncio.timeout(SILENCE_S):
            data = await anext(pieces, None)
        if data is None:
            return bytes(body)
        body += data
        if len(body) > LARGEST_BODY:
            raise TooLongError


def bound_frames(response: httpx.Response) -> None:
    """Have the reader of a stream fail at a frame that does not end.

    Raises:
        NotUnderstoodError: the stream is encoded.
    """
    _see_that_it_is_plain(response)
    response.encoding = "utf-8"
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, tail = 0, b""
        async for data in self._stream:
            seen = tail + data
            end = max(map(seen.rfind, _FRAME_ENDS))
            size = size + len(data) if end < 0 else len(seen) - end
            if size > LARGEST_FRAME:
                raise NotUnderstoodError(f"The owner sent a frame of more than {LARGEST_FRAME} bytes.")
            tail = seen[-2:]
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()


def _see_that_it_is_plain(response: httpx.Response) -> None:
    coding = response.headers.get("content-encoding", "identity")
    if coding != "identity":
        raise NotUnderstoodError(
            f"The owner answered in the encoding {coding[:40]!r}, which nobody asked for."
        )
