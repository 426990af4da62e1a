"""Files of one JSON object a line: what a task is told, and what it tells. Standard library alone."""

from __future__ import annotations

import os
from pathlib import Path


def lead(path: Path, fd: int) -> bytes:
    """Return what stands before the next line: a newline where a full disk, or a death, tore the last one.

    What was torn stays, for somebody may have read it, and is one line that is not valid.
    """
    size = os.fstat(fd).st_size
    if not size:  # or it is no file: the task may have put a FIFO there
        return b""
    with path.open("rb", buffering=0) as file:
        return b"" if os.pread(file.fileno(), 1, size - 1) == b"\n" else b"\n"
