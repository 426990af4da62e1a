"""Where the owner's socket lies, and that nobody else could have put it there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from tasktui.domain.errors import RefusedError

LONGEST: Final = 107
"""Bytes that the path of a unix socket may have (`sun_path`, less its NUL)."""
_NAME: Final = "tasktui.sock"
_READONLY: Final = "watch.sock"
"""Not longer than the other name, so that both paths fit."""


def socket_path(home: Path) -> Path:
    """Return where the socket lies: in the data directory, or a temporary one where that is too long."""
    near = home / _NAME
    if len(os.fsencode(near)) <= LONGEST:
        return near
    from hashlib import sha256

    name = f"tasktui-{os.geteuid()}-{sha256(os.fsencode(home)).hexdigest()[:24]}"
    there = Path(os.environ.get("TMPDIR") or "/tmp") / name / _NAME  # noqa: S108  # its directory is checked to be ours
    return there if len(os.fsencode(there)) <= LONGEST else Path("/tmp") / name / _NAME  # noqa: S108  # as above


def readonly_path(socket: Path) -> Path:
    """Return where the socket lies, beside the owner's, on which nothing can be changed."""
    return socket.with_name(_READONLY)


def private_directory(path: Path) -> None:
    """Make the directory for nobody but us, or see that the one that is there is such.

    Raises:
        RefusedError: it is a link, somebody else's, or open to others.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        check_private(path)


def check_private(path: Path) -> None:
    """See that a directory is ours and closed to others.

    Raises:
        RefusedError: it is a link, somebody else's, or open to others.
    """
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise RefusedError(f"Not a directory: {path}. Remove it.", path=str(path))
    if found.st_uid != os.geteuid():
        raise RefusedError(
            f"The directory belongs to another user: {path}. Choose another one.", path=str(path)
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise RefusedError(
            f"Others may enter the directory: {path}. Close it with `chmod 700 {path}`.", path=str(path)
        )
