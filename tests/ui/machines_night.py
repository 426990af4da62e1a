"""Three machines in one list at a fixed instant, and a connection that can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from tasktui.bootstrap.fleet.fleet import Fleet
from tasktui.bootstrap.fleet.member import Pace
from tasktui.domain.errors import OwnerError
from tasktui.domain.hosts import THIS, Host
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.status import Status
from tasktui.ui.app import TasktuiApp
from tests.ui.night import Night, night

WHY: Final = "gpu cannot be reached: connect to host gpu port 22: Connection refused."
STILL: Final = Pace(quiet_s=0.1, answer_s=30, first_s=60, longest_s=60)
"""A machine that is away is not tried again while a picture is taken."""


class Line:
    """A connection to a manager of this process; while it is cut, nothing gets through."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._cut = asyncio.Event()

    def cut(self) -> None:
        self._cut.set()

    def mend(self) -> None:
        self._cut.clear()

    async def connect(self) -> Manager:
        if self._cut.is_set():
            raise OwnerError(WHY)
        return cast("Manager", self)

    def __getattr__(self, name: str) -> Any:
        if self._cut.is_set():
            raise OwnerError(WHY)
        return getattr(self._manager, name)

    async def close(self, mode: str = "detach") -> None:
        """Hanging up leaves the manager as it is."""

    async def changes(self, interest: Interest) -> AsyncIterator[ChangeSet]:
        following = self._manager.changes(interest)
        cut = asyncio.ensure_future(self._cut.wait())
        try:
            while True:
                coming = asyncio.ensure_future(anext(following))
                await asyncio.wait({coming, cut}, return_when=asyncio.FIRST_COMPLETED)
                if cut.done():
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
                    raise OwnerError(WHY)
                yield coming.result()
        finally:
            cut.cancel()


@dataclass
class Machines:
    """This machine with a busy night, and two others."""

    fleet: Fleet
    here: Night
    box: Night
    gpu: Night
    line: Line

    async def connect(self) -> Manager:
        return self.fleet

    def app(self, **more: Any) -> TasktuiApp:
        return TasktuiApp(self.connect, now=self.here.clock.now, **more)

    def standing(self, name: str) -> str:
        return next(state.standing for state in self.fleet.hosts() if state.host.name == name)

    def pass_time(self, seconds: float) -> None:
        for one in (self.here, self.box, self.gpu):
            one.clock.at += round(seconds * 1000)


async def _some(made: Night, done: str, running: str) -> None:
    made.clock.before_the_end(200)
    await made.manager.wait(await made.submit(done, "shell"), timeout_s=30)
    made.clock.before_the_end(150)
    task_id = await made.submit(running, "shell", lane="gpu")
    await made.until(task_id, lambda row: row.status is Status.RUNNING)
    made.clock.before_the_end(0)


@asynccontextmanager
async def three_machines(folder: Path) -> AsyncIterator[Machines]:
    """Open them, connected."""
    async with (
        night(folder / "here") as here,
        night(folder / "box", empty=True, ids=5) as box,
        night(folder / "gpu", empty=True, ids=9) as gpu,
    ):
        await _some(box, "bump deps", "run integration suite")
        await _some(gpu, "unit tests", "nightly index rebuild")
        line = Line(gpu.manager)
        connects = {
            THIS: Line(here.manager).connect,
            Host("box", "box"): Line(box.manager).connect,
            Host("gpu", "gpu"): line.connect,
        }
        fleet = Fleet(connects, pace=STILL, now=here.clock.now)
        await fleet.open(within_s=30)
        yield Machines(fleet, here, box, gpu, line)
        await fleet.close()
