"""Files for the person's own programs: private, in one directory, gone when they are old."""

from __future__ import annotations

import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

OLD_S: Final = 24 * 3600.0
"""Age from which a file is removed when the next one is written."""
_ODD: Final = re.compile(r"[^\w.-]+")
_MOST_NAME: Final = 60


def write_private(folder: Path, name: str, data: bytes) -> Path:
    """Write bytes to a new file that only its owner may read; remove the ones of yesterday.

    Args:
        folder: Made when it is not there, for its owner only.
        name: Ends the file's name, so that a program sees what it is; odd characters are replaced.
        data: The file's bytes.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget(folder)
    handle, path = tempfile.mkstemp(
        prefix="tasktui-", suffix=f"-{_ODD.sub('_', name)[-_MOST_NAME:]}", dir=folder
    )
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return Path(path)


def _forget(folder: Path) -> None:
    oldest = time.time() - OLD_S
    for path in folder.glob("tasktui-*"):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
