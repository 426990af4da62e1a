"""An owner to be killed while twenty tasks run, a lane each. Usage: python twenty_worker.py HOME"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tasktui.bootstrap.house import House, acquire
from tasktui.config import load
from tasktui.domain.spec import ShellWork, TaskSpec


def waiting(home: Path, number: int) -> TaskSpec:
    """Return a task that leaves its line, waits for the file `go` and ends with its own code."""
    wait = f"until [ -e {home}/go ]; do sleep 0.05; done"
    command = f"echo ran >> {home}/ran/n{number}; {wait}; exit {number + 1}"
    return TaskSpec(work=ShellWork(command=command), cwd="/", lane=f"lane{number}")


async def main() -> None:
    home = Path(sys.argv[1])
    lock = acquire(home)
    if lock is None:
        raise SystemExit("the lock is held")
    house = await House.open(load({"home": home}).config, lock)
    for number in range(20):
        await house.manager.submit(waiting(home, number), env=dict(os.environ), task_id=f"n{number}")
    while len(list((home / "ran").iterdir())) < 20:
        await asyncio.sleep(0.02)
    print("all run", flush=True)  # noqa: T201  # tells the test
    await asyncio.Event().wait()


asyncio.run(main())
