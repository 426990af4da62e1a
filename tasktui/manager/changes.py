"""What a screen needs to know, coalesced: the newest row per task, a bounded tail, one wake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.work import MessageDelta, ToolProgress
from tasktui.domain.ports.store import Committed
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.rows import TaskRow
from tasktui.domain.tail import Tail

if TYPE_CHECKING:
    from tasktui.manager.bus import Bus
    from tasktui.manager.core import Core


class Feed:
    """Gathers changes for one screen until it takes them."""

    def __init__(self, interest: Interest, rows: int) -> None:
        self._interest = interest
        self._limit = rows
        self._rows: dict[str, TaskRow] = {}
        self._removed: set[str] = set()
        self._tail = Tail()
        self._tail_of: str | None = None
        self._output = False
        self._live = self._written = False
        self._reread = True
        self._degraded: str | None = None
        self._dirty = asyncio.Event()
        self._dirty.set()
        self.ended = False

    @property
    def looks_at(self) -> str | None:
        """The task that the screen shows, if it shows one."""
        return self._interest.task_id

    def committed(self, done: Committed) -> None:
        """Take what was stored."""
        if done.row is not None:
            self.rows_changed((done.row,))
            if done.row.id == self._interest.task_id:
                self._aim()
                self._tail.extend(done.events)
                self._live = self._written = True
        else:
            self._dirty.set()  # a lane, a schedule: what tasks wait for is another thing then

    def rows_changed(self, rows: Sequence[TaskRow]) -> None:
        """Take the newest state of tasks."""
        for row in rows:
            if row.id in self._rows or len(self._rows) < self._limit:
                self._rows[row.id] = row
            else:
                self._reread = True
            self._dirty.set()

    def transient(self, event: NewEvent) -> None:
        """Note that a message or a tool call goes on."""
        if event.task_id == self._interest.task_id and isinstance(event.data, MessageDelta | ToolProgress):
            if isinstance(event.data, MessageDelta):
                self._live = True
            else:
                self._written = True
            self._dirty.set()

    def output(self, task_id: str) -> None:
        """Note that there is more output."""
        if task_id == self._interest.task_id:
            self._output = True
            self._dirty.set()

    def removed(self, task_ids: Sequence[str]) -> None:
        """Note that tasks are no more."""
        for task_id in task_ids:
            self._rows.pop(task_id, None)
        self._removed.update(task_ids)
        if len(self._removed) > self._limit:
            self._removed.clear()
            self._reread = True
        self._dirty.set()

    def degraded(self, reason: str | None) -> None:
        """Note whether facts can be stored."""
        self._degraded = reason
        self._dirty.set()

    def end(self) -> None:
        """Tell the screen that nothing more will come."""
        self.ended = True
        self._dirty.set()

    async def wait(self) -> None:
        """Return when there is something to take."""
        await self._dirty.wait()

    def take(self, bus: Bus) -> ChangeSet:
        """Return what gathered, and begin anew; counts are left to the caller."""
        self._aim()
        task_id = self._interest.task_id
        talking, working = (task_id or "" if told else "" for told in (self._live, self._written))
        changes = ChangeSet(
            rows=() if self._reread else tuple(self._rows.values()),
            removed=() if self._reread else tuple(self._removed),
            task_id=task_id,
            tail=self._tail.events,
            reread=self._reread or self._tail.lacks,
            output=self._output,
            live=bus.text.of(talking),
            written=bus.text.written(working),
            degraded=self._degraded,
        )
        self._rows.clear()
        self._removed.clear()
        self._tail.clear()
        self._output = self._live = self._written = self._reread = False
        self._dirty.clear()
        return changes

    def _aim(self) -> None:
        """Forget the tail of a task that the screen no longer looks at."""
        if self._tail_of != self._interest.task_id:
            self._tail_of = self._interest.task_id
            self._tail.clear()
            self._live = self._written = True


async def follow(core: Core, interest: Interest) -> AsyncIterator[ChangeSet]:
    """Yield change sets: the first at once, at most one per interval, none when nothing happens."""
    feed = Feed(interest, core.limits.changed_rows)
    feed.degraded(core.bus.degraded)
    core.bus.feeds.add(feed)
    try:
        while True:
            await feed.wait()
            if feed.ended:
                return
            changes = feed.take(core.bus)
            # counted after it was taken: what is stored meanwhile is in the next one, and so are its counts
            changes = replace(changes, counts=await core.store.counts())
            if changes.reread and not changes.rows and (task_id := interest.task_id) is not None:
                shown = await core.store.row(task_id)
                changes = replace(changes, rows=() if shown is None else (shown,))
            yield changes
            await asyncio.sleep(interest.min_interval_s)
    finally:
        core.bus.feeds.discard(feed)
