"""The owner's socket and the server on it, embedded in the manager's loop.

The socket stands at once. What answers on it is loaded when the first connection comes: many owners have a
screen and are never asked by anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import RefusedError
from tasktui.domain.ports.manager import Manager
from tasktui.service.activity import Activity
from tasktui.service.owner import OwnerLock
from tasktui.service.peer import require_same_user
from tasktui.service.places import private_directory

if TYPE_CHECKING:
    from tasktui.service.embedded import Embedded

BACKLOG: Final = 512
_FENCE_CHECK_S: Final = 1.0


class _OwnSocket(socket.socket):
    """A listening socket that takes nobody in but the same user."""

    def accept(self) -> tuple[socket.socket, object]:
        """Return the next connection of this user."""
        connection, address = super().accept()
        try:
            require_same_user(connection)
        except (RefusedError, OSError) as exc:
            connection.close()
            # asyncio goes on to wait for the next one
            raise ConnectionAbortedError from exc
        return connection, address


def listen(path: Path) -> socket.socket:
    """Bind the owner's socket, for nobody but us; the caller holds the lock, so what is there is stale.

    Raises:
        RefusedError: its directory is somebody else's or open to others.
    """
    private_directory(path.parent)
    path.unlink(missing_ok=True)
    bound = _OwnSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        bound.bind(str(path))
    finally:
        os.umask(before)
    path.chmod(0o600)
    return bound


class Service:
    """A manager that listens."""

    def __init__(self, manager: Manager, lock: OwnerLock, *, version: str = "0") -> None:
        self.activity = Activity()
        self._manager = manager
        self._lock = lock
        self._version = version
        self._stop = asyncio.Event()
        self._wanted = asyncio.Event()

    def stop(self) -> None:
        """End every stream and then the server."""
        self._stop.set()
        self._wanted.set()

    async def run(self, bound: socket.socket, *, on_fenced: Callable[[], None] | None = None) -> None:
        """Serve until `stop`, or until another process took over the data directory."""
        mine = self._lock.socket.stat().st_ino
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._watch(on_fenced))
                await self._until_wanted(bound)
                if not self._stop.is_set():
                    # beside the loop: no deadline waits for an import
                    server = await asyncio.to_thread(self._loaded)
                    await server.serve(sockets=[bound])
                watch.cancel()
        finally:
            bound.close()
            self._unlink(mine)

    async def _until_wanted(self, bound: socket.socket) -> None:
        """Return when the first connection has come, or at the end."""
        loop = asyncio.get_running_loop()
        loop.add_reader(bound, self._wanted.set)
        try:
            await self._wanted.wait()
        finally:
            loop.remove_reader(bound)

    def _loaded(self) -> Embedded:
        from tasktui.service.api import make_app
        from tasktui.service.embedded import Embedded

        app = make_app(self._manager, stop=self._stop, activity=self.activity, version=self._version)
        return Embedded(app, self._stop, backlog=BACKLOG)

    async def _watch(self, on_fenced: Callable[[], None] | None) -> None:
        while self._lock.is_current():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FENCE_CHECK_S):
                    await self._stop.wait()
                    return
        self.stop()
        if on_fenced is not None:
            on_fenced()

    def _unlink(self, mine: int) -> None:
        """Remove our socket; not one that a process which took over put in its place."""
        with contextlib.suppress(FileNotFoundError):
            if self._lock.is_current() and self._lock.socket.stat().st_ino == mine:
                self._lock.socket.unlink()


@asynccontextmanager
async def serving(
    manager: Manager, lock: OwnerLock, *, version: str = "0", on_fenced: Callable[[], None] | None = None
) -> AsyncIterator[Service]:
    """Listen for the owner's screens and commands as long as the context is open.

    Args:
        manager: of the running loop.
        lock: the owner's.
        version: of tasktui.
        on_fenced: called once when another process took over; end without writing.
    """
    service = Service(manager, lock, version=version)
    bound = listen(lock.socket)
    # from here on a connection waits in the backlog rather than being refused
    bound.listen(BACKLOG)
    async with asyncio.TaskGroup() as group:
        group.create_task(service.run(bound, on_fenced=on_fenced))
        try:
            yield service
        finally:
            service.stop()
