"""A database connection on a thread of its own, on which whole functions run."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import ParamSpec, Self, TypeVar

import aiosqlite

from tasktui.domain.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")


class Line(aiosqlite.Connection):
    """One hop to the connection's thread for a whole transaction, where a call a statement would take ten."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=64)
        # a process that ends without closing must end: what was committed is there, the rest never was
        self._thread.daemon = True

    async def opened(self) -> Self:
        """Start the thread and connect on it; when that fails, the thread has ended."""
        try:
            await self
        except BaseException:
            # aiosqlite tells its thread to stop and doesn't wait: it would call a loop that is closed by then
            self._thread.join()
            raise
        return self

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function on the connection's thread.

        A caller that is cancelled while it waits leaves the function running to its end.

        Raises:
            StoreError: the connection was closed.
        """
        if not self._running or self._connection is None:
            raise StoreError("The database was closed.")
        done: T = await self._execute(function, *args, **kwargs)  # type: ignore[no-untyped-call]  # aiosqlite's own
        return done

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection itself, for use on its thread."""
        return self._conn
