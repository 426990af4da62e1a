"""A manager seen from another process: over a real socket, by a client of its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tasktui.domain.errors import OwnerError
from tasktui.domain.ports.manager import Manager
from tasktui.service.client import RemoteManager
from tasktui.service.distant import Distant
from tasktui.service.owner import OwnerLock
from tasktui.service.program import Failure
from tasktui.service.reach import Reach
from tasktui.service.server import serving
from tasktui.service.ssh import stdio_argv
from tests.sshd import BOX


def over_stdio(home: Path) -> Distant:
    """As over ssh, less the ssh: `tasktui stdio` is a child of this process."""
    argv = (sys.executable, "-m", "tasktui", "--home", str(home), "stdio")
    return Distant(argv, name="here", explain=_plainly, version="test")


def over_ssh(home: Path) -> Distant:
    """Over a real ssh to the box that is on the `PATH` of this test."""
    return Distant(stdio_argv(BOX, home=str(home)), name="box", explain=_plainly, version="test")


def _plainly(failure: Failure) -> OwnerError:
    return OwnerError(f"{failure.why.message} {failure.code} {' '.join(failure.said)} {failure.noise}")


@asynccontextmanager
async def attached(home: Path, local: Manager, *, reach: Reach | None = None) -> AsyncIterator[Manager]:
    """Serve a manager, and yield what an attached screen has of it, over the socket or another way."""
    lock = OwnerLock.acquire(home)
    assert lock is not None
    remote = RemoteManager(reach or home)
    async with serving(local, lock):
        lock.announce(1)
        yield remote
        await remote.close()
    lock.release()
