"""Deadlines by the monotonic clock: a jump of the wall clock moves none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from tasktui.domain.ports.clock import Clock
from tasktui.manager.stop import Why

if TYPE_CHECKING:
    from tasktui.manager.runs import LocalRun


class Alarm:
    """Calls back once when the clock has reached a time that may move on."""

    def __init__(self, clock: Clock, due: Callable[[], float], ring: Callable[[], None]) -> None:
        self._clock = clock
        self._due = due
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    def cancel(self) -> None:
        """Never call back."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        left = self._due() - self._clock.monotonic()
        self._timer = asyncio.get_running_loop().call_later(max(0.0, left), self._look)

    def _look(self) -> None:
        if self._clock.monotonic() < self._due():
            self._arm()
        else:
            self._ring()


class Deadlines:
    """The wall and the idle deadline of one run."""

    def __init__(self, clock: Clock, run: LocalRun, *, spare_s: float) -> None:
        """Arm what the run's spec asks for.

        Args:
            clock: whose monotonic time counts.
            run: asked to stop when one passes.
            spare_s: how much later the wall deadline falls where a shim keeps it too.
        """
        spec = run.spec
        self._run = run
        self._alarms: list[Alarm] = []
        if spec.timeout_s is not None:
            wall = run.started_at + spec.timeout_s + spare_s
            self._alarms.append(Alarm(clock, lambda: wall, lambda: self._passed("wall")))
        if spec.idle_timeout_s is not None:
            idle = spec.idle_timeout_s
            self._alarms.append(Alarm(clock, lambda: self._since(clock) + idle, lambda: self._passed("idle")))

    def cancel(self) -> None:
        """Disarm."""
        for alarm in self._alarms:
            alarm.cancel()

    def _since(self, clock: Clock) -> float:
        """Return the last sign of work; who is paused, waits for a person or for room is not idle."""
        if self._run.short_of_room:
            self._run.active_at = clock.monotonic()
        waits = self._run.pause.paused or self._run.talk.requests
        return clock.monotonic() if waits else self._run.active_at

    def _passed(self, why: Why) -> None:
        self._run.stop.ask(why)


async def ladder(run: LocalRun, *, grace_s: float, abandon_s: float) -> None:
    """Return when a run that was asked to stop, then killed, has had all the time it gets."""
    await run.stop.wait()
    with suppress(TimeoutError):
        async with asyncio.timeout(grace_s):
            await run.stop.wait_forced()
    run.stop.force()
    await asyncio.sleep(abandon_s)
