"""A manager seen from another process: over a real socket, by a client of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tasktui.domain.ports.manager import Manager
from tasktui.service.client import RemoteManager
from tasktui.service.owner import OwnerLock
from tasktui.service.server import serving


@asynccontextmanager
async def attached(home: Path, local: Manager) -> AsyncIterator[Manager]:
    """Serve a manager, and yield what an attached screen has of it."""
    lock = OwnerLock.acquire(home)
    assert lock is not None
    remote = RemoteManager(home)
    async with serving(local, lock):
        lock.announce(1)
        yield remote
        await remote.close()
    lock.release()
