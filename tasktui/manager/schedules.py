"""Recurring tasks: the next firing of each stands in the queue with its time, then the one after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import NotFoundError, OwnerError, StoreError, TaskConflictError, TasktuiError
from tasktui.domain.events.registry import parsed
from tasktui.domain.events.system import ScheduleSet, ScheduleStopped
from tasktui.domain.ids import SYSTEM
from tasktui.domain.recurrence import Interval, parse_every
from tasktui.domain.requests import Schedule, Task
from tasktui.domain.status import Status
from tasktui.manager import cancel, submit, surroundings
from tasktui.manager.trouble import Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from tasktui.domain.rows import TaskRow, UnixMs
    from tasktui.domain.spec import TaskSpec
    from tasktui.manager.core import Core

LONGEST_SLEEP_S: Final = 60.0
"""The wall clock may jump under the timer."""
AFTER_TROUBLE_S: Final = 5.0
STOPPED: Final = "its schedule was stopped"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Active:
    """A schedule that goes on."""

    schedule_id: str
    spec: TaskSpec
    """With `every`."""
    created_at: UnixMs
    due: UnixMs
    """Of the newest firing."""
    task_id: str | None = None
    """The newest firing; None when it could not be queued."""

    def after(self, now: UnixMs) -> UnixMs:
        """Return when it is due next; times that have passed are left out."""
        every = parse_every(self.spec.every or "")
        if isinstance(every, Interval):
            return self.due + every.ms * max(1, (now - self.due) // every.ms + 1)
        latest = max(now, self.due)
        wall = _wall(latest)
        while (following := every.after(wall)) is not None:
            wall = following
            if _instant(wall) > latest:  # else an hour that the end of summer time repeats
                return _instant(wall)
        raise ValueError(f"it never comes true: {self.spec.every!r}")


class Schedules:
    """The schedules of a manager, and the timer that fires them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._active: dict[str, Active] = {}
        self._wake = asyncio.Event()
        self._firing = asyncio.Lock()
        """Held while a firing is queued, so that who ends a schedule knows its newest one."""
        self._beginning = asyncio.Lock()
        """Held while a schedule is made, so that one key never has two."""
        self._halted = False
        self._trouble = Trouble(log, "schedules fire again")

    async def load(self) -> None:
        """Take over the schedules of earlier owners; a firing that nobody was there for is dealt with."""
        for active in await _stored(self._core):
            newest = await self._core.store.newest_firing(active.schedule_id)
            if newest is not None:
                active.task_id, active.due = newest.id, _due_of(newest)
                await self._missed(active, newest)
            self._active[active.schedule_id] = active

    async def _missed(self, active: Active, newest: TaskRow) -> None:
        """Leave out a firing whose time has passed while nobody was there, if that is wanted."""
        overdue = active.due < self._core.clock.now() and newest.not_before is not None
        waits = newest.status is Status.QUEUED and newest.run_no == 0 and not newest.held
        if overdue and waits and active.spec.on_missed == "skip":
            reason = "its time passed while no owner was there"
            await cancel.cancel(self._core, newest.id, by="schedule", reason=reason)

    async def run(self) -> None:
        """Fire what is due, for ever."""
        while True:
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(await self._fire_due()):
                    await self._wake.wait()

    def wake(self) -> None:
        """Look again."""
        self._wake.set()

    async def _fire_due(self) -> float | None:
        """Queue the next firings; return after how long to look again, None: when something changes."""
        if self._halted:
            return None
        now = self._core.clock.now()
        for active in [active for active in self._active.values() if active.due <= now]:
            try:
                async with self._firing:
                    if active.schedule_id in self._active and not self._halted:
                        await self._fire(active, active.after(now))
            except OwnerError:
                return None
            except StoreError as exc:
                self._trouble.meet(f"{active.schedule_id} fires later: {exc}")
                return AFTER_TROUBLE_S
        self._trouble.pass_by()
        due = min((active.due for active in self._active.values()), default=None)
        return None if due is None else min(LONGEST_SLEEP_S, max(0.0, (due - self._core.clock.now()) / 1000))

    async def _fire(self, active: Active, due: UnixMs, *, task_id: str | None = None) -> Task | None:
        """Queue a firing, exactly once for its time; what cannot be queued is left out and logged."""
        task = None
        try:
            task = await _queue(self._core, active, due, task_id)
        except (OwnerError, StoreError):
            raise
        except TasktuiError as exc:
            log.warning("%s could not fire: %s", active.schedule_id, exc)
            if task_id is not None or active.task_id is None:
                raise
        active.due, active.task_id = due, task.id if task is not None else active.task_id
        return task

    async def begin(self, spec: TaskSpec, env: Mapping[str, str] | None, task_id: str | None) -> Task:
        """Make a schedule of a spec with `every`, and its first firing: now, or when the crontab says."""
        if (known := self._known(spec)) is not None:
            return Task(await self._core.row(known.task_id or ""), spec)
        await submit.checked(self._core, spec.model_copy(update={"every": None}))
        async with self._beginning:
            if (known := self._known(spec)) is not None:  # who asked at the same time was first
                return Task(await self._core.row(known.task_id or ""), spec)
            return await self._begin(spec, env, task_id)

    def _known(self, spec: TaskSpec) -> Active | None:
        """Return the schedule that goes on with the key of this one."""
        key = spec.idempotency_key
        same = (one for one in self._active.values() if one.spec.idempotency_key == key)
        return next(same, None) if key is not None else None

    async def _begin(self, spec: TaskSpec, env: Mapping[str, str] | None, task_id: str | None) -> Task:
        core = self._core
        if task_id is not None and await core.store.row(task_id) is not None:
            raise TaskConflictError(f"There is a task with this id: {task_id}", holder=task_id)
        now = core.clock.now()
        active = Active(core.ids.other("sched_"), spec, now, now)
        first = now if isinstance(parse_every(spec.every or ""), Interval) else active.after(now)
        if env is not None:
            with _translated():
                await asyncio.to_thread(surroundings.keep_env, _env_file(core, active.schedule_id), env)
        await core.record_system(ScheduleSet(schedule_id=active.schedule_id, spec=spec, at=now))
        try:
            task = await self._fire(active, first, task_id=task_id)
        except TasktuiError:
            await self._end(active, "manager")
            raise
        self._active[active.schedule_id] = active
        self._wake.set()
        return Task(await core.row(active.task_id or ""), spec) if task is None else task

    async def stop(self, schedule_id: str, by: str) -> Schedule:
        """End a schedule; its next firing is canceled, one that runs goes on."""
        active = self._active.pop(schedule_id, None)
        if active is None:
            raise NotFoundError(f"No such schedule goes on: {schedule_id}", id=schedule_id)
        try:
            return await self._stopped(active, by)
        except TasktuiError:
            self._active[schedule_id] = active  # it goes on, and can be ended again
            self._wake.set()
            raise

    async def _stopped(self, active: Active, by: str) -> Schedule:
        async with self._firing:
            shown = _shown(active)
        newest = await self._core.store.row(active.task_id) if active.task_id is not None else None
        if newest is not None and newest.status is Status.QUEUED:
            await cancel.cancel(self._core, newest.id, by=by, reason=STOPPED)
        # last, so that an owner that dies before it leaves a schedule, not a firing without one
        await self._end(active, by)
        return shown

    async def halt(self) -> None:
        """Queue no firing any more."""
        self._halted = True
        async with self._firing:
            pass

    async def _end(self, active: Active, by: str) -> None:
        await self._core.record_system(ScheduleStopped(schedule_id=active.schedule_id, by=by))
        _env_file(self._core, active.schedule_id).unlink(missing_ok=True)

    def states(self) -> Sequence[Schedule]:
        """Return the schedules that go on, the oldest first."""
        return tuple(_shown(active) for active in self._active.values())


