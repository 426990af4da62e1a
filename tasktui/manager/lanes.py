"""Lanes: named limits of how many tasks run at once, changeable while they do."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.registry import parsed
from tasktui.domain.events.system import LaneChanged
from tasktui.domain.ids import SYSTEM
from tasktui.domain.requests import LaneState
from tasktui.domain.status import Status

if TYPE_CHECKING:
    from tasktui.domain.ports.store import Store
    from tasktui.domain.rows import TaskRow
    from tasktui.manager.core import Core
    from tasktui.manager.limits import Limits

DEFAULT = "default"
MOST = 10_000
"""Largest limit of a lane."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What was set for a lane."""

    limit: int
    paused: bool = False


class Lanes:
    """The lanes that have a name or a setting."""

    def __init__(self, limits: Limits) -> None:
        self._default = limits.default_lane
        self._lanes = {DEFAULT: Lane(limits.default_lane)}
        self._lanes |= {name: Lane(limit) for name, limit in limits.lanes.items()}

    def of(self, name: str) -> Lane:
        """Return a lane's settings."""
        return self._lanes.get(name) or Lane(self._default)

    def names(self) -> tuple[str, ...]:
        """Return the lanes that were set."""
        return tuple(self._lanes)

    def apply(self, change: LaneChanged) -> None:
        """Take a change."""
        lane = self.of(change.lane)
        if change.limit is not None:
            lane = replace(lane, limit=change.limit)
        if change.paused is not None:
            lane = replace(lane, paused=change.paused)
        self._lanes[change.lane] = lane

    async def load(self, store: Store) -> None:
        """Take the changes that earlier owners stored."""
        place, more = 0, True
        while more:
            page = await store.timeline(SYSTEM, after_seq=place, types=(LaneChanged.TYPE,))
            for event in page.items:
                place = event.seq
                change = parsed(event)
                if isinstance(change, LaneChanged):
                    self.apply(change)
            more = page.more


class Turns:
    """Whose turn it is when less may start than is ready: the lane that has waited for the most turns."""

    def __init__(self) -> None:
        self._turn = 0
        self._served: dict[str, int] = {}

    def choose(self, ready: Iterable[Sequence[TaskRow]], room: int) -> list[TaskRow]:
        """Return at most `room` tasks, one from each lane in turn, each lane's in its own order.

        Args:
            ready: of each lane, what may start, best first; as many as the lane itself has room for.
            room: how many may start over all lanes.
        """
        waiting = {rows[0].lane: deque(rows) for rows in ready if rows}
        chosen: list[TaskRow] = []
        while waiting and len(chosen) < room:
            lane = min(waiting, key=lambda name: (self._served.get(name, 0), waiting[name][0].created_seq))
            chosen.append(waiting[lane].popleft())
            self._turn += 1
            self._served[lane] = self._turn
            if not waiting[lane]:
                del waiting[lane]
        return chosen


async def states(core: Core) -> Sequence[LaneState]:
    """Return every lane that was set or holds tasks."""
    found: Counter[tuple[str, Status]] = Counter()
    for lane, status, number in await core.store.lane_counts():
        found[lane, status] += number
    lanes = core.scheduler.lanes
    names = dict.fromkeys((*lanes.names(), *(lane for lane, _ in found)))
    return tuple(
        LaneState(
            name,
            lanes.of(name).limit,
            found[name, Status.RUNNING] + found[name, Status.DISPATCHED],
            found[name, Status.QUEUED],
            lanes.of(name).paused,
        )
        for name in names
    )


async def set_lane(core: Core, name: str, limit: int | None, *, paused: bool | None) -> LaneState:
    """Store a change of a lane and let it take effect.

    Raises:
        InvalidError: the limit is out of range, or the name is empty.
    """
    if not name.strip() or (limit is not None and not 0 < limit <= MOST):
        raise InvalidError(f"A lane needs a name and a limit from 1 to {MOST:,}: {name} {limit}")
    change = LaneChanged(lane=name, limit=limit, paused=paused)
    await core.record_system(change)
    core.scheduler.lanes.apply(change)
    core.scheduler.wake()
    return next(state for state in await states(core) if state.lane == name)
