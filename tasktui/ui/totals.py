"""How many tasks each section of the list has, from the maintained counters."""

from __future__ import annotations

from collections.abc import Mapping

from tasktui.domain.rows import Counts
from tasktui.domain.status import ACTIVE, TERMINAL, Group, Status


def totals_of(counts: Counts) -> Mapping[Group | None, int]:
    """Return the sections' sizes and under None that of the list without sections."""
    by_group: dict[Group | None, int] = {
        Group.NEEDS_YOU: counts.needs_you,
        Group.RUNNING: max(0, counts.of(*ACTIVE) - counts.needs_you),
        Group.QUEUED: counts.of(Status.QUEUED),
        Group.FINISHED: counts.of(*TERMINAL),
    }
    return by_group | {None: sum(by_group.values())}
