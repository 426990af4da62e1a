"""Tells a custom backend of system 002 what was stored, after it was stored; it is never read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from tasktui.compat.cyberagent.backends import LANE, TaskBackend, status_of, task_of
from tasktui.compat.room import Room
from tasktui.domain.errors import TasktuiError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent

WATCHED = frozenset({"task.created", "task.linked", "task.finished"})
"""The facts that change what a backend knows."""

log = logging.getLogger(__name__)


class Mirror:
    """Follows the whole log from where it stood and calls the backend on the program's loop."""

    def __init__(self, backend: TaskBackend) -> None:
        self._backend = backend
        self._host: asyncio.AbstractEventLoop | None = None
        self._following = False

    def follow(self, room: Room, host: asyncio.AbstractEventLoop) -> None:
        """Begin to follow, once; the backend is called on the newest host."""
        self._host = host
        if not self._following:
            self._following = True
            after = room.ask(_head)
            room.post(lambda manager: self._follow(manager, after))

    async def _follow(self, manager: Manager, after: int) -> None:
        async for event in manager.subscribe(after=after):
            if isinstance(event, StoredEvent) and event.type in WATCHED:
                try:
                    await self._tell(manager, event)
                except TasktuiError as exc:
                    log.warning("the backend was not told of %s: %s", event.task_id, exc)

    async def _tell(self, manager: Manager, event: StoredEvent) -> None:
        native = await manager.get(event.task_id)
        if native.row.lane != LANE:
            return
        task = task_of(native)
        if event.type == "task.created":
            self._call(
                lambda: self._backend.create_task(
                    task.id, task.conversation_id, status="running", metadata=task.metadata
                )
            )
        elif event.type == "task.finished":
            status = status_of(native.row.status)
            self._call(lambda: self._backend.update_task_status(task.id, status, error=task.error))

    def _call(self, write: Callable[[], object]) -> None:
        assert self._host is not None  # noqa: S101  # set before following begins
        try:
            self._host.call_soon_threadsafe(self._safely, write)
        except RuntimeError:
            log.warning("the backend was not told: its program's loop has ended")

    def _safely(self, write: Callable[[], object]) -> None:
        try:
            write()
        except Exception:  # the boundary to the program's own backend: the task does not depend on it
            log.exception("the backend failed")


async def _head(manager: Manager) -> int:
    return (await manager.stats()).events
