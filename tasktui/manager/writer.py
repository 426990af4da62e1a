"""Brings facts into the store: whatever waits goes in one transaction, and the next gathers meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from tasktui.domain.errors import FencedError, ManagerClosedError, StoreError, TasktuiError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.ports.store import Change, Committed, Conflict, Store
from tasktui.domain.rows import TaskRow
from tasktui.manager.last_values import LastValues

BATCH_EVENTS: Final = 4_000
"""Events of one transaction."""
ROOM_EVENTS: Final = 8_000
"""Waiting events, without those of the transaction under way, beyond which `room` lets a flood wait."""
RETRY_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Between tries while nothing can be stored; the last one repeats."""

_BROKEN: Final = "Nothing is stored any more, the log says why. Start tasktui again; tasks go on."

log = logging.getLogger(__name__)


class Sink(Protocol):
    """Who hears of what was stored."""

    def committed(self, done: Committed) -> None:
        """Take facts that are durable."""
        ...

    def rows_changed(self, rows: Sequence[TaskRow]) -> None:
        """Take rows whose last values changed."""
        ...

    def set_degraded(self, reason: str | None) -> None:
        """Take why nothing can be stored now, or that it can again."""
        ...


class Entry:
    """One change that waits; a stream's grows until it is taken."""

    __slots__ = ("change", "done", "events", "patient")

    def __init__(self, change: Change, done: asyncio.Future[Committed | Conflict] | None, *, patient: bool):
        self.change = change
        self.events = list(change.events)
        self.done = done
        self.patient = patient

    def fail(self, error: TasktuiError) -> None:
        """Tell the one who waits."""
        if self.done is not None and not self.done.done():
            self.done.set_exception(error)

    def settle(self, result: Committed | Conflict) -> None:
        """Answer the one who waits."""
        if self.done is not None and not self.done.done():
            self.done.set_result(result)


