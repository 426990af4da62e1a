"""Reads the database without an owner, an event loop or a model: for `ls`, `show`, and the first frame.

Everything here is synchronous and imports nothing but the standard library and the domain's plain rows. The
store runs the same class on a connection of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from tasktui.store.sqlite.child_reads import ChildReads
from tasktui.store.sqlite.connecting import check_version, connect_reader, translating
from tasktui.store.sqlite.queue_reads import QueueReads
from tasktui.store.sqlite.task_reads import TaskReads


class Reader(TaskReads, ChildReads, QueueReads):
    """The reading half of the SQLite store, over one connection."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the database at a path for reading.

        Raises:
            NotFoundError: there is none.
            StoreError: it cannot be read.
        """
        return cls(connect_reader(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def check_version(self) -> int:
        """As `connecting.check_version`."""
        with translating():
            return check_version(self._connection)
