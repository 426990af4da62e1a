"""An owner with its real neighbours; run by itself, it submits one task and sees it through."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tasktui.artifacts.files import FileArtifacts
from tasktui.domain.records import StoredEvent
from tasktui.domain.spec import TaskSpec
from tasktui.executors.outputs import FileOutputs
from tasktui.executors.process import Supervisor
from tasktui.executors.shell import ShellExecutor
from tasktui.manager.clock import RandomIds, SystemClock
from tasktui.manager.manager import LocalManager
from tasktui.store.sqlite.store import SQLiteStore


@dataclass
class Owner:
    manager: LocalManager

    async def submit(self, line: str, /, **fields: object) -> str:
        env = {"PATH": os.environ["PATH"], "TASKTUI_OLD": "dropped", "GREETING": "hello"}
        if session := os.environ.get("TESTS_OF_TASKTUI"):
            env["TESTS_OF_TASKTUI"] = session
        work = {"kind": "shell", "command": line}
        spec = TaskSpec.model_validate({"work": work, "cwd": "/tmp", **fields})
        return (await self.manager.submit(spec, env=env)).id

    async def reach(self, task_id: str, event_type: str) -> StoredEvent:
        async for event in self.manager.subscribe(task_id):
            if isinstance(event, StoredEvent) and event.type == event_type:
                return event
        raise AssertionError(f"{task_id} ended without {event_type}")

    async def output(self, task_id: str) -> str:
        return (await self.manager.output(task_id)).data.decode()

    async def printed(self, task_id: str, text: str) -> None:
        """Wait until a task has written this."""
        while text not in await self.output(task_id):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def owner(home: Path, mode: str = "cancel") -> AsyncIterator[Owner]:
    async with AsyncExitStack() as stack, asyncio.timeout(50):
        supervisor = Supervisor(home)
        await supervisor.start()
        stack.push_async_callback(supervisor.close)
        artifacts = FileArtifacts(home, SystemClock())
        stack.push_async_callback(artifacts.close)
        manager = LocalManager(
            home=home,
            store=SQLiteStore(home / "tasktui.db"),
            executors={"shell": ShellExecutor(supervisor)},
            artifacts=artifacts,
            outputs=FileOutputs(),
            clock=SystemClock(),
            ids=RandomIds(),
        )
        await manager.open()
        stack.push_async_callback(manager.close, mode)  # type: ignore[arg-type]  # a word of the command line
        yield Owner(manager)


async def main(home: Path, line: str, retries: int) -> None:
    """Submit a task, say its id when it is acknowledged, and wait for its end."""
    async with owner(home) as here:
        task_id = await here.submit(line, retries=retries)
        sys.stdout.write(task_id)
        sys.stdout.flush()
        await here.manager.wait(task_id)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
