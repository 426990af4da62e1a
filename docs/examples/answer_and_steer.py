"""Answer a task's question from code, and send it a message while it runs.

    python answer_and_steer.py [DIRECTORY]

The task is a shell script that reports with `tasktui emit`; a dashboard could answer it just as well.
"""

from __future__ import annotations

import asyncio
import sys

from tasktui import Answer, Message, TaskManager

SCRIPT = f"""
branch=$({sys.executable} -m tasktui emit ask "Which branch?" --option main --option next)
{sys.executable} -m tasktui emit status "building $branch"
read -r advice
echo "built $branch, $advice"
"""


async def main(directory: str) -> None:
    """Watch the events, and act on those that need a person."""
    async with TaskManager.open(directory, listen=True) as manager:
        task = await manager.submit(command=SCRIPT, name="build")
        async for event in manager.subscribe(task.id):
            if event.type == "input.requested":
                request = (await manager.detail(task.id)).requests[-1]
                print(f"asked: {request.summary}")
                await manager.answer(task.id, Answer(text="next", by="example", origin="code"))
            elif event.type == "task.status":
                print((await manager.get(task.id)).row.status_text)
                await manager.intervene(task.id, Message("with all warnings", user="example"))
        print(await manager.result(task.id))
        sent = (await manager.detail(task.id)).interventions[0]
        print(f"message: {sent.state}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "tasks"))
