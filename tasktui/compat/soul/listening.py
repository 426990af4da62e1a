"""Listeners of system 000: each queue is fed from the log by a follower of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from tasktui.compat.soul.telling import Event, rejoined, told
from tasktui.domain.errors import TasktuiError
from tasktui.domain.ports.manager import Manager

Queue = asyncio.Queue[Event]

log = logging.getLogger(__name__)


class Listener:
    """Puts what one task tells into one queue, in order, on the loop that made it."""

    def __init__(self, manager: Manager, task_id: str, queue: Queue, since: int) -> None:
        """Take the queue; `since` is the id of the newest event when it began to listen."""
        self._manager = manager
        self._task_id = task_id
        self.queue = queue
        self._since = since
        self._following: asyncio.Task[None] | None = None

    def follow(self) -> None:
        """Begin with the first event: who listens late misses nothing."""
        self._start(told(self._manager, self._task_id))

    async def rejoin(self, last_event_id: int | None) -> None:
        """Begin again: where the task stands, what was missed, then what follows, each once.

        What nobody took from the queue yet is told again in its place.
        """
        await self.stop()
        while not self.queue.empty():
            self.queue.get_nowait()
        after = self._since if last_event_id is None else last_event_id
        self._start(rejoined(self._manager, self._task_id, last_event_id=after))

    async def stop(self) -> None:
        """Feed the queue no longer."""
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            await asyncio.wait({following})

    def _start(self, events: AsyncGenerator[Event | None, None]) -> None:
        self._following = asyncio.get_running_loop().create_task(self._feed(events))

    async def _feed(self, events: AsyncGenerator[Event | None, None]) -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    if event is not None:
                        await self.queue.put(event)
        except TasktuiError as exc:
            log.warning("a listener is told no more of %s: %s", self._task_id, exc.message)
