"""What client and owner speak, and what is said when one is newer. Standard library alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tasktui.domain.errors import InvalidError, NotFoundError, RefusedError, TasktuiError

API: Final = 1
"""Raised whenever something that a client of this level says or reads would be understood otherwise."""
OLDEST: Final = 1
"""Acts of clients below this level are refused: they would not mean what they did."""
HEADER: Final = "x-tasktui-api"
"""Carries the level of the one who sends it."""
VERSION_HEADER: Final = "x-tasktui-version"
NO_PATH: Final = "No such path"
"""How the message of a 404 begins that is not about a task."""
_WORST_DIGITS: Final = 6


class LevelError(RefusedError):
    """One of the two is of a version that does not understand the other."""

    code = "API_LEVEL"
    http_status = 426


def level_of(text: str | None) -> int | None:
    """Return the level that a header names; None when it names none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _WORST_DIGITS else None


def difference(headers: Mapping[str, str]) -> str | None:
    """Return what is to be said about an owner of another level; None about one of ours.

    Args:
        headers: of its answer, named in lower case.
    """
    level = level_of(headers.get(HEADER))
    if level is None or level == API:
        return None
    owner = f"The owner is tasktui {headers.get(VERSION_HEADER) or '?'} and speaks level {level} of the API"
    if level > API:
        return f"{owner}, newer than this one with level {API}. Update tasktui here."
    return (
        f"{owner}, older than this one with level {API}. Put this version in its place with "
        "`tasktui serve --background --take-over`: its tasks go on."
    )


def explained(error: TasktuiError, headers: Mapping[str, str]) -> TasktuiError:
    """Return the error that says why an older owner did not understand; the given one if that is not it."""
    level = level_of(headers.get(HEADER))
    unheard_of = isinstance(error, NotFoundError) and error.message.startswith(NO_PATH)
    if level is None or level >= API or not (unheard_of or type(error) is InvalidError):
        return error
    return LevelError(f"Nothing was done: {error.message}. {difference(headers)}", **error.details)


def too_old(level: int, version: str) -> LevelError:
    """Return what a client is told whose acts would not mean what they did."""
    return LevelError(
        f"Nothing was done: this owner, tasktui {version}, takes acts of level {OLDEST} of the API and "
        f"later; you speak level {level}. Reading goes on; update tasktui where you are.",
        level=level,
    )
