"""An owner of tasks whose loop stands still for as many seconds as `BUSY_S` says after a SIGUSR1."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from tasktui.service.owner import OwnerLock
from tasktui.service.server import serving
from tasktui.store.memory import MemoryStore
from tests.contract.managers import local


def spin() -> None:
    end = time.monotonic() + float(os.environ["BUSY_S"])
    while time.monotonic() < end:
        pass


async def main() -> None:
    home = Path(os.environ["TASKTUI_HOME"])
    lock = OwnerLock.acquire(home)
    assert lock is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, spin)
    async with local(home, MemoryStore()) as room, serving(room.manager, lock):
        lock.announce(1)
        await asyncio.sleep(55)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