class Writer:
    """The one writer of a manager; facts of a task keep their order."""

    def __init__(self, store: Store, sink: Sink, on_fenced: Callable[[FencedError], None]) -> None:
        self._store = store
        self._sink = sink
        self._on_fenced = on_fenced
        self._waiting: deque[Entry] = deque()
        self._streams: dict[str, Entry] = {}
        self._live = LastValues()
        self._events = 0
        self._wake = asyncio.Event()
        self._impatient = asyncio.Event()
        self._space = asyncio.Event()
        self._space.set()
        self._closing = False
        self._refusal: TasktuiError | None = None
        self._task: asyncio.Task[None] | None = None
        self._tries = 0
        self.epoch = 0
        """The owner's epoch; an older one is fenced by the store."""
        self.commits = 0
        """Transactions since the beginning."""
        self.commit_s = 0.0
        """Seconds that they took, all together."""
        self.refused = 0
        """Stream facts that the store refused because their task had ended."""

    @property
    def degraded(self) -> bool:
        """Whether nothing can be stored now."""
        return self._tries > 0

    @property
    def waiting(self) -> int:
        """Facts that wait to be stored."""
        return self._events

    @property
    def ended(self) -> bool:
        """Whether nothing will be stored any more."""
        return self._refusal is not None

    def start(self, epoch: int) -> None:
        """Begin to write under this epoch."""
        self.epoch = epoch
        self._task = asyncio.get_running_loop().create_task(self._run(), name="writer")
        self._task.add_done_callback(self._ended)

    def refuse(self, error: TasktuiError) -> None:
        """Write no more; whoever waits and whoever comes gets this error."""
        self._refusal = error
        while self._waiting:
            self._waiting.popleft().fail(error)
        self._streams.clear()
        self._live.clear()
        self._events = 0
        self._space.set()

    async def close(self) -> None:
        """Write what waits, unless nothing can be stored, and end."""
        self._closing = True
        self._wake.set()
        self._impatient.set()
        if self._task is not None:
            await asyncio.wait({self._task})
        self.refuse(self._refusal or ManagerClosedError())

    async def commit(self, change: Change, *, patient: bool = False) -> Committed | Conflict:
        """Store one change and return when it is durable.

        The change takes its place in the line before this first waits.

        Args:
            change: what to store; the epoch is filled in.
            patient: wait until it can be stored, instead of failing while nothing can.

        Raises:
            StoreError: nothing can be stored now.
            OwnerError: fenced or closed.
        """
        if self._refusal is not None:
            raise self._refusal
        done: asyncio.Future[Committed | Conflict] = asyncio.get_running_loop().create_future()
        self._enqueue(Entry(change, done, patient=patient))
        self._streams.pop(change.task_id, None)
        if not patient:
            self._impatient.set()
        return await done

    def post(self, event: NewEvent) -> None:
        """Store a fact of a stream soon; nobody waits for it."""
        if self._refusal is not None:
            return
        entry = self._streams.get(event.task_id)
        if entry is None:
            entry = self._streams[event.task_id] = Entry(Change(event.task_id, ()), None, patient=True)
            self._enqueue(entry)
        entry.events.append(event)
        self._events += 1
        if self._events > ROOM_EVENTS:
            self._space.clear()

    def keep(self, event: NewEvent, key: str = "") -> None:
        """Store the last value of a transient event soon, replacing the one that waits."""
        if self._refusal is None:
            self._live.keep(event, key)
            self._wake.set()

    async def room(self) -> None:
        """Return when few enough facts wait."""
        await self._space.wait()

    def _enqueue(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._count(len(entry.events))
        self._wake.set()

    def _count(self, change: int) -> None:
        self._events += change
        if self._events > ROOM_EVENTS:
            self._space.clear()
        elif self._events <= ROOM_EVENTS // 2:
            self._space.set()

    async def _run(self) -> None:
        while not self._closing or self._waiting:
            await self._wake.wait()
            self._wake.clear()
            while (self._waiting or self._live) and self._refusal is None:
                await self._write(self._take())

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Say aloud that the writer broke: a store raised what no store may raise."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("the writer broke", exc_info=error)
            self.refuse(StoreError(_BROKEN))
            self._sink.set_degraded(_BROKEN)

    def _take(self) -> list[Entry]:
        batch: list[Entry] = []
        size = 0
        while self._waiting and size < BATCH_EVENTS:
            batch.append(self._waiting.popleft())
            size += len(batch[-1].events)
        for entry in batch:
            if self._streams.get(entry.change.task_id) is entry:
                del self._streams[entry.change.task_id]
        self._count(-size)
        return batch

    async def _write(self, batch: list[Entry]) -> None:
        try:
            await self._write_live(self._live.take_before(fact for entry in batch for fact in entry.events))
            results = await self._commit(batch) if batch else ()
            for entry, result in zip(batch, results, strict=True):
                self._settle(entry, result)
            await self._write_live(self._live.take())
        except FencedError as exc:
            self._give_up(exc, batch)
        except StoreError as exc:
            await self._wait_out(exc, batch)
        except BaseException:
            for entry in batch:
                entry.fail(StoreError(_BROKEN))
            raise

    async def _commit(self, batch: list[Entry]) -> Sequence[Committed | Conflict]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        results = await self._store.commit([self._final(entry) for entry in batch])
        self.commits += 1
        self.commit_s += loop.time() - began
        self._recovered()
        return results

    def _final(self, entry: Entry) -> Change:
        change = entry.change
        return Change(
            change.task_id,
            tuple(entry.events),
            change.expected_seq,
            change.expected_status,
            epoch=self.epoch,
            live=change.live,
            admission=change.admission,
        )

    def _settle(self, entry: Entry, result: Committed | Conflict) -> None:
        if isinstance(result, Committed):
            self._sink.committed(result)
        elif entry.done is None:
            self.refused += len(entry.events)
            log.warning("%d facts of %s refused: %s", len(entry.events), result.task_id, result.detail)
        entry.settle(result)

    async def _write_live(self, live: tuple[NewEvent, ...]) -> None:
        if live:
            with suppress(StoreError):
                self._sink.rows_changed(await self._store.set_live(live))
                self._recovered()

    def _give_up(self, error: FencedError, batch: list[Entry]) -> None:
        for entry in batch:
            entry.fail(error)
        self.refuse(error)
        self._on_fenced(error)

    def _recovered(self) -> None:
        if self._tries:
            self._tries = 0
            self._sink.set_degraded(None)

    async def _wait_out(self, error: StoreError, batch: list[Entry]) -> None:
        """Put back what can wait, fail the rest, and come again later or when somebody is impatient."""
        for entry in reversed(batch):
            if entry.patient and not self._closing:
                self._waiting.appendleft(entry)
                self._count(len(entry.events))
            else:
                entry.fail(error)
        self._live.clear()
        pause = RETRY_S[min(self._tries, len(RETRY_S) - 1)]
        self._tries += 1
        self._sink.set_degraded(self._sentence(error))
        self._wake.set()
        self._impatient.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._impatient.wait()

    def _sentence(self, error: StoreError) -> str:
        return f"{error.message} {self._events:,} facts wait to be stored; tasks go on."
