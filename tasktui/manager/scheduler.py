"""Starts what may start: by lane, priority and age, claimed in the store, woken by events only."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tasktui import crashpoint
from tasktui.domain.errors import OwnerError, StoreError
from tasktui.domain.events.lifecycle import TaskStarted
from tasktui.domain.ports.store import Change, Conflict
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tasktui.manager import disk_room, embedded, provider_limits
from tasktui.manager.lanes import Lanes, Turns
from tasktui.manager.runs import LocalRun
from tasktui.manager.trouble import Trouble

if TYPE_CHECKING:
    from tasktui.manager.core import Core

LONGEST_SLEEP_S: Final = 60.0
"""While a task waits for a time of day: the wall clock may jump under the timer."""
AFTER_TROUBLE_S: Final = 1.0
"""Until the next try when the store could not be read."""

log = logging.getLogger(__name__)


class Scheduler:
    """Claims queued tasks while there is room; sleeps without a timer when nothing is due."""

    def __init__(self, core: Core, lanes: Lanes) -> None:
        self._core = core
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._stopped = asyncio.Event()
        self._closed = False
        self._turns = Turns()
        self._trouble = Trouble(log, "tasks can be started again")
        self._told: str | None = None
        """Why nothing can be started, as it was said aloud."""
        self.lanes = lanes
        self.queued = 0
        """About how many tasks wait."""

    def wake(self) -> None:
        """Look for work: a task came, ended or was released, or a lane has changed."""
        if not self._closed:
            self._idle.clear()
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing any more."""
        self._closed = True
        self._stopped.set()
        self._idle.set()
        self._wake.set()

    async def stopped(self) -> None:
        """Return when nothing is claimed any more, whatever waits."""
        await self._stopped.wait()

    async def idle(self) -> None:
        """Return when nothing more can start now."""
        await self._idle.wait()

    async def run(self) -> None:
        """Claim until stopped."""
        while not self._closed:
            self._wake.clear()
            pause = await self._look()
            if not self._wake.is_set():
                self._idle.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def start(self, row: TaskRow) -> bool:
        """Claim a queued task whatever its lane says; False when it is too late.

        Raises:
            StoreError: nothing can be stored now, or there is no room for a run.
        """
        disk_room.require(self._core.home)
        return await self._claim(row)

    async def _look(self) -> float | None:
        """Claim what fits; return how long nothing else falls due, None: until something happens."""
        try:
            left = await self._fill()
            due = await self._core.store.next_due(self._core.clock.now()) if left else None
        except OwnerError:
            return None
        except StoreError as exc:
            self._trouble.meet(f"nothing can be started now: {exc}")
            self._tell(exc.message)
            return AFTER_TROUBLE_S
        if self._trouble.pass_by():
            self._tell(None)
        if due is None:
            return None
        return min(LONGEST_SLEEP_S, max(0.0, (due - self._core.clock.now()) / 1000))

    def _tell(self, reason: str | None) -> None:
        """Say aloud what keeps all tasks from starting, unless somebody says more."""
        bus = self._core.bus
        if bus.degraded in {None, self._told}:
            bus.set_degraded(reason)
            self._told = reason

    async def _fill(self) -> bool:
        """Claim what fits; return whether anything is left in the queue."""
        counts = await self._core.store.lane_counts()
        queued = {lane: number for lane, status, number in counts if status is Status.QUEUED}
        running = Counter(run.spec.lane for run in self._core.runs.values() if not run.outside)
        room = self._core.limits.max_running - running.total()
        ready = [await self._ready(lane, min(room, self._room(lane, running[lane]))) for lane in queued]
        chosen = self._turns.choose(ready, room)
        if chosen:
            disk_room.require(self._core.home)
        claimed = sum(await asyncio.gather(*map(self._claim, chosen)))
        self.queued = sum(queued.values()) - claimed
        return self.queued > 0

    async def _ready(self, lane: str, room: int) -> Sequence[TaskRow]:
        if room <= 0 or self._closed:
            return ()
        rows = await self._core.store.claimable(lane, now=self._core.clock.now(), limit=room)
        return [row for row in rows if row.id not in self._core.runs]

    def _room(self, lane: str, running: int) -> int:
        state = self.lanes.of(lane)
        return 0 if state.paused else state.limit - running

    async def _claim(self, row: TaskRow) -> bool:
        """Take a task for a run of its own; whatever dies after the commit, it is never run twice."""
        core = self._core
        spec = await core.spec(row.id)
        if spec is None or self._closed or row.id in core.runs:
            return False
        run = core.runs[row.id] = LocalRun(core, row.id, row.run_no + 1, spec)
        run.recoveries = row.recoveries
        started = core.event(row.id, run.run, TaskStarted(worker="local", attempt=run.run))
        try:
            if row.run_no and (detail := await core.store.detail(row.id)) is not None:
                run.talk.recall(detail.requests)
                await provider_limits.take_up(core, run, row)
            done = await core.writer.commit(
                Change(row.id, (started,), expected_seq=row.last_seq, expected_status=Status.QUEUED)
            )
        except BaseException:
            core.runs.pop(row.id, None)
            raise
        if isinstance(done, Conflict):
            core.runs.pop(row.id, None)
            if done.reason != "key":  # one in line is told by the end of the one before it
                self.wake()
            return False
        crashpoint.reached("claim.committed")
        embedded.launch(core, run)
        return True
