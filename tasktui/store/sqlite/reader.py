"""Reads the database without an owner, an event loop or a model: for `ls`, `show`, and the first frame.

Everything here is synchronous and imports nothing but the standard library and the domain's plain rows. The
store runs the same class on a connection of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from tasktui.domain.errors import StoreError
from tasktui.store.sqlite.child_reads import ChildReads
from tasktui.store.sqlite.connecting import check_version, connect_reader, translating
from tasktui.store.sqlite.queue_reads import QueueReads
from tasktui.store.sqlite.task_reads import TaskReads


class Reader(TaskReads, ChildReads, QueueReads):
    """The reading half of the SQLite store, over one connection."""

    _file: Path | None = None
    _identity: tuple[int, int] | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the database at a path for reading.

        Raises:
            NotFoundError: there is none.
            StoreError: it cannot be read.
        """
        reader = cls(connect_reader(path))
        reader._file = path
        reader._identity = _identity(path)
        return reader

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def see_that_it_is_current(self) -> None:
        """See that owners still write to this file: nothing more ever comes from one that was put aside.

        Raises:
            StoreError: another one is in its place, or none.
        """
        if self._file is not None and _identity(self._file) != self._identity:
            raise StoreError(
                f"The database was put aside meanwhile, as a damaged one is: {self._file}. "
                "Tasks go on; see what there is with tasktui ls."
            )

    def check_version(self) -> int:
        """As `connecting.check_version`."""
        with translating():
            return check_version(self._connection)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
