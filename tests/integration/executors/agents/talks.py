"""A whole house with the scripted agent, and what a person reads of its tasks."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tasktui.bootstrap.house import House, acquire
from tasktui.config import load
from tasktui.domain.events.base import Data
from tasktui.domain.events.registry import parse
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.executors.run_files import read_head
from tests.integration.executors.processes import marked
from tests.unit.executors.agents.replay import told

AGENT = Path(__file__).parent / "scripted_agent.py"


def presets(**more: Any) -> dict[str, Any]:
    """The scripted agent in each of its parts, by a name for each."""
    base = {"protocol": "acp", "title": "Scripted", "intervene": "steer", "resume": "load", **more}
    parts = ("play", "silent", "auth", "version", "mute-exit", "queues")
    found = {part: {**base, "argv": [sys.executable, str(AGENT), part]} for part in parts}
    found["queues"]["intervene"] = "queue"
    return {**found, "missing": {**base, "argv": ["no-such-agent"], "install": "npm install it"}}


@asynccontextmanager
async def a_house(home: Path, **settings: Any) -> AsyncIterator[House]:
    """Own a data directory in which agents run; nothing is left behind."""
    home.mkdir(mode=0o700, exist_ok=True)
    lock = acquire(home)
    assert lock is not None
    config = load({"home": home, "agents": presets(), "cancel_grace_s": 0.5, **settings}).config
    house = await House.open(config, lock)
    try:
        yield house
    finally:
        await house.close("cancel")
        lock.release()


def asks(prompt: str, cwd: Path, agent: str = "play", **more: Any) -> TaskSpec:
    """A task for the agent."""
    cwd.mkdir(exist_ok=True)
    return TaskSpec(work=AgentWork(preset=agent, prompt=prompt, **more), cwd=str(cwd))


async def submit(house: House, spec: TaskSpec) -> str:
    """Submit a task."""
    row = await house.manager.submit(spec, env=dict(os.environ))
    return row.id


async def facts(house: House, task_id: str) -> list[Data]:
    """Return the stored facts of a task, in order."""
    page = await house.manager.timeline(task_id, limit=10_000)
    return [parse(event.type, event.data) for event in sorted(page.items, key=lambda event: event.seq)]


async def lines(house: House, task_id: str) -> list[str]:
    """Return what a person reads of a task."""
    return [line for fact in await facts(house, task_id) if (line := told(fact))]


def left(home: Path, task_id: str) -> list[int]:
    """Return the living processes of a task, by the mark of its run."""
    head = read_head(home / "tasks" / task_id)
    return marked(head.mark) if head is not None else []


async def reach(house: House, task_id: str, line: str, seconds: float = 20) -> None:
    """Wait until a person reads a line that begins so."""
    async with asyncio.timeout(seconds):
        while not any(read.startswith(line) for read in await lines(house, task_id)):
            await asyncio.sleep(0.02)


async def ends(house: House, task_id: str, seconds: float = 25) -> TaskRow:
    """Wait for the end of a task."""
    return await house.manager.wait(task_id, timeout_s=seconds)
