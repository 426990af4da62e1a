"""Files of one JSON object a line: what a task is told, and what it tells. Standard library alone."""

from __future__ import annotations

import os
from pathlib import Path


def lead(path: Path, fd: int) -> bytes:
    """Return what stands before the next line: a newline where a full disk, or a death, tore the last one.

    What was torn stays, for somebody may have read it, and is one line that is not valid.

    Args:
        path: of the file.
        fd: the file as it was opened for writing, which may lie elsewhere by now.

    Raises:
        OSError: it cannot be read.
    """
    size = os.fstat(fd).st_size
    if not size:  # or it is no file: the task may have put a FIFO there
        return b""
    # or it does by now: that is not waited for
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return b"" if os.pread(file, 1, size - 1) == b"\n" else b"\n"
    finally:
        os.close(file)
