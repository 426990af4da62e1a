"""Tells everybody who listens what was stored, in order, and never waits for any of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskFinished
from tasktui.domain.events.system import StreamEnd, StreamGap, StreamSnapshot
from tasktui.domain.ports.clock import Clock
from tasktui.domain.ports.store import Committed, Store
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.manager.changes import Feed
from tasktui.manager.live_text import LiveText
from tasktui.manager.subscription import Subscription

log = logging.getLogger(__name__)
PAGE = 500
"""Events read from the log at once."""


class Bus:
    """The subscribers, the screens' feeds and those who wait for an end."""

    def __init__(self, store: Store, clock: Clock, limit: int) -> None:
        self._store = store
        self._clock = clock
        self._limit = limit
        self._readers: dict[str | None, set[Subscription]] = {}
        self._waiters: dict[str, set[asyncio.Future[TaskRow | None]]] = {}
        self._past_gaps = 0
        self._ended = False
        self.feeds: set[Feed] = set()
        self.text = LiveText()
        self.on_end: Callable[[TaskRow], None] = lambda _: None
        """Called with the row of each task that has just ended."""
        self.degraded: str | None = None
        """Why nothing can be stored now, else None."""

    @property
    def subscribers(self) -> int:
        """How many read events."""
        return sum(map(len, self._readers.values())) + len(self.feeds)

    def heard(self, task_id: str) -> bool:
        """Whether anybody reads the events of a task, or looks at it on a screen."""
        read = bool(self._readers.get(task_id) or self._readers.get(None))
        return read or any(feed.looks_at == task_id for feed in self.feeds)

    @property
    def gaps(self) -> int:
        """How often a slow subscriber was sent to the log."""
        return self._past_gaps + sum(reader.gaps for readers in self._readers.values() for reader in readers)

    @property
    def lag(self) -> int:
        """Events that wait for the slowest reader."""
        return max((reader.waiting for readers in self._readers.values() for reader in readers), default=0)

    def committed(self, done: Committed) -> None:
        """Tell what was stored."""
        if done.events:
            self._tell(done.events)
        for feed in self.feeds:
            feed.committed(done)
        if done.row is not None and done.row.finished_at is not None:
            self._release(done.row.id, done.row)
            if any(event.type == TaskFinished.TYPE for event in done.events):
                self.on_end(done.row)

    def _tell(self, events: Sequence[StoredEvent]) -> None:
        """Tell the events of one task."""
        task_id = events[0].task_id
        for reader in (*self._readers.get(task_id, ()), *self._readers.get(None, ())):
            for event in events:
                reader.offer(event)
        for event in events:
            self.text.stored(event)

    def rows_changed(self, rows: Sequence[TaskRow]) -> None:
        """Tell of rows whose last values changed."""
        for feed in self.feeds:
            feed.rows_changed(rows)

    def transient(self, event: NewEvent) -> None:
        """Tell what is not stored."""
        self.text.transient(event)
        for reader in (*self._readers.get(event.task_id, ()), *self._readers.get(None, ())):
            reader.offer(event)
        for feed in self.feeds:
            feed.transient(event)

    def output(self, task_id: str) -> None:
        """Tell that a task has written."""
        for feed in self.feeds:
            feed.output(task_id)

    def removed(self, task_ids: Sequence[str]) -> None:
        """Tell that tasks are no more."""
        for task_id in task_ids:
            for reader in self._readers.get(task_id, ()):
                reader.end()
            self._release(task_id, None)
        for feed in self.feeds:
            feed.removed(task_ids)

    def set_degraded(self, reason: str | None) -> None:
        """Tell whether facts can be stored."""
        if reason != self.degraded:
            log.warning("%s", reason or "facts can be stored again")
        self.degraded = reason
        for feed in self.feeds:
            feed.degraded(reason)

    def close(self) -> None:
        """End every stream."""
        self._ended = True
        for readers in self._readers.values():
            for reader in readers:
                reader.end()
        for feed in self.feeds:
            feed.end()
        for task_id in list(self._waiters):
            self._release(task_id, None)

    def ending(self, task_id: str) -> asyncio.Future[TaskRow | None]:
        """Return what will hold the task's row at its end; None when it is deleted or the manager closes."""
        future: asyncio.Future[TaskRow | None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(task_id, set()).add(future)
        future.add_done_callback(lambda done: self._leave(task_id, done))
        return future

    def _leave(self, task_id: str, future: asyncio.Future[TaskRow | None]) -> None:
        waiters = self._waiters.get(task_id, set())
        waiters.discard(future)
        if not waiters:
            self._waiters.pop(task_id, None)

    def _release(self, task_id: str, row: TaskRow | None) -> None:
        for future in tuple(self._waiters.pop(task_id, ())):
            if not future.done():
                future.set_result(row)

    async def follow(self, task_id: str | None, after: int) -> AsyncIterator[StoredEvent | NewEvent]:
        """Replay the log after a position and go on with what happens; see `Manager.subscribe`."""
        reader = Subscription(task_id, after, self._limit)
        reader.ended = self._ended
        self._readers.setdefault(task_id, set()).add(reader)
        try:
            yield await self._snapshot(task_id)
            async for item in self._read(reader):
                yield item
        finally:
            self._readers[task_id].discard(reader)
            self._past_gaps += reader.gaps
            if not self._readers[task_id]:
                del self._readers[task_id]

    async def _read(self, reader: Subscription) -> AsyncIterator[StoredEvent | NewEvent]:
        while True:
            if reader.take_gap():
                yield self._control(reader.task_id, StreamGap(after_gid=reader.place))
            if reader.behind:
                async for item in self._catch_up(reader):
                    yield item
            following = await reader.next()
            if following is not None:
                yield following
            elif not reader.behind:
                return

    async def _catch_up(self, reader: Subscription) -> AsyncIterator[StoredEvent | NewEvent]:
        """Read the log on to its end; what happens meanwhile waits in the queue."""
        reader.begin_again()
        more = True
        while more:
            events = await self._page(reader.task_id, reader.place)
            for event in events:
                if reader.passes(event):
                    yield event
            more = len(events) >= PAGE
        if (end := await self._end(reader)) is not None:
            reader.finish()
            yield end

    async def _page(self, task_id: str | None, place: int) -> Sequence[StoredEvent]:
        if task_id is None:
            return await self._store.read(place, limit=PAGE)
        return (await self._store.timeline(task_id, after_seq=place, limit=PAGE)).items

    async def _end(self, reader: Subscription) -> NewEvent | None:
        """Return the last frame when the task has ended and everything was read."""
        if reader.task_id is None:
            return None
        row = await self._store.row(reader.task_id)
        if row is None or (row.finished_at is not None and reader.place >= row.last_seq):
            return self._control(reader.task_id, StreamEnd(status=row.status if row is not None else None))
        # facts came after the end and since the log was read: only the log tells that nothing follows
        reader.behind = reader.behind or row.finished_at is not None
        return None

    async def _snapshot(self, task_id: str | None) -> NewEvent:
        gid = await self._store.head()
        row = await self._store.row(task_id) if task_id is not None else None
        if row is None:
            return self._control(task_id, StreamSnapshot(gid=gid))
        return self._control(
            task_id,
            StreamSnapshot(
                status=row.status,
                status_text=row.status_text,
                progress_percentage=row.progress_percentage,
                last_seq=row.last_seq,
                gid=gid,
            ),
        )

    def _control(self, task_id: str | None, data: StreamSnapshot | StreamGap | StreamEnd) -> NewEvent:
        return NewEvent(task_id or "", 0, self._clock.now(), data, "manager")
