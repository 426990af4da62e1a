"""One reader of events: what waits for it, bounded; when it is too slow it is sent to the log."""

from __future__ import annotations

import asyncio
from collections import deque

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.work import MessageDelta, OutputChunk
from tasktui.domain.records import StoredEvent

JOINED_CHARS = 65_536
"""Longest delta that pieces are joined to for a reader who is behind."""


class Subscription:
    """A bounded queue between the bus and one reader."""

    def __init__(self, task_id: str | None, after: int, limit: int) -> None:
        self.task_id = task_id
        self.place = after
        """Position of the newest stored event that was passed on: `seq` of the task, or `gid` of all."""
        self.behind = True
        """The log must be read before the queue goes on; so it is at the beginning."""
        self.gaps = 0
        self.ended = False
        self._limit = limit
        self._dropped = False
        self._items: deque[StoredEvent | NewEvent] = deque()
        self._open: dict[tuple[str, str], int] = {}
        """Where in the queue the last delta of each message stands, counted from the first item ever."""
        self._taken = 0
        self._ready = asyncio.Event()

    def offer(self, item: StoredEvent | NewEvent) -> None:
        """Queue an event, join it to a delta that waits, or note that the log must be read again."""
        if self.behind:
            return
        if isinstance(item, NewEvent):
            if self._join(item):
                return
        else:
            self._open.clear()
        if len(self._items) >= self._limit:
            self._overflow()
            return
        self._items.append(item)
        self._ready.set()

    @property
    def waiting(self) -> int:
        """Events that the reader has not taken yet, without those that it has still to read in the log."""
        return len(self._items)

    def passes(self, event: StoredEvent) -> bool:
        """Whether the reader has not had this event; it counts as had from now on."""
        place = event.gid if self.task_id is None else event.seq
        if place <= self.place:
            return False
        self.place = place
        return True

    def take_gap(self) -> bool:
        """Whether something was dropped that the reader was not told of; it is from now on."""
        dropped, self._dropped = self._dropped, False
        return dropped

    def begin_again(self) -> None:
        """Begin to queue again: the log is about to be read."""
        self.behind = False

    def end(self) -> None:
        """Tell the reader that nothing more will come."""
        self.ended = True
        self._ready.set()

    def finish(self) -> None:
        """Drop what waits: the last frame is about to be sent."""
        self._items.clear()
        self.end()

    async def next(self) -> StoredEvent | NewEvent | None:
        """Return the next event; None when it must read the log, or when all is over."""
        while not self.behind:
            if self._items:
                self._taken += 1
                item = self._items.popleft()
                if isinstance(item, NewEvent) or self.passes(item):
                    self._note_end(item)
                    return item
            elif self.ended:
                return None
            else:
                self._ready.clear()
                await self._ready.wait()
        return None

    def _note_end(self, item: StoredEvent | NewEvent) -> None:
        """Have the log read once more after the end of the task: it knows whether anything follows."""
        if item.type == "task.finished" and self.task_id is not None:
            self.behind = True

    def _join(self, event: NewEvent) -> bool:
        data = event.data
        if not isinstance(data, MessageDelta | OutputChunk):
            return False
        key = (event.task_id, data.message_id if isinstance(data, MessageDelta) else data.stream)
        place = self._open.get(key, -1) - self._taken
        if not 0 <= place < len(self._items):
            self._open[key] = self._taken + len(self._items)
            return False
        waiting = self._items[place]
        joined = _joined(waiting, event) if isinstance(waiting, NewEvent) else None
        if joined is None:
            self._open[key] = self._taken + len(self._items)
            return False
        self._items[place] = joined
        return True

    def _overflow(self) -> None:
        self._taken += len(self._items)
        self._items.clear()
        self._open.clear()
        self.behind = self._dropped = True
        self.gaps += 1
        self._ready.set()


def _joined(first: NewEvent, second: NewEvent) -> NewEvent | None:
    one, two = first.data, second.data
    if isinstance(one, MessageDelta) and isinstance(two, MessageDelta):
        text = one.delta + two.delta
        return (
            first._replace(data=one.model_copy(update={"delta": text})) if len(text) < JOINED_CHARS else None
        )
    if isinstance(one, OutputChunk) and isinstance(two, OutputChunk):
        text = one.text + two.text
        return (
            first._replace(data=one.model_copy(update={"text": text})) if len(text) < JOINED_CHARS else None
        )
    return None
