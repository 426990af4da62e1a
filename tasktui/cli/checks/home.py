"""Checks of the data directory: rights, room, database, what is kept, what was repaired, the log."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tasktui.bootstrap.repairs import unread_repair
from tasktui.cli.checks.finding import Finding
from tasktui.cli.reading import database, now_ms, stored, stored_bytes
from tasktui.cli.session import Session
from tasktui.domain.amounts import size
from tasktui.domain.errors import SchemaTooNewError, TasktuiError

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


def _rights(home: Path) -> Finding:
    seen = home.stat()
    mode = stat.S_IMODE(seen.st_mode)
    if seen.st_uid != os.geteuid():
        return Finding("bad", "data", f"{home} belongs to another user.", "Choose another TASKTUI_HOME.")
    if mode & _OTHERS:
        return Finding("bad", "data", f"{home} is open to others ({mode:04o}).", f"Say: chmod 700 {home}")
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding(
            "bad",
            "data",
            f"{home} cannot be written.",
            f"Say: chmod u+wx {home}, or choose another TASKTUI_HOME.",
        )
    return Finding("ok", "data", f"{home} ({mode:04o})")


def _room(home: Path) -> Finding:
    free = shutil.disk_usage(home).free
    if free < _LITTLE_ROOM:
        return Finding(
            "warn",
            "room",
            f"Only {size(free)} are free where {home} is.",
            "Make room: tasktui purge deletes old tasks.",
        )
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
        return Finding("warn", "database", exc.message, "Update tasktui here, too.")
    except TasktuiError as exc:
        return Finding(
            "bad",
            "database",
            exc.message,
            "The next owner moves a damaged one aside and rebuilds it: tasktui",
        )
    return Finding("ok", "database", f"{total:,} task{'' if total == 1 else 's'}, {size(stored_bytes(file))}")


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
        yield Finding(
            "warn",
            "repaired",
            f"{repaired.sentence}{names}",
            "Read it in the dashboard, which forgets it then.",
        )


def _log(home: Path) -> Finding:
    path = home / "log" / "tasktui.log"
    if not path.exists():
        return Finding("note", "log", f"{path}: nothing was logged yet")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        return Finding("warn", "log", f"{path} is open to others ({mode:04o}).", f"Say: chmod 600 {path}")
    return Finding("ok", "log", f"{path}, {size(path.stat().st_size)}")
