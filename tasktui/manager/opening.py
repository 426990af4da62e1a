"""Opening the manager: its store is opened and owned, and what an earlier owner left is taken over."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from tasktui.domain.errors import DiskFullError, StoreError
from tasktui.manager import dependents, lanes, orphans, queue_deadlines, recovery, surroundings
from tasktui.manager.retention import Retention
from tasktui.manager.scheduler import Scheduler
from tasktui.manager.schedules import Schedules

if TYPE_CHECKING:
    from tasktui.manager.core import Core


async def begin(core: Core, version: str) -> None:
    """Fill in the parts that need the running loop, open the store, and become its owner.

    A store that can only be read is read; what would change something is refused with the store's own words.

    Args:
        core: the parts of the manager.
        version: for the owner's fact.

    Raises:
        StoreError: it cannot even be read.
        FencedError: another process became the owner meanwhile.
    """
    surroundings.make_places(core.home)
    core.scheduler = Scheduler(core, lanes.Lanes(core.limits))
    core.retention = Retention(core)
    core.schedules = Schedules(core)
    try:
        await core.store.open()
    except DiskFullError:  # that passes: who cannot begin is started again, who only reads is not
        raise
    except StoreError as exc:
        await _see_that_it_reads(core, exc)
        core.writer.refuse(exc)
        core.bus.set_degraded(exc.message)
        core.scheduler.stop()
        return
    core.bus.on_end = partial(dependents.ended, core)
    core.writer.start(await core.store.take_epoch(os.getpid()))
    await core.scheduler.lanes.load(core.store)
    await recovery.recover(core, version)
    await core.schedules.load()
    core.crew.start(core.schedules.run(), name="schedules")
    core.crew.start(queue_deadlines.arm_all(core), name="queue deadlines")
    core.crew.start(dependents.settle(core), name="children")
    core.crew.start(orphans.sweep_quietly(core), name="orphans")


async def _see_that_it_reads(core: Core, why: StoreError) -> None:
    """Fail with the reason for which the store did not open, where it cannot be read either."""
    try:
        await core.store.head()
    except StoreError:
        raise why from why.__cause__
