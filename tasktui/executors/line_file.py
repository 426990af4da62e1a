"""Files of one JSON object a line: what a task is told, and what it tells. Standard library alone."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

NO_ROOM: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
"""Why something cannot be written now, but may be later."""
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def append(path: Path, line: bytes) -> None:
    """Append a line; where a full disk tore one, only that is lost: the next begins on a line of its own.

    What was torn stays, for a task may have read it.

    Raises:
        OSError: it cannot be written, or not whole.
    """
    fd = os.open(path, _FLAGS, 0o600)
    try:
        data = memoryview((b"\n" if _is_torn(path, fd) else b"") + line + b"\n")
        while data:
            data = data[os.write(fd, data) :]
    finally:
        os.close(fd)


def _is_torn(path: Path, fd: int) -> bool:
    """Whether the last line has no end."""
    size = os.fstat(fd).st_size
    if not size:  # or it is no file: the task may have put a FIFO there
        return False
    with path.open("rb", buffering=0) as file:
        return os.pread(file.fileno(), 1, size - 1) != b"\n"
