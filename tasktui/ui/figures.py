"""What the ended tasks of the last day add up to: how many an hour, how they ended, how long they took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Final

from tasktui.domain.query import EVERYTHING
from tasktui.domain.selection import cursor_of
from tasktui.domain.status import Group, Kind, Status

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.rows import TaskRow, UnixMs

HOURS: Final = 24
HOUR_MS: Final = 3_600_000
MOST: Final = 2_000
"""Ended tasks that are read."""
_PAGE: Final = 200
_ENDED: Final = replace(EVERYTHING, group=Group.FINISHED, sort="finished")
_BARS: Final = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Took:
    """How long the tasks of a kind took."""

    kind: Kind
    number: int
    p50_ms: int
    p95_ms: int


@dataclass(frozen=True, slots=True)
class Day:
    """The ended tasks of the last 24 hours."""

    per_hour: tuple[int, ...]
    """The oldest hour first."""
    completed: int
    failed: int
    canceled: int
    took: tuple[Took, ...]
    tokens_in: int
    tokens_out: int
    cost_usd: float
    whole: bool
    """Whether all of them were read."""

    @property
    def ended(self) -> int:
        """How many ended."""
        return self.completed + self.failed + self.canceled


async def last_day(manager: Manager, now: UnixMs) -> Day:
    """Read the tasks that ended in the last 24 hours, the newest first, up to a bound.

    Raises:
        TasktuiError: they cannot be read.
    """
    since, rows, after = now - HOURS * HOUR_MS, list["TaskRow"](), None
    while True:
        page = await manager.page(_ENDED, after=after, limit=_PAGE)
        fresh = [row for row in page.items if (row.finished_at or 0) >= since]
        rows += fresh
        if not page.more or len(fresh) < len(page.items) or len(rows) >= MOST:
            return summed(rows, now, whole=not page.more or len(fresh) < len(page.items))
        after = cursor_of(page.items[-1], _ENDED)


def summed(rows: Sequence[TaskRow], now: UnixMs, *, whole: bool = True) -> Day:
    """Return what these ended tasks add up to."""
    per_hour = [0] * HOURS
    for row in rows:
        per_hour[HOURS - 1 - min(HOURS - 1, max(0, now - (row.finished_at or now)) // HOUR_MS)] += 1
    ends = [row.status for row in rows]
    completed = ends.count(Status.COMPLETED)
    canceled = ends.count(Status.CANCELED) + ends.count(Status.INTERRUPTED)
    return Day(
        per_hour=tuple(per_hour),
        completed=completed,
        failed=len(ends) - completed - canceled,
        canceled=canceled,
        took=tuple(_took(rows)),
        tokens_in=sum(row.tokens_in for row in rows),
        tokens_out=sum(row.tokens_out for row in rows),
        cost_usd=sum(row.cost_usd for row in rows),
        whole=whole,
    )


def bars(numbers: Sequence[int]) -> str:
    """Return one bar for each number, the largest as high as a line."""
    most = max(numbers, default=0)
    return "".join(_BARS[ceil(number * (len(_BARS) - 1) / most)] if most else " " for number in numbers)


def gauge(part: int, whole: int, width: int) -> str:
    """Return how full something is, `width` cells wide."""
    full = min(width, round(width * part / whole)) if whole else 0
    return "▓" * full + "░" * (width - full)


def _took(rows: Sequence[TaskRow]) -> Iterable[Took]:
    for kind in Kind:
        times = sorted(row.duration_ms for row in rows if row.kind is kind and row.duration_ms is not None)
        if times:
            yield Took(kind, len(times), _rank(times, 50), _rank(times, 95))


def _rank(ordered: Sequence[int], percent: int) -> int:
    """The nearest rank."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