async def _queue(core: Core, active: Active, due: UnixMs, task_id: str | None) -> Task:
    spec = active.spec
    changes: dict[str, object] = {"every": None, "idempotency_key": f"{active.schedule_id}:{due}"}
    if due > core.clock.now():
        changes["not_before"] = datetime.fromtimestamp(due / 1000, UTC)
    if spec.exclusive_key is not None and spec.on_conflict == "raise":
        changes["on_conflict"] = "queue"  # the one before it may run yet
    with _translated():
        env = await asyncio.to_thread(surroundings.kept_env, _env_file(core, active.schedule_id))
    return await submit.submit(
        core, spec.model_copy(update=changes), env=env, task_id=task_id, schedule_id=active.schedule_id
    )


async def _stored(core: Core) -> list[Active]:
    """Read which schedules were set and not stopped."""
    found: dict[str, Active] = {}
    place, more = 0, True
    while more:
        page = await core.store.timeline(
            SYSTEM, after_seq=place, types=(ScheduleSet.TYPE, ScheduleStopped.TYPE)
        )
        for event in page.items:
            place = event.seq
            fact = parsed(event)
            if isinstance(fact, ScheduleSet):
                found[fact.schedule_id] = Active(fact.schedule_id, fact.spec, fact.at, fact.at)
            elif isinstance(fact, ScheduleStopped):
                found.pop(fact.schedule_id, None)
        more = page.more
    return list(found.values())


def _shown(active: Active) -> Schedule:
    spec = active.spec
    return Schedule(
        active.schedule_id,
        spec.every or "",
        spec.title,
        spec.lane,
        active.created_at,
        active.due,
        active.task_id,
    )


def _due_of(row: TaskRow) -> UnixMs:
    return int((row.idempotency_key or "").rpartition(":")[2] or row.created_at)


def _env_file(core: Core, schedule_id: str) -> Path:
    return core.home / "schedules" / schedule_id


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreError(f"The environment of a schedule: {exc.filename}: {exc.strerror}") from exc


def _wall(instant: UnixMs) -> datetime:
    return datetime.fromtimestamp(instant // 1000)  # noqa: DTZ006  # crontabs mean the time on this machine's wall


def _instant(wall: datetime) -> UnixMs:
    return int(wall.timestamp() * 1000)
