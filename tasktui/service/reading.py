"""What another process answered, read with distrust: understood, or an `OwnerError`. It loads no httpx."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, ParamSpec, TypeVar

from tasktui.domain.errors import InvalidError, OwnerError, TasktuiError
from tasktui.domain.wire import JsonObject, decode, error_from_object

P = ParamSpec("P")
T = TypeVar("T")

LARGEST_BODY: Final = 33_554_432
"""Bytes of one answer; a page is bounded far below, and so is a stretch of output."""
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


class TooLongError(NotUnderstoodError):
    """The owner answered with more bytes than any answer has."""

    def __init__(self) -> None:
        super().__init__(f"The owner answered with more than {LARGEST_BODY} bytes.")


def read(status: int, body: bytes) -> JsonObject:
    """Return an answer.

    Raises:
        NotUnderstoodError: it is not a JSON object.
        TasktuiError: the one that the owner answered.
    """
    if status < HTTPStatus.BAD_REQUEST:
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
