"""Changing a queued task: hold, release, priority."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.lifecycle import TaskEdited, TaskHeld, TaskReleased
from tasktui.domain.status import Status
from tasktui.manager import dependents

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow, UnixMs
    from tasktui.manager.core import Core

USER = "user:you"
HIGHEST = 1_000
"""Priorities go from minus this to this."""


async def hold(core: Core, prefix: str, *, reason: str | None = None, until: UnixMs | None = None) -> TaskRow:
    """Keep a queued task from starting."""
    row = await core.row(prefix)
    held = await core.require(row, TaskHeld(reason=reason, until=until), actor=USER, status=Status.QUEUED)
    core.scheduler.wake()
    return held


async def release(core: Core, prefix: str) -> TaskRow:
    """Let a held task start, also without parents that did not complete; one not held stays as it is."""
    row = await core.row(prefix)
    if row.status is Status.QUEUED and not row.held:
        return row
    facts = (*await dependents.waived(core, row), TaskReleased())
    released = await core.require(row, *facts, actor=USER, status=Status.QUEUED)
    core.scheduler.wake()
    return released


async def set_priority(core: Core, prefix: str, priority: int) -> TaskRow:
    """Move a queued task in its lane."""
    if abs(priority) > HIGHEST:
        raise InvalidError(f"A priority goes from -{HIGHEST} to {HIGHEST}: {priority}")
    row = await core.row(prefix)
    return await core.require(row, TaskEdited(priority=priority), actor=USER, status=Status.QUEUED)
