"""The store in a SQLite file: one connection that writes, one that reads, each on a thread of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Final, ParamSpec, TypeVar

from tasktui.domain.errors import NotFoundError, StoreError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.rows import TaskRow
from tasktui.store.sqlite.connecting import DamagedError, connect_reader, connect_writer, translated
from tasktui.store.sqlite.line import Line
from tasktui.store.sqlite.migrations import migrate
from tasktui.store.sqlite.reader import Reader
from tasktui.store.sqlite.reads import Reads
from tasktui.store.sqlite.rebuild import Repair, examine, marker, move_aside, rebuild
from tasktui.store.sqlite.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
_QUIET_S: Final = 0.25
"""The indexer begins this long after a commit."""
_REST: Final = 9
"""While events keep coming, the indexer rests this many times as long as it works."""
_RETRY_S: Final = 5.0


class SQLiteStore(Reads):
    """Passes the contract of `Store` over one file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        """The database file."""
        self._writing: Line | None = None
        self._writer: Writer | None = None
        self._indexer: asyncio.Task[None] | None = None
        self._stale = asyncio.Event()
        self._refusal: StoreError | None = None
        self.repaired: Repair | None = None
        """What was done about a damaged file when it was opened."""

    async def open(self) -> None:
        """Open, migrate, repair.

        Raises:
            SchemaTooNewError: a newer tasktui made it; reads work after this.
            StoreError: it cannot be written; reads work after this where there is something to read.
        """
        try:
            await self._open_writer()
        except DamagedError:
            await self._repair()
        except StoreError as exc:
            self._refusal = exc
            with suppress(StoreError, NotFoundError):
                await self._open_reader()
            raise
        await self._open_reader()
        self._indexer = asyncio.create_task(self._keep_indexing(), name="full-text index")
        self._stale.set()

    async def _open_writer(self) -> None:
        line = Line(lambda: connect_writer(self.path))
        try:
            await line.opened()
            await line.call(lambda: examine(line.raw, self.path))
            await line.call(lambda: migrate(line.raw))
        except BaseException as exc:
            await line.close()
            if isinstance(exc, OSError):
                raise StoreError(f"The database cannot be made: {exc}.") from exc
            if isinstance(exc, sqlite3.Error):
                raise translated(exc) from exc
            raise
        marker(self.path).unlink(missing_ok=True)
        self._writing, self._writer = line, Writer(line.raw)

    async def _open_reader(self) -> None:
        line = await Line(lambda: connect_reader(self.path)).opened()
        self._reading = line
        self._reader = Reader(line.raw)

    async def _repair(self) -> None:
        moved_to = move_aside(self.path)
        await self._open_writer()
        rebuilt, unreadable = await self._write(rebuild, self._at_writer, self.path.parent)
        self.repaired = Repair(moved_to, rebuilt, unreadable)

    async def close(self) -> None:
        """Stop indexing and close both connections."""
        if self._indexer is not None:
            self._indexer.cancel()
            await asyncio.wait([self._indexer])
            self._indexer = None
        for line in (self._reading, self._writing):
            if line is not None:
                await line.close()
        self._reading = self._writing = self._reader = self._writer = None

    @property
    def _at_writer(self) -> Writer:
        if self._writer is None:
            raise self._refusal or StoreError("The store is not open.")
        return self._writer

    async def _write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._writing is None:
            raise self._refusal or StoreError("The store is not open.")
        return await self._watched(self._writing.call(function, *args, **kwargs))

    async def _read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._watched(super()._read(function, *args, **kwargs))

    async def _watched(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except DamagedError:
            with suppress(OSError):
                marker(self.path).touch(mode=0o600)
            raise

    async def take_epoch(self, pid: int) -> int:
        """Raise the epoch that fences older owners, and return it."""
        return await self._write(self._at_writer.take_epoch, pid)

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        """Make changes durable in one transaction, in order.

        Raises:
            FencedError: a newer owner has taken the epoch.
            DiskFullError: nothing was written.
            StoreError: nothing was written.
        """
        answers = await self._write(self._at_writer.commit, batch)
        self._stale.set()
        return answers

    async def set_live(self, events: Sequence[NewEvent]) -> Sequence[TaskRow]:
        """Keep the last values of transient events outside the log; return the rows that changed."""
        return await self._write(self._at_writer.set_live, events)

    async def index_output(self, task_id: str, run: int, text: str) -> None:
        """Put the head and tail of a run's output into the full-text index."""
        await self._write(self._at_writer.index_output, task_id, run, text)

    async def delete(self, task_ids: Sequence[str], *, epoch: int) -> None:
        """Remove terminal tasks with all that belongs to them."""
        await self._write(self._at_writer.delete, task_ids, epoch)

    async def size_bytes(self) -> int:
        """Return what the database takes on disk."""
        parts = (self.path.with_name(self.path.name + ending) for ending in ("", "-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())

    async def _keep_indexing(self) -> None:
        while True:
            await self._stale.wait()
            await asyncio.sleep(_QUIET_S)
            self._stale.clear()
            try:
                await self._catch_up()
            except StoreError:
                # a full disk or a newer owner: the search reads what the index lacks meanwhile
                await asyncio.sleep(_RETRY_S)
                self._stale.set()

    async def _catch_up(self) -> None:
        started = monotonic()
        while await self._write(self._at_writer.index_some):
            if self._stale.is_set():
                await asyncio.sleep(_REST * (monotonic() - started))
            started = monotonic()
