"""The owner's sockets and the servers on them, embedded in the manager's loop.

The sockets stand at once. What answers on them is loaded when the first connection comes: many owners have a
screen and are never asked by anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasktui.domain.ports.manager import Manager
from tasktui.service.activity import Activity
from tasktui.service.offer import Offer
from tasktui.service.owner import OwnerLock
from tasktui.service.places import readonly_path
from tasktui.service.sockets import listen

if TYPE_CHECKING:
    from tasktui.service.embedded import Embedded

BACKLOG: Final = 512
_FENCE_CHECK_S: Final = 1.0
_NOTHING: Final = Offer()


class Service:
    """A manager that listens."""

    def __init__(
        self, manager: Manager, lock: OwnerLock, *, version: str = "0", offer: Offer = _NOTHING
    ) -> None:
        self.activity = Activity()
        self._manager = manager
        self._lock = lock
        self._version = version
        self._offer = offer
        self._stop = asyncio.Event()
        self._wanted = asyncio.Event()
        self._own: dict[Path, int] = {}
        self._bound: dict[str, socket.socket] = {}

    def bind(self) -> None:
        """Listen: from here on a connection waits in the backlog rather than being refused."""
        for door, path in (("owner", self._lock.socket), ("watch", readonly_path(self._lock.socket))):
            self._bound[door] = listen(path)
            self._own[path] = path.stat().st_ino
        if self._offer.port is not None:
            self._bound["port"] = self._offer.port
        for bound in self._bound.values():
            bound.setblocking(False)
            bound.listen(BACKLOG)

    def stop(self) -> None:
        """End every stream and then the server."""
        self._stop.set()
        self._wanted.set()

    async def run(self, *, on_fenced: Callable[[], None] | None = None) -> None:
        """Serve until `stop`, or until another process took over the data directory."""
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._watch(on_fenced))
                await self._until_wanted()
                if not self._stop.is_set():
                    await self._serve()
                watch.cancel()
        finally:
            for bound in self._bound.values():
                bound.close()
            self._unlink()

    async def _serve(self) -> None:
        # whoever knocked needs it, and cannot say so before this is loaded
        self.activity.begin()
        try:
            # beside the loop: no deadline waits for an import
            servers = await asyncio.to_thread(self._loaded)
        finally:
            self.activity.end()
        async with asyncio.TaskGroup() as group:
            for door, server in servers.items():
                group.create_task(server.serve(sockets=[self._bound[door]]), name=f"door {door}")

    async def _until_wanted(self) -> None:
        """Return when the first connection has come, or at the end."""
        loop = asyncio.get_running_loop()
        for bound in self._bound.values():
            loop.add_reader(bound, self._wanted.set)
        try:
            await self._wanted.wait()
        finally:
            for bound in self._bound.values():
                loop.remove_reader(bound)

    def _loaded(self) -> dict[str, Embedded]:
        from tasktui.service.api import make_app
        from tasktui.service.doors import servers

        app = make_app(
            self._manager, stop=self._stop, activity=self.activity, version=self._version,
            systems=self._offer.systems, fenced=lambda: not self._lock.is_current(),
        )  # fmt: skip
        return servers(app, self._lock.home, self._bound, stop=self._stop, backlog=BACKLOG)

    async def _watch(self, on_fenced: Callable[[], None] | None) -> None:
        while self._lock.is_current():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FENCE_CHECK_S):
                    await self._stop.wait()
                    return
        self.stop()
        if on_fenced is not None:
            on_fenced()

    def _unlink(self) -> None:
        """Remove our sockets; not those that a process which took over put in their place."""
        for path, mine in self._own.items():
            with contextlib.suppress(FileNotFoundError):
                if self._lock.is_current() and path.stat().st_ino == mine:
                    path.unlink()


@asynccontextmanager
async def serving(
    manager: Manager,
    lock: OwnerLock,
    *,
    version: str = "0",
    on_fenced: Callable[[], None] | None = None,
    offer: Offer = _NOTHING,
) -> AsyncIterator[Service]:
    """Listen for the owner's screens and commands as long as the context is open.

    Args:
        manager: of the running loop.
        lock: the owner's.
        version: of tasktui.
        on_fenced: called once when another process took over; end without writing.
        offer: what else is offered.
    """
    service = Service(manager, lock, version=version, offer=offer)
    service.bind()
    async with asyncio.TaskGroup() as group:
        group.create_task(service.run(on_fenced=on_fenced))
        try:
            yield service
        finally:
            service.stop()
