"""Names of files: bytes that came from anywhere, as text that can be stored and turned back."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
from typing import Final
from urllib.parse import unquote_to_bytes

_TYPES: Final = mimetypes.MimeTypes(filenames=())
_LABEL: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LABEL_CHARS: Final = 80


def stored(path: bytes) -> str:
    """Return a path as text: bytes that are not UTF-8, and `%` itself, as `%XX`."""
    escaped = path.replace(b"%", b"%25")
    return re.sub(
        r"[\udc80-\udcff]",
        lambda match: f"%{ord(match[0]) - 0xDC00:02X}",
        escaped.decode("utf-8", "surrogateescape"),
    )


def original(path: str) -> bytes:
    """Return the bytes of a path that `stored` wrote."""
    return unquote_to_bytes(path.encode("utf-8", "surrogateescape"))


def label_of(path: bytes) -> str:
    """Return the path as a person reads it, with U+FFFD for bytes that are not UTF-8."""
    return path.decode("utf-8", "replace")


def file_label(label: str) -> str:
    """Return a label as part of a file name: letters, digits, `_`, `-`; `artifact` when nothing is left."""
    return _LABEL.sub("_", label).strip("_")[:_LABEL_CHARS] or "artifact"


def identity(root: str | None, path: str) -> str:
    """Return the id of the artifact at this place: the same at every scan and for every owner."""
    place = f"{root or ''}\0{path}".encode("utf-8", "surrogateescape")
    return "a" + hashlib.blake2b(place, digest_size=8).hexdigest()


def mime_of(path: bytes) -> str | None:
    """Return the type that the name suggests."""
    return _TYPES.guess_type(os.fsdecode(path))[0]
