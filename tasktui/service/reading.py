"""What another process answered, read with distrust: bounded, plain, and understood or an `OwnerError`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final, ParamSpec, TypeVar

import httpx

from tasktui.domain.errors import InvalidError, OwnerError, TasktuiError
from tasktui.domain.wire import JsonObject, decode, error_from_object

P = ParamSpec("P")
T = TypeVar("T")

LARGEST_BODY: Final = 33_554_432
"""Bytes of one answer; a page is bounded far below, and so is a stretch of output."""
LARGEST_FRAME: Final = 16_777_216
"""Bytes of one frame of a stream."""
PLAIN: Final = {"accept-encoding": "identity"}
"""Asks for answers whose size on the wire is their size."""
_FRAME_ENDS: Final = (b"\n\n", b"\n\r\n", b"\r\r")
_LONGEST_REASON: Final = 200
_STUMBLES: Final = (
    InvalidError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip


class NotUnderstoodError(OwnerError):
    """The owner answered something that this version does not understand."""

    code = "NOT_UNDERSTOOD"


def understood(form: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a reader of answers makes of one.

    Raises:
        NotUnderstoodError: it cannot read it, whatever it stumbles over.
    """
    try:
        return form(*args, **kwargs)
    except _STUMBLES as exc:
        why = f"{type(exc).__name__}: {exc}"[:_LONGEST_REASON]
        raise NotUnderstoodError(f"{NotUnderstoodError.__doc__} ({why})") from exc


def read(status: int, body: bytes) -> JsonObject:
    """Return an answer.

    Raises:
        NotUnderstoodError: it is not a JSON object.
        TasktuiError: the one that the owner answered.
    """
    if status < httpx.codes.BAD_REQUEST:
        return understood(decode, body)
    try:
        error = understood(told_error, body)
    except NotUnderstoodError as exc:
        raise TasktuiError(f"The owner answered with status {status}.", status=status) from exc
    raise error


def told_error(text: bytes | str) -> TasktuiError:
    """Return the error that a body or a frame tells."""
    return error_from_object(decode(text))


def items(made: JsonObject, form: Callable[[JsonObject], T]) -> tuple[T, ...]:
    """Return what an answer lists."""
    return tuple(form(one) for one in made["items"])


def number(made: JsonObject, name: str) -> int:
    """Return the number of that name."""
    return int(made[name])


def text_of(made: JsonObject, name: str) -> str:
    """Return the text of that name."""
    return str(made[name])


async def whole(response: httpx.Response) -> bytes:
    """Return the body of an answer.

    Raises:
        NotUnderstoodError: it is encoded, or longer than any is.
    """
    _see_that_it_is_plain(response)
    body = bytearray()
    async for data in response.aiter_raw():
        body += data
        if len(body) > LARGEST_BODY:
            raise NotUnderstoodError(f"The owner answered with more than {LARGEST_BODY} bytes.")
    return bytes(body)


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
