"""Checks of who runs the tasks: locks, epoch, sockets, versions of both ends."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from tasktui import __version__
from tasktui.cli.checks.finding import Finding
from tasktui.cli.owners import lives
from tasktui.cli.reading import DATABASE
from tasktui.service.light import answers
from tasktui.service.owner import LOCK_NAME, OwnerInfo, read_owner
from tasktui.service.places import readonly_path, socket_path
from tasktui.service.presence import is_stopped

_OTHERS: Final = 0o077
_STARTING: Final = ("owner.starting", "owner.taking")
"""Held for a moment by who starts an owner, or takes over."""


def look(home: Path) -> Iterator[Finding]:
    """Yield what was found."""
    yield from _sockets(home)
    info = read_owner(home)
    if info is None:
        yield Finding("note", "owner", "none; a command that acts starts one")
    else:
        yield _owner(home, info)
        yield from _versions(info)
    yield from _starting(home)


def _sockets(home: Path) -> Iterator[Finding]:
    path = socket_path(home)
    for one in (path, readonly_path(path)):
        if one.exists():
            yield _socket(one)
    if not path.exists():
        yield Finding("note", "socket", f"{path}: nobody listens")
    if path.parent != home:
        yield Finding(
            "note", "socket", f"The path of {home} is too long for one, so it lies in {path.parent}"
        )


def _socket(path: Path) -> Finding:
    seen = path.stat()
    mode = stat.S_IMODE(seen.st_mode)
    if seen.st_uid != os.geteuid() or mode & _OTHERS:
        return Finding(
            "bad", "socket", f"{path} is open to others ({mode:04o}).",
            "Remove it and start the owner again: tasktui serve --take-over",
        )  # fmt: skip
    return Finding("ok", "socket", f"{path} ({mode:04o})")


def _owner(home: Path, info: OwnerInfo) -> Finding:
    told = f"process {info.pid}, version {info.version or '?'}, epoch {info.epoch}"
    if not lives(info.pid):
        return Finding(
            "warn", "owner", f"{told}: has died. Its tasks go on.",
            "The next owner takes them over: open tasktui",
        )  # fmt: skip
    if not _holders(home / LOCK_NAME):
        return Finding(
            "warn", "owner", f"{told}: holds no lock; it is another program by now.",
            "The next owner takes the tasks over: open tasktui",
        )  # fmt: skip
    if is_stopped(info.pid):
        return Finding(
            "bad", "owner", f"{told}: is stopped.",
            f"Continue it with: kill -CONT {info.pid}, or replace it: tasktui serve --take-over",
        )  # fmt: skip
    if not answers(home):
        return Finding(
            "bad", "owner", f"{told}: does not answer. Its tasks go on.",
            "Replace it: tasktui serve --take-over",
        )  # fmt: skip
    if (stored := _epoch(home)) not in {None, info.epoch}:
        return Finding(
            "bad", "owner", f"{told}: is fenced, for the database is at epoch {stored}.",
            f"End it with: kill {info.pid}. The next owner has the tasks.",
        )  # fmt: skip
    return Finding("ok", "owner", f"{told}, holds {home / LOCK_NAME}, answers")


def _versions(info: OwnerInfo) -> Iterator[Finding]:
    if info.version and info.version != __version__ and lives(info.pid):
        yield Finding(
            "warn", "version", f"The owner is tasktui {info.version}, this is {__version__}.",
            f"Let the owner end when it suits you: kill {info.pid}. The next one is of this version.",
        )  # fmt: skip


def _starting(home: Path) -> Iterator[Finding]:
    for name in _STARTING:
        holders = _holders(home / name)
        stuck = sorted(pid for pid in holders if pid > 0 and is_stopped(pid))
        if stuck:
            pids = " ".join(map(str, stuck))
            yield Finding(
                "bad", "lock", f"{home / name} is held by what is stopped: process {pids}.",
                f"Continue it with: kill -CONT {pids}, or end it with: kill -9 {pids}",
            )  # fmt: skip


def _epoch(home: Path) -> int | None:
    with suppress(sqlite3.Error, TypeError):
        uri = f"{(home / DATABASE).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return int(connection.execute("SELECT epoch FROM state").fetchone()[0])
    return None


def _holders(path: Path) -> set[int]:
    """Return who holds a lock, by the kernel's table: asking there takes it from nobody.

    -1 stands for somebody where there is no such table.
    """
    try:
        seen = path.stat()
    except OSError:
        return set()
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {-1}
    place = f"{os.major(seen.st_dev):02x}:{os.minor(seen.st_dev):02x}:{seen.st_ino}"
    # 12: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF
    words = [line.split() for line in lines if " FLOCK " in line]
    return {int(one[one.index(place) - 1]) for one in words if place in one}
