"""Checks of the data directory: rights, room, database, socket, owner, what was left running."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tasktui.bootstrap.repairs import unread_repair
from tasktui.cli.checks.finding import Finding
from tasktui.cli.owners import lives, state_of
from tasktui.cli.reading import database, now_ms, stored
from tasktui.cli.session import Session
from tasktui.domain.amounts import size
from tasktui.domain.errors import SchemaTooNewError, TasktuiError
from tasktui.service.light import answers
from tasktui.service.owner import LOCK_NAME, OwnerInfo, read_owner
from tasktui.service.places import socket_path

_LITTLE_ROOM: Final = 256 << 20
_OTHERS: Final = 0o077
_COUNTED: Final = 10_000
"""Tasks beyond which nobody counts what would be deleted."""


def look(session: Session) -> Iterator[Finding]:
    """Yield what was found."""
    home = session.home
    if not home.exists():
        yield Finding("note", "data", f"{home} is not there yet; the first task makes it.")
        return
    yield _rights(home)
    yield _room(home)
    yield _database(session)
    yield from _retention(session)
    yield from _repair(home)
    yield _log(home)
    yield _socket(home)
    yield _owner(home)


def _rights(home: Path) -> Finding:
    seen = home.stat()
    mode = stat.S_IMODE(seen.st_mode)
    if seen.st_uid != os.geteuid():
        return Finding("bad", "data", f"{home} belongs to another user. Choose another TASKTUI_HOME.")
    if mode & _OTHERS:
        return Finding("bad", "data", f"{home} is open to others ({mode:04o}). Say: chmod 700 {home}")
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding("bad", "data", f"{home} cannot be written: tasks cannot be started.")
    return Finding("ok", "data", f"{home} ({mode:04o})")


def _room(home: Path) -> Finding:
    free = shutil.disk_usage(home).free
    if free < _LITTLE_ROOM:
        return Finding("warn", "room", f"Only {size(free)} are free where {home} is.")
    return Finding("ok", "room", f"{size(free)} free")


def _database(session: Session) -> Finding:
    file = database(session)
    if not file.exists():
        return Finding("note", "database", "none yet")
    try:
        with stored(session) as reader:
            total = reader.counts().total if reader is not None else 0
            if reader is not None:
                reader.check_version()
    except SchemaTooNewError as exc:
        return Finding("warn", "database", exc.message)
    except TasktuiError as exc:
        return Finding("bad", "database", exc.message)
    return Finding("ok", "database", f"{total:,} tasks, {size(file.stat().st_size)}")


def _retention(session: Session) -> Iterator[Finding]:
    """Say what is kept, and what would be deleted of what is there."""
    config = session.config
    try:
        with stored(session) as reader:
            if reader is None:
                return
            before = now_ms() - round(config.keep_days * 86_400_000)
            gone = len(reader.expired(finished_before=before, keep=config.keep_tasks, limit=_COUNTED))
    except TasktuiError:
        # what is wrong with the database stands above
        return
    kept = [f"{config.keep_days:g} days", f"{config.keep_tasks:,} tasks"]
    kept += [size(config.keep_bytes)] if config.keep_bytes else []
    more = "more than " if gone == _COUNTED else ""
    told = f"the next sweep deletes {more}{gone:,}" if gone else "nothing is due to be deleted"
    yield Finding("note", "retention", f"Keeps {', '.join(kept)}; {told}. Un-acked results stay.")


def _repair(home: Path) -> Iterator[Finding]:
    repaired = unread_repair(home)
    if repaired is not None:
        names = f" Not read: {', '.join(repaired.unreadable)}." if repaired.unreadable else ""
        yield Finding("warn", "repaired", f"{repaired.sentence}{names} The dashboard asks once to read this.")


def _log(home: Path) -> Finding:
    path = home / "log" / "tasktui.log"
    if not path.exists():
        return Finding("note", "log", f"{path}: nothing was logged yet")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        return Finding("warn", "log", f"{path} is open to others ({mode:04o}). Say: chmod 600 {path}")
    return Finding("ok", "log", f"{path}, {size(path.stat().st_size)}")


def _socket(home: Path) -> Finding:
    path = socket_path(home)
    if not path.exists():
        return Finding("note", "socket", f"{path}: nobody listens")
    seen = path.stat()
    if seen.st_uid != os.geteuid() or stat.S_IMODE(seen.st_mode) & _OTHERS:
        return Finding("bad", "socket", f"{path} is open to others. Remove it and start the owner again.")
    return Finding("ok", "socket", f"{path} ({stat.S_IMODE(seen.st_mode):04o})")


def _owner(home: Path) -> Finding:
    info = read_owner(home)
    if info is None:
        return Finding("note", "owner", "none; a command that acts starts one")
    told = f"process {info.pid}, version {info.version or '?'}, epoch {info.epoch}"
    if not lives(info.pid):
        return Finding("warn", "owner", f"{told}: has died. Its tasks go on; the next owner takes them over.")
    if not _is_locked(home):
        return Finding("warn", "owner", f"{told}: holds no lock; it is another program by now.")
    if answers(home):
        return Finding("ok", "owner", f"{told}, answers")
    return Finding("bad", "owner", f"{told}: {_why_silent(info)}")


def _why_silent(info: OwnerInfo) -> str:
    try:
        state = state_of(Path(f"/proc/{info.pid}/stat").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        state = "?"
    if state in {"T", "t"}:
        return f"is stopped. Continue it with: kill -CONT {info.pid}"
    return "does not answer. Its tasks go on; tasktui serve --take-over replaces it."


def _is_locked(home: Path) -> bool:
    """Whether anybody holds the lock; asking the kernel's table takes it from nobody."""
    try:
        seen = (home / LOCK_NAME).stat()
        lines = Path("/proc/locks").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return True
    place = f"{os.major(seen.st_dev):02x}:{os.minor(seen.st_dev):02x}:{seen.st_ino}"
    return any(place in line.split() and " FLOCK " in line for line in lines)
