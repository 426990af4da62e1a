"""Submit a command, print what it prints while it runs, and say how it ended.

python follow_a_command.py [DIRECTORY]
"""

from __future__ import annotations

import asyncio
import sys

from tasktui import Task, TaskManager

COMMAND = "for n in 1 2 3; do echo line $n; sleep 0.1; done; exit 4"


async def follow(manager: TaskManager, task: Task) -> None:
    """Print a task's output as it grows."""
    offset = 0
    async for event in manager.subscribe(task.id):
        if event.type in {"output.chunk", "task.finished"}:
            while (chunk := await manager.output(task.id, offset=offset)).data:
                print(chunk.data.decode(), end="", flush=True)
                offset = chunk.next_offset


async def main(directory: str) -> None:
    """Open a manager, run one task."""
    async with TaskManager.open(directory) as manager:
        task = await manager.submit(command=COMMAND, name="three lines", timeout_s=60)
        await follow(manager, task)
        row = await manager.wait(task.id)
        print(f"{row.title}: {row.status}, exit code {row.exit_code}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "tasks"))
