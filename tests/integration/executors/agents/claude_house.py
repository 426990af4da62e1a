"""A house whose Claude Code is the scripted one; run by itself, it submits one task and never ends."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasktui.bootstrap.house import House, acquire
from tasktui.config import Config
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Message
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import TaskSpec
from tasktui.executors.run_files import read_head
from tasktui.executors.sweep import list_marked
from tasktui.manager.manager import LocalManager

FAKE = [sys.executable, "-I", "-S", str(Path(__file__).with_name("fake_claude.py"))]
AGENTS: Mapping[str, Mapping[str, object]] = {
    "claude": {"argv": FAKE},
    "qwen-stream": {"argv": FAKE},
    "missing": {"like": "claude", "argv": ["no-such-program-as-this"]},
    "mute": {"like": "claude", "argv": [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]},
}


@dataclass
class Place:
    """The manager of an open house, and a project for its agents."""

    home: Path
    cwd: Path
    manager: LocalManager

    async def submit(self, prompt: str, *, preset: str = "claude", timeout_s: float = 20, **work: Any) -> str:
        given = {"work": {"kind": "agent", "preset": preset, "prompt": prompt, **work}, "cwd": str(self.cwd)}
        return (await self.manager.submit(TaskSpec.model_validate({**given, "timeout_s": timeout_s}))).id

    async def end(self, prompt: str, **work: Any) -> TaskRow:
        return await self.manager.wait(await self.submit(prompt, **work))

    async def reach(
        self, task_id: str, event_type: str, holds: Callable[[dict[str, Any]], object] = bool
    ) -> dict[str, Any]:
        """Return the data of the first event of a type for which something holds."""
        async for event in self.manager.subscribe(task_id):
            if isinstance(event, StoredEvent) and event.type == event_type:
                data: dict[str, Any] = json.loads(event.data)
                if holds(data):
                    return data
        raise AssertionError(f"{task_id} ended without {event_type}")

    async def write(self, task_id: str, text: str, mode: Any = "steer") -> None:
        await self.manager.intervene(task_id, Message(text, mode=mode))

    async def told(self, task_id: str) -> list[str]:
        """Return what a person reads of it, in short."""
        told = []
        for event in (await self.manager.timeline(task_id)).items:
            data = json.loads(event.data)
            if event.type == "tool.completed":
                state = "canceled" if data["canceled"] else "ok" if data["ok"] else "failed"
                told.append(f"end {state}: {data.get('output') or ''}")
            elif tell := TELLERS.get(event.type):
                told.append(tell.format(**data))
        return told

    async def result(self, task_id: str) -> str | None:
        return (await self.manager.detail(task_id)).result_inline

    async def finished(self, task_id: str) -> dict[str, Any]:
        return await self.reach(task_id, "task.finished")

    def left(self, task_id: str) -> list[int]:
        """Return the processes of a task that still live."""
        head = read_head(self.home / "tasks" / task_id)
        return [pid for pid, mark in list_marked().items() if head is not None and mark == head.mark]


TELLERS = {
    "message.completed": "{role}: {content}",
    "tool.started": "tool {name}: {input}",
    "approval.requested": "may {tool}: {summary}",
    "approval.resolved": "{decision} by {by}",
    "input.requested": "asks: {question}",
    "intervention.delivered": "delivered",
    "task.warning": "warning: {message}",
    "task.linked": "linked {session_id}",
}


@asynccontextmanager
async def opened(home: Path, cwd: Path, mode: Any = "cancel", **config: Any) -> AsyncIterator[Place]:
    lock = acquire(home)
    assert lock is not None
    house = await House.open(Config(home=home, agents=AGENTS, **config), lock)
    try:
        async with asyncio.timeout(25):
            yield Place(home, cwd, house.manager)
    finally:
        await house.close(mode)
        lock.release()


async def own(home: Path, cwd: Path, prompt: str) -> None:
    async with opened(home, cwd) as place:
        task_id = await place.submit(prompt)
        await place.reach(task_id, "tool.started")
        sys.stdout.write(f"{task_id}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(own(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
