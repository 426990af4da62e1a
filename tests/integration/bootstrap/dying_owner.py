"""A program that dies while its callable runs: `python dying_owner.py HOME` prints the task's id."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

from tasktui import Status, TaskManager


async def main(home: str) -> None:
    async with TaskManager.open(home) as manager:
        task = await manager.submit_callable(threading.Event().wait)
        while (await manager.get(task.id)).row.status is not Status.RUNNING:
            await asyncio.sleep(0.005)
        sys.stdout.write(task.id)
        sys.stdout.flush()
        os._exit(9)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
