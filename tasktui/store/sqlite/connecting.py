"""Connections to the database file, and SQLite's errors in our words. Standard library only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tasktui.domain.errors import DiskFullError, NotFoundError, SchemaTooNewError, StoreError

APPLICATION_ID: Final = 0x7461736B
"""`task` in ASCII, in the file's header."""
SCHEMA_VERSION: Final = 3
"""The newest migration that this version knows."""

_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY: Final = 0xFF
_BUSY_MS: Final = 5000
_CACHE_KIB: Final = 16_000
_READ_CACHE_KIB: Final = 4_000
_WAL_PAGES: Final = 4000


class DamagedError(StoreError):
    """The database file is damaged."""

    code = "DAMAGED"


def translated(exc: sqlite3.Error) -> StoreError:
    """Return the error in our words."""
    code = getattr(exc, "sqlite_errorcode", 0)
    if code in _FULL:
        return DiskFullError()
    if code & _PRIMARY in _DAMAGED:
        return DamagedError(f"The database is damaged: {exc}. Start tasktui again: it repairs what it can.")
    return StoreError(f"The database cannot be used: {exc}.")


@contextmanager
def translating() -> Iterator[None]:
    """Let SQLite's errors out in our words."""
    try:
        yield
    except sqlite3.Error as exc:
        raise translated(exc) from exc


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open the one connection that writes; the file is made, for its user only, when it is not there."""
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MS / 1000)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_PAGES * 4096}")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that only reads, also where nothing can be written.

    Raises:
        NotFoundError: there is no database.
        StoreError: it cannot be read.
    """
    if not path.exists():
        raise NotFoundError(f"There is no database yet: {path}")
    with translating():
        try:
            return _readable(path, "mode=ro")
        except sqlite3.OperationalError as exc:
            refused = exc.sqlite_errorcode & _PRIMARY in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
            if not refused and not (exc.sqlite_errorcode in _FULL and _is_whole(path)):
                raise
            # a WAL database needs its -shm file; where nothing can be written there is none
            return _readable(path, "mode=ro&immutable=1")


def _is_whole(path: Path) -> bool:
    """Whether nothing is in the log beside the file."""
    log = path.with_name(f"{path.name}-wal")
    return not log.exists() or not log.stat().st_size


def _readable(path: Path, options: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{options}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_MS / 1000)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        connection.execute(f"PRAGMA cache_size = -{_READ_CACHE_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


def check_version(connection: sqlite3.Connection) -> int:
    """Return the file's schema version.

    Raises:
        SchemaTooNewError: a newer tasktui made it.
        StoreError: another program made it.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application not in {0, APPLICATION_ID}:
        raise StoreError("The database file belongs to another program. Choose another TASKTUI_HOME.")
    if version > SCHEMA_VERSION:
        raise SchemaTooNewError(
            f"The database was made by a newer tasktui (schema {version}, this one knows {SCHEMA_VERSION}); "
            "it can be read, not written. Update tasktui."
        )
    return int(version)
