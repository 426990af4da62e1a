"""What changes on several machines, as one stream for a screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from tasktui.domain.requests import ChangeSet, Interest

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow


class Screens:
    """Those who follow the changes; each gets all, and of the task that it looks at also the events."""

    def __init__(self, host_of: Callable[[str], str | None], first: Callable[[], ChangeSet]) -> None:
        self._host_of = host_of
        self._first = first
        self._screens: list[_Screen] = []

    def aim(self, name: str) -> Interest:
        """Return the interest of one machine: what the newest screen looks at, where that is there."""
        return cast("Interest", _Aim(self, name))

    def looked_at(self, name: str) -> str | None:
        """Return the task of this machine that is looked at."""
        task_id = self._screens[-1].interest.task_id if self._screens else None
        return task_id if task_id is not None and self._host_of(task_id) == name else None

    def interval_s(self) -> float:
        """Return how often change sets come at most."""
        return min((screen.interest.min_interval_s for screen in self._screens), default=0.1)

    def put(self, changes: ChangeSet) -> None:
        """Tell all."""
        for screen in self._screens:
            screen.put(changes)

    def reread(self) -> None:
        """Have all read their lists again; how the machines stand has not changed by that."""
        self.put(self._first())

    def repeat(self, rows: Sequence[TaskRow], removed: Sequence[str]) -> None:
        """Tell all once more what changed: a list may just have got pages from before that."""
        self.put(replace(self._first(), reread=False, rows=tuple(rows), removed=tuple(removed)))

    async def follow(self, interest: Interest) -> AsyncGenerator[ChangeSet, None]:
        """Return what changes, beginning with how all stand."""
        screen = _Screen(interest, asyncio.Event(), self._first())
        self._screens.append(screen)
        try:
            while True:
                yield screen.take()
                await asyncio.sleep(interest.min_interval_s)
                await screen.some.wait()
        finally:
            self._screens.remove(screen)


@dataclass(slots=True, eq=False)
class _Screen:
    interest: Interest
    some: asyncio.Event
    waiting: ChangeSet | None

    def put(self, changes: ChangeSet) -> None:
        self.waiting = changes if self.waiting is None else self.waiting.then(changes)
        self.some.set()

    def take(self) -> ChangeSet:
        self.some.clear()
        changes, self.waiting = self.waiting, None
        return changes or ChangeSet()


class _Aim:
    """An `Interest` that follows what a screen looks at."""

    def __init__(self, screens: Screens, name: str) -> None:
        self._screens = screens
        self._name = name

    @property
    def task_id(self) -> str | None:
        return self._screens.looked_at(self._name)

    @property
    def min_interval_s(self) -> float:
        return self._screens.interval_s()
