"""Pictures that go with a prompt, as agents take them."""

from __future__ import annotations

import os
import stat
from base64 import b64encode
from collections.abc import Callable
from pathlib import PurePath
from typing import Final, NamedTuple, TypeAlias

LARGEST: Final = 5 << 20
"""Bytes of a picture that is sent as it is; providers take no larger ones."""
_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


class Picture(NamedTuple):
    """A picture for a line of JSON."""

    mime: str
    base64: str


Pictures: TypeAlias = Callable[[str], Picture | None]
"""Returns the picture at a path; None where there is none, or one that is too large."""


def no_pictures(_: str) -> None:
    """Return none: every file goes by its address."""


def picture(path: str) -> Picture | None:
    """Return the picture at a path; None for what is none by its name, no plain file, or too large."""
    mime = _TYPES.get(PurePath(path).suffix.lower())
    data = _read(path) if mime else b""
    return Picture(mime, b64encode(data).decode()) if mime and data and len(data) <= LARGEST else None


def _read(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with os.fdopen(fd, "rb") as file:
        return file.read(LARGEST + 1) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
