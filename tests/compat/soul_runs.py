"""A task manager of system 000 and runners for it, each with a story to tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tasktui.compat.soul import TaskManager

Event = dict[str, Any]
STORY: list[Event] = [
    {"type": "session", "session_id": "sess-1"},
    {"type": "progress", "text": "reading"},
    {"type": "text_start", "card_id": "c1"},
    {"type": "text_delta", "card_id": "c1", "text": "I look "},
    {"type": "text_delta", "card_id": "c1", "text": "into it."},
    {"type": "text_end", "card_id": "c1"},
    {"type": "tool_start", "card_id": "c1", "tool_name": "Read", "tool_input": {"path": "a.txt"}},
    {"type": "tool_result", "card_id": "c1", "tool_name": "Read", "result": "x" * 3_000, "is_error": False},
    {"type": "tool_start", "card_id": "c1", "tool_name": "Bash", "tool_input": {"command": "false"},
     "tool_use_id": "toolu_2"},
    {"type": "tool_result", "card_id": "c1", "tool_name": "Bash", "result": "1", "is_error": True,
     "tool_use_id": "toolu_2"},
    {"type": "compact", "trigger": "auto", "message": "shortened"},
    {"type": "complete", "result": "Done.", "attachments": ["/tmp/out/a.png"], "claude_session_id": "sess-1"},
]  # fmt: skip


class Runner:
    """Tells a story; between two events it may wait for its gate, and it notes what it was asked."""

    def __init__(self, *story: Event, held: bool = False) -> None:
        self.story = story
        self.asked: list[dict[str, Any]] = []
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()
        self.stopped = 0
        self.got: list[Any] = []
        if not held:
            self.gate.set()

    async def execute(self, **asked: Any) -> AsyncIterator[Event]:
        self.asked.append(asked)
        try:
            for event in self.story:
                yield dict(event)
            self.begun.set()
            await self.gate.wait()
            while (message := await asked["get_intervention"]()) is not None:
                self.got.append(message)
                await asked["on_intervention_sent"](message["user"], message["text"])
        except asyncio.CancelledError:
            self.stopped += 1
            raise


@asynccontextmanager
async def opened(*given: Any, **options: Any) -> AsyncIterator[TaskManager]:
    """Open a task manager for at most a minute."""
    manager = TaskManager(*given, **options)
    try:
        async with asyncio.timeout(60):
            yield manager
    finally:
        await manager.shutdown(timeout=0.2)


async def heard(queue: asyncio.Queue[Event]) -> list[Event]:
    """Return what comes, to the end of the task."""
    events = [await queue.get()]
    while events[-1]["type"] not in {"complete", "error"}:
        events.append(await queue.get())
    return events


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something; the caller has the deadline."""
    while not await condition():
        await asyncio.sleep(0.005)


def kinds(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]
