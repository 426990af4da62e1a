"""A local manager with parts that tests can see into, and ways to end it badly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tasktui.domain.errors import ManagerClosedError
from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Capabilities
from tasktui.domain.ports.store import Store
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.executors.external import EXTERNAL, ExternalExecutor
from tasktui.manager.clock import RandomIds, SystemClock
from tasktui.manager.closing import CREW_S
from tasktui.manager.limits import Limits
from tasktui.manager.manager import LocalManager
from tasktui.manager.scripted import ScriptedExecutor, Step
from tasktui.manager.scripted_files import MemoryArtifacts
from tasktui.store.memory import MemoryStore

DURABLE = Capabilities(intervene="steer", approvals=True, reattach=True)


class JumpingClock(SystemClock):
    """A clock whose wall time tests set, while the monotonic time goes on."""

    def __init__(self) -> None:
        self.jump_ms = 0

    def now(self) -> UnixMs:
        return super().now() + self.jump_ms


@dataclass
class Place:
    """What outlives a manager: home, store and the work itself; and the manager of the moment."""

    home: Path
    store: Store
    executor: ScriptedExecutor
    artifacts: MemoryArtifacts = field(default_factory=MemoryArtifacts)
    clock: JumpingClock = field(default_factory=JumpingClock)
    limits: Limits = field(default_factory=lambda: Limits(abandon_s=0.1, let_go_s=0.1))
    manager: LocalManager = field(init=False)

    async def open(self) -> LocalManager:
        self.manager = LocalManager(
            home=self.home,
            store=self.store,
            executors={"shell": self.executor, "agent": self.executor, EXTERNAL: ExternalExecutor()},
            artifacts=self.artifacts,
            outputs=self.executor.outputs,
            clock=self.clock,
            ids=RandomIds(),
            limits=self.limits,
        )
        await self.manager.open()
        return self.manager

    async def crash(self) -> None:
        """Drop the manager as a kill would: nothing is written from here on."""
        core = self.manager._core
        core.writer.refuse(ManagerClosedError())
        core.scheduler.stop()
        assert self.manager._scheduling is not None
        await self.manager._scheduling
        await core.crew.close(timeout_s=CREW_S)
        await core.writer.close()
        core.bus.close()

    async def submit(self, name: str, /, **fields: object) -> str:
        spec = TaskSpec.model_validate({"work": ShellWork(command=name), **fields})
        return (await self.manager.submit(spec)).id

    async def reach(self, task_id: str, event_type: str) -> StoredEvent:
        """Return the first event of this type, waiting for it."""
        async for event in self.manager.subscribe(task_id):
            if isinstance(event, StoredEvent) and event.type == event_type:
                return event
        raise AssertionError(f"{task_id} ended without {event_type}")

    async def store_fact(self, task_id: str, data: Data) -> None:
        """Store a fact behind the manager's back: the owner dies before it acts on it."""
        core = self.manager._core
        await core.record(await core.row(task_id), data)

    async def events(self, task_id: str) -> list[StoredEvent]:
        return list((await self.store.timeline(task_id, limit=10_000)).items)

    async def types(self, task_id: str) -> list[str]:
        return [event.type for event in await self.events(task_id)]


async def at_rest(place: Place, *running: str) -> None:
    """Wait until nothing goes on behind but these first runs: others have ended to their last, and sweeps."""
    stay = {"schedules", *(f"{task_id} run 1" for task_id in running)}
    await until(lambda: {member.get_name() for member in place.manager._core.crew._members} <= stay)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; the test's own deadline ends it."""
    while not condition():
        await asyncio.sleep(0.002)


@asynccontextmanager
async def opened(
    home: Path,
    scripts: Mapping[str, Sequence[Step]],
    *,
    store: Store | None = None,
    durable: bool = False,
    limits: Limits | None = None,
) -> AsyncIterator[Place]:
    executor = ScriptedExecutor(scripts, capabilities=DURABLE if durable else None)
    place = Place(home, store or MemoryStore(), executor)
    if limits is not None:
        place.limits = limits
    await place.open()
    try:
        async with asyncio.timeout(60):
            yield place
    finally:
        await place.manager.close("cancel")
