"""Real runs for tests: a supervisor that leaves nothing behind, launches with good defaults, a deadline."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tasktui.executors.launch import Launch
from tasktui.executors.process import Alive, Supervisor
from tasktui.executors.run_files import is_locked, read_head
from tasktui.executors.sweep import list_marked

LAUNCH = Launch("", 1, Path(), (), Path("/"), {}, "", grace_s=0.5, output_cap_bytes=1 << 20)


def run_of(home: Path, *argv: str, **changes: Any) -> Launch:
    """A run of ``argv`` in a task directory of its own."""
    task_id = changes.get("id", secrets.token_hex(4))
    changes.setdefault("directory", home / "tasks" / task_id)
    changes.setdefault("env", dict(os.environ))
    return replace(LAUNCH, argv=argv, mark=secrets.token_hex(16), **{"id": task_id, **changes})


def python(code: str) -> tuple[str, ...]:
    """The command that runs a piece of Python."""
    return (sys.executable, "-I", "-S", "-c", code)


@asynccontextmanager
async def supervising(home: Path) -> AsyncIterator[Supervisor]:
    """A started supervisor; at the end every run below ``home`` is killed."""
    supervisor = Supervisor(home)
    await supervisor.start()
    try:
        yield supervisor
    finally:
        try:
            await end_all(supervisor, home)
        finally:
            await supervisor.close()


async def end_all(supervisor: Supervisor, home: Path) -> None:
    """Kill every run below ``home`` and wait for its end."""
    for file in home.glob("tasks/*/run.json"):
        head = read_head(file.parent)
        adopted = await supervisor.adopt(file.parent, head.run if head is not None else 1)
        if isinstance(adopted, Alive):
            adopted.process.kill()
            async with asyncio.timeout(20):
                await adopted.process.wait()
        await until(partial(gone, file.parent))


def gone(directory: Path) -> bool:
    """Whether no shim holds the directory any more."""
    return not is_locked(directory)


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait until ``condition`` holds; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never became true"
        await asyncio.sleep(0.01)


async def best(act: Callable[[int], Awaitable[float]], bound_s: float, times: int = 5) -> float:
    """Return the shortest of a few times, or the first within the bound.

    A busy machine is late now and then; what waits for too long does so every time.
    """
    took_s = await act(0)
    for number in range(1, times):
        if took_s > bound_s:
            took_s = min(took_s, await act(number))
    return took_s


def marked(mark: str) -> list[int]:
    """The living processes that carry a run's mark."""
    return [pid for pid, its_mark in list_marked().items() if its_mark == mark]
