"""An owner as a process of its own, as small as one can be: `python small_owner.py [--take-over]`.

It owns `TASKTUI_HOME`, listens, writes one line to `owners.txt` there, and ends on SIGTERM. What it answers
of tasks is that nobody does; who it is, and that it is one, is what its tests ask.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tasktui.service.client import RemoteManager
from tasktui.service.owner import OwnerLock
from tasktui.service.server import serving


async def main() -> int:
    home = Path(os.environ["TASKTUI_HOME"])
    lock = OwnerLock.acquire(home, version="small", take_over="--take-over" in sys.argv)
    if lock is None:
        return 0
    with (home / "owners.txt").open("a") as told:
        told.write(f"{os.getpid()}\n")
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    nobody = RemoteManager(home / "nobody")
    async with serving(nobody, lock, version="small", on_fenced=ended.set):
        lock.announce(int(os.environ.get("EPOCH", "1")))
        await ended.wait()
    fenced = not lock.is_current()
    lock.release()
    await nobody.close()
    return 6 if fenced else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
