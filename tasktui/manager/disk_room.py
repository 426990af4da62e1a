"""Whether there is room for what a run writes: without it none begins, and none that waits is idle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tasktui.domain.errors import DiskFullError

LEAST_BYTES: Final = 1 << 20
"""Free bytes of the disk with the runs below which none begins: it would fail, and one after the other."""


def is_short(home: Path) -> bool:
    """Tell whether there is no room for the files of a run; a disk that does not tell has some."""
    try:
        disk = os.statvfs(home / "tasks")
    except OSError:
        return False
    return disk.f_blocks > 0 and disk.f_bavail * disk.f_frsize < LEAST_BYTES


def require(home: Path) -> None:
    """See that there is room for the files of a run.

    Raises:
        DiskFullError: there is none.
    """
    if is_short(home):
        raise DiskFullError("There is no room on the disk of the data directory: no task can be started.")
