"""Files that people attach: how large, how many, and under which names they may be kept."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from tasktui.domain.errors import InvalidError

LARGEST: Final = 8 << 20
"""Bytes of one file (system 000's figure)."""
MOST: Final = 100
"""Files of one task."""
MOST_BYTES: Final = 128 << 20
"""Bytes of all files of one task."""
SECRETS: Final = frozenset({".env", ".pem", ".key", ".crt", ".p12", ".pfx", ".jks"})
"""Endings of files that hold secrets: they are never taken (system 000's list)."""
DIRECTORY: Final = "attachments"
"""Where a task's directory has them."""
ROLE: Final = "attachment"
"""Of the artifacts that they are."""
_UNSAFE: Final = re.compile(r"[^\w.\- ]+")
_LONGEST: Final = 120


def safe_name(name: str) -> str:
    """Return the name under which a file is kept: letters, digits, `_`, `-`, `.` and spaces, and no path.

    Raises:
        InvalidError: nothing is left of it, or files of this kind are not taken.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = _UNSAFE.sub("_", last).strip(" ")
    words = plain.lower().split(".")
    if any(f".{word.strip()}" in SECRETS for word in words[1:]):
        raise InvalidError(f"Files of this kind may hold secrets and are not taken: {name!r}", name=name)
    kept = plain.lstrip(".- ").rstrip(". ")
    if not kept:
        raise InvalidError(f"This cannot be the name of an attachment: {name!r}", name=name)
    ending = PurePosixPath(kept).suffix[:_LONGEST]
    return kept if len(kept.encode()) <= _LONGEST else _cut(kept, ending)


def numbered(name: str, number: int) -> str:
    """Return the name of the next file that would be called so."""
    path = PurePosixPath(name)
    return name if number == 1 else f"{path.stem}-{number}{path.suffix}"


def _cut(name: str, ending: str) -> str:
    room = _LONGEST - len(ending.encode())
    stem = name.removesuffix(ending).encode()[: max(1, room)].decode("utf-8", "ignore").strip(". ")
    return f"{stem or 'file'}{ending if room > 0 else ''}"
