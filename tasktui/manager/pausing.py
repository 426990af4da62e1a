"""Stopping the work of a running task for a while, and letting it go on; its place in the lane is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tasktui.domain.errors import NotRunningError, UnsupportedError
from tasktui.domain.events.lifecycle import TaskPaused, TaskResumed
from tasktui.domain.status import Status
from tasktui.manager.core import actor_of

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun


class Pause:
    """The `PauseScope` of one run."""

    def __init__(self) -> None:
        self._on, self._off = asyncio.Event(), asyncio.Event()
        self._off.set()

    @property
    def paused(self) -> bool:
        """Whether the work is to stand still."""
        return self._on.is_set()

    def set(self, *, paused: bool) -> None:
        """Let it stand still, or go on."""
        now, before = (self._on, self._off) if paused else (self._off, self._on)
        before.clear()
        now.set()

    async def wait(self, *, paused: bool) -> None:
        """Return when it is to stand still, or to go on."""
        await (self._on if paused else self._off).wait()


async def pause(core: Core, prefix: str, *, by: str = "you") -> TaskRow:
    """Stop the work of a task for a while; see `Manager.pause`."""
    row, run = await _running(core, prefix)
    if run.pause.paused:
        return row
    if not core.executor(run.spec).capabilities(run.spec).pause:
        raise UnsupportedError(f"What runs this task cannot pause it: {row.id}", id=row.id)
    paused = await core.require(row, TaskPaused(by=by), actor=actor_of(by), status=Status.RUNNING)
    run.rest.set(paused=True)
    return paused


async def resume(core: Core, prefix: str, *, by: str = "you") -> TaskRow:
    """Let a paused task go on; one that is not paused stays as it is."""
    row, run = await _running(core, prefix)
    if not run.pause.paused:
        return row
    resumed = await core.require(row, TaskResumed(by=by), actor=actor_of(by), status=Status.RUNNING)
    run.active_at = core.clock.monotonic()
    run.rest.set(paused=False)
    return resumed


async def _running(core: Core, prefix: str) -> tuple[TaskRow, LocalRun]:
    row = await core.row(prefix)
    run = core.runs.get(row.id)
    if run is None or run.closed or row.status is not Status.RUNNING:
        raise NotRunningError(f"The task does not run, it is {row.status}: {row.id}", id=row.id)
    return row, run
