"""Safe reads: no link is followed, nothing but a regular file is opened, nothing blocks."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from tasktui.domain import artifact_names as names
from tasktui.domain.errors import NotFoundError, RefusedError
from tasktui.domain.records import Artifact
from tasktui.domain.requests import ArtifactChunk

MAX_READ: Final = 4 << 20
"""Bytes that one call returns at most."""
_STEP: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR})


def open_below(root: bytes, path: bytes) -> int:
    """Open a regular file below a directory, component by component, and return its descriptor.

    Args:
        root: the directory; it is trusted.
        path: relative to it; not trusted.

    Raises:
        RefusedError: the path leads out, through a link, or to something that is not a regular file.
        NotFoundError: nothing is there.
    """
    parts = path.split(b"/")
    shown = names.label_of(path)
    if not path or b"\0" in path or any(part in {b"", b".", b".."} for part in parts):
        raise RefusedError(f"This name may not be read: {shown!r}.", path=shown)
    try:
        at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            try:
                step = os.open(part, _STEP if last else _STEP | os.O_DIRECTORY, dir_fd=at)
            finally:
                os.close(at)
            at = step
    except OSError as exc:
        if exc.errno in _GONE and not _is_link(root, path):
            raise NotFoundError(f"This file is gone: {shown}.", path=shown) from exc
        raise RefusedError(
            f"This is a link or cannot be opened ({os.strerror(exc.errno or 0)}): {shown}."
        ) from exc
    if not stat.S_ISREG(os.fstat(at).st_mode):
        os.close(at)
        raise RefusedError(f"This is not a regular file: {shown}.", path=shown)
    return at


def _is_link(root: bytes, path: bytes) -> bool:
    at = root
    for part in path.split(b"/"):
        at = at + b"/" + part
        try:
            if stat.S_ISLNK(os.lstat(at).st_mode):
                return True
        except OSError:
            return False
    return False


def read(home: Path, artifact: Artifact, *, offset: int, limit: int) -> ArtifactChunk:
    """Read a stretch of an artifact; a negative offset counts from the end.

    Raises:
        RefusedError: it is not a regular file below its root.
        NotFoundError: it is gone.
    """
    root = os.fsencode(artifact.root) if artifact.root is not None else os.fsencode(home)
    fd = open_below(root, names.original(artifact.path))
    try:
        size = os.fstat(fd).st_size
        start = max(0, size + offset) if offset < 0 else offset
        data = os.pread(fd, max(0, min(limit, MAX_READ)), start)
    finally:
        os.close(fd)
    return ArtifactChunk(artifact=artifact, offset=start, data=data, size=size)
