"""An owner to be killed: submits tasks that leave a line each, and prints what was acknowledged.

Usage: python house_worker.py HOME ROUND COUNT
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tasktui.bootstrap.house import House, acquire
from tasktui.config import load
from tasktui.domain.spec import ShellWork, TaskSpec


def leaving_a_line(home: Path, task_id: str) -> TaskSpec:
    """Return a task that writes its line once it really runs."""
    command = f"echo ran >> {home}/ran/{task_id}; sleep 0.05; exit 3"
    return TaskSpec(work=ShellWork(command=command, ok_exit_codes=(3,)), cwd="/")


async def main() -> None:
    home, turn, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    lock = acquire(home)
    if lock is None:
        raise SystemExit("the lock is held")
    house = await House.open(load({"home": home}).config, lock)
    for number in range(count):
        task_id = f"t{turn}-{number}"
        await house.manager.submit(leaving_a_line(home, task_id), env=dict(os.environ), task_id=task_id)
        print(task_id, flush=True)  # noqa: T201  # what was acknowledged
    while await house.manager.busy():  # several ends
        await asyncio.sleep(0.02)
    await house.close("detach")
    lock.release()


asyncio.run(main())
