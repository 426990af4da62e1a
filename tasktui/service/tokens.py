"""The tokens that let programs in by the port: two files, for nobody but us. Standard library alone."""

from __future__ import annotations

import os
import secrets
import stat
from hmac import compare_digest
from pathlib import Path
from typing import Final, Literal

from tasktui.domain.errors import RefusedError
from tasktui.service.places import private_directory

Rights = Literal["act", "look"]
NAMES: Final[dict[Rights, str]] = {"act": "api.token", "look": "api.readonly.token"}
_BYTES: Final = 32
_LONGEST: Final = 512
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def token(home: Path, rights: Rights, *, rotate: bool = False) -> str:
    """Return the token of a data directory; it is made where there is none.

    Args:
        home: the data directory.
        rights: what its bearer may do.
        rotate: make a new one; the old one lets nobody in any more.

    Raises:
        RefusedError: its file is not ours, or others may read it.
    """
    private_directory(home)
    path = home / NAMES[rights]
    found = None if rotate else _read(path)
    return found or _make(path)


class Tokens:
    """What lets in, as the files say at this moment."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def rights(self, given: str) -> Rights | None:
        """Return what the bearer of this may do; None: nothing."""
        allowed: Rights | None = None
        for rights, name in NAMES.items():
            # each is compared in any case, so that the time tells nothing
            kept = _quietly_read(self._home / name)
            if kept and compare_digest(kept.encode(), given.encode()):
                allowed = allowed or rights
        return allowed


def _quietly_read(path: Path) -> str | None:
    try:
        return _read(path)
    except (OSError, RefusedError):
        return None


def _read(path: Path) -> str | None:
    try:
        fd = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise RefusedError(f"Not a file with a token: {path}. Remove it.", path=str(path)) from exc
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise RefusedError(
                f"Others may have read this token: {path}. Replace it: tasktui token --rotate.",
                path=str(path),
            )
        return os.read(fd, _LONGEST).decode("ascii", "replace").strip() or None
    finally:
        os.close(fd)


def _make(path: Path) -> str:
    made = secrets.token_urlsafe(_BYTES)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, _WRITE, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        file.write(f"{made}\n")
    fresh.replace(path)
    return made
