"""FAULTS 19 over the attached manager: whatever is asked from another process, and however often the owner
dies in between, each task has one life and one end. The local manager's part is in `tests/unit/manager`.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tasktui.manager.manager import LocalManager
from tasktui.manager.scripted import ScriptedExecutor
from tasktui.store.memory import MemoryStore
from tests.contract.attached import attached
from tests.unit.manager.local_manager import DURABLE, Place
from tests.unit.manager.test_invariants import FAST, SCRIPTS, Lives


@dataclass
class AttachedPlace(Place):
    """A place whose manager is asked over its socket."""

    local: LocalManager = field(init=False)
    stack: AsyncExitStack = field(init=False)

    async def open(self) -> LocalManager:
        self.local = await super().open()
        self.stack = AsyncExitStack()
        remote: Any = await self.stack.enter_async_context(attached(self.home, self.local))
        self.manager = remote
        return self.local

    async def detach(self) -> None:
        """Close the socket; what is left is the local manager."""
        await self.stack.aclose()
        self.manager = self.local

    async def crash(self) -> None:
        await self.detach()
        await super().crash()


class AttachedLives(Lives):
    """The same lives, lived through a socket."""

    @initialize(durable=st.booleans())
    def begin(self, durable: bool) -> None:
        executor = ScriptedExecutor(SCRIPTS, capabilities=DURABLE if durable else None)
        home = Path(self.folder.name) / "home"
        home.mkdir(mode=0o700)
        self.place: Any = AttachedPlace(home, MemoryStore(), executor, limits=FAST)
        self.do(self.place.open())

    async def check_all(self) -> None:
        await self.place.detach()
        await super().check_all()  # opens it again to hear each task's story over the socket
        await self.place.detach()
        await self.place.local.close()


AttachedLives.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAttachedLives = AttachedLives.TestCase
