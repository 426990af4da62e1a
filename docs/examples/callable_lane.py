"""Callables of this program in a lane that runs one at a time, kept in memory alone.

python callable_lane.py
"""

from __future__ import annotations

import asyncio
import threading

from tasktui import JobContext, TaskManager

LOCK = threading.Lock()


def on_the_gpu(ctx: JobContext, name: str) -> str:
    """Do what only one may do at a time."""
    if not LOCK.acquire(blocking=False):
        raise RuntimeError("another one is at it")
    try:
        for step in range(1, 4):
            ctx.raise_if_cancelled()
            ctx.progress(step, 3, phase=name)
        return name.upper()
    finally:
        LOCK.release()


def endless(ctx: JobContext) -> None:
    """Work until somebody says stop."""
    while True:
        ctx.raise_if_cancelled()
        threading.Event().wait(0.01)


async def beside() -> str:
    """An async one runs on the loop that gives it."""
    await asyncio.sleep(0.01)
    return "beside the lane"


async def main() -> None:
    """Queue them all, cancel one, and wait."""
    async with TaskManager.open(store="memory", lanes={"gpu": 1}) as manager:
        last = await manager.submit_callable(endless, lane="gpu", priority=-1)
        tasks = [await manager.submit_callable(on_the_gpu, name, lane="gpu") for name in ("one", "two")]
        tasks.append(await manager.submit_callable(beside))
        await manager.cancel(last.id)
        for task in tasks:
            print(await manager.result(task.id))
        row = await manager.wait(last.id)
        print(f"{row.title.partition(':')[2]}: {row.status}")


if __name__ == "__main__":
    asyncio.run(main())
