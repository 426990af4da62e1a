"""What lies in a directory: bounded, without following links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_FILES: Final = 200_000
"""Files that one scan sees at most."""
MAX_DEPTH: Final = 32


@dataclass(frozen=True, slots=True)
class Found:
    """One regular file."""

    path: bytes
    """Relative to the root."""
    size_bytes: int
    changed_ms: int
    inode: int


def is_directory(root: bytes, path: bytes) -> bool:
    """Whether a real directory, not a link to one, stands at a path below the root."""
    try:
        return stat.S_ISDIR(os.lstat(root + b"/" + path).st_mode)
    except (OSError, ValueError):
        return False


def look(root: bytes, path: bytes) -> Found | None:
    """Return the regular file at a path below the root; None for a link, a directory or nothing."""
    at = root
    parts = path.split(b"/")
    try:
        for part in parts[:-1]:
            at = at + b"/" + part
            if not stat.S_ISDIR(os.lstat(at).st_mode):
                return None
        status = os.lstat(at + b"/" + parts[-1])
    except (OSError, ValueError):
        return None
    return _found(path, status) if stat.S_ISREG(status.st_mode) else None


def scan(root: bytes, *, limit: int = MAX_FILES) -> Iterator[Found]:
    """Yield the regular files below a directory, at most `limit`; what cannot be read is passed over."""
    todo: list[tuple[bytes, int]] = [(b"", 0)]
    left = limit
    while todo and left > 0:
        below, depth = todo.pop()
        for entry, status in _entries(root + b"/" + below if below else root):
            path = below + b"/" + entry if below else entry
            if stat.S_ISREG(status.st_mode):
                yield _found(path, status)
                left -= 1
                if left <= 0:
                    return
            elif stat.S_ISDIR(status.st_mode) and depth < MAX_DEPTH:
                todo.append((path, depth + 1))


def _entries(directory: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                try:
                    yield entry.name, entry.stat(follow_symlinks=False)
                except OSError:
                    continue
    except OSError:
        return


def _found(path: bytes, status: os.stat_result) -> Found:
    return Found(
        path, status.st_size, max(status.st_mtime_ns, status.st_ctime_ns) // 1_000_000, status.st_ino
    )
