"""The dashboard of a data directory whose owner also runs tasks that report without end.

    python -m bench.flood --home DIR --tasks 100 --rate 10000 [--beat FILE] [--finish N]

The tasks are real ones of a `custom` executor: each event is parsed as bytes from a task would be, and goes
through the run, the writer, the store and the bus into the screen.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final, TypeAlias

from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.bootstrap.first import read_first_page
from tasktui.config import load
from tasktui.ui.settling import hasten

if TYPE_CHECKING:
    from tasktui.bootstrap.house import House
    from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.spec import TaskSpec

STEP_S: Final = 0.01
BEAT_S: Final = 0.002
Fact: TypeAlias = tuple[str, bytes]
"""An event's name, and its JSON with a place for a number."""
MESSAGE: Final = (
    "message.completed",
    b'{"message_id":"m%d","role":"agent","content":"read parser.py and it is well"}',
)
BEGUN: Final = ("tool.started", b'{"call_id":"c%d","name":"read","input":"parser.py"}')
ENDED: Final = (
    "tool.completed",
    b'{"call_id":"c%d","ok":true,"output":"read parser.py ok","duration_ms":12}',
)
STATUS: Final = ("task.status", b'{"message":"step %d of many"}')
FACTS: Final = (*(MESSAGE, BEGUN, ENDED, MESSAGE) * 10, MESSAGE, MESSAGE, MESSAGE, STATUS)
"""What a task says in turn."""


@dataclass
class Flood:
    """An executor whose tasks share one rate of events a second; 0: they are silent."""

    rate: int
    contexts: list[RunContext] = field(default_factory=list)
    emitted: int = 0

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Say that nothing outlives the owner."""
        from tasktui.domain.ports.executor import Capabilities

        return Capabilities()

    async def check(self, spec: TaskSpec) -> None:
        """Refuse nothing."""

    async def run(self, ctx: RunContext) -> Outcome:
        """Take part until a stop."""
        from tasktui.domain.ports.executor import Outcome
        from tasktui.domain.status import Reason, Status

        self.contexts.append(ctx)
        await ctx.cancel.wait()
        self.contexts.remove(ctx)
        return Outcome(Status.CANCELED, Reason.CANCELED, "asked")

    async def pour(self) -> None:
        """Emit at the rate, whatever the loop had to do meanwhile."""
        began = time.monotonic()
        while self.rate:
            await asyncio.sleep(STEP_S)
            if not self.contexts:
                began = time.monotonic()
                continue
            due = min(int((time.monotonic() - began) * self.rate) - self.emitted, self.rate // 4)
            for number in range(self.emitted, self.emitted + due):
                # four facts of one task, then the next one's
                context = self.contexts[number // 4 % len(self.contexts)]
                emit(context, *FACTS[number % len(FACTS)], number // 4)
            self.emitted += due
            await self.contexts[0].room()


def emit(context: RunContext, name: str, form: bytes, number: int) -> None:
    """Report one fact as it would come out of a task's file."""
    from tasktui.domain.events.registry import parse

    raw = form % number
    context.emit(parse(name, raw), raw=raw)


async def beat(path: Path) -> None:
    """Keep the longest and the newest lateness of this loop in a file, in milliseconds."""
    longest, begun = 0.0, time.monotonic()
    while True:
        before = time.monotonic()
        await asyncio.sleep(BEAT_S)
        late = (time.monotonic() - before - BEAT_S) * 1000
        if path.with_suffix(".reset").exists():
            path.with_suffix(".reset").unlink()
            longest, begun = 0.0, time.monotonic()
        longest = max(longest, late)
        if time.monotonic() - begun > 0.25:
            begun = time.monotonic()
            path.write_text(json.dumps({"longest_ms": longest}))


class Loaded:
    """The house with the flood in it, behind the real screen."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._house: House | None = None
        self._thread: LoopThread | None = None

    async def connect(self) -> Manager:
        """Open the house on a thread of its own and begin."""
        from tasktui.bootstrap.house import House, acquire

        config = load({"home": self._options.home}).config
        lock = acquire(config.home)
        if lock is None:
            raise SystemExit("somebody owns the bench's directory")
        flood = Flood(self._options.rate)
        self._thread = LoopThread("manager")
        self._house = await self._thread.call(House.open(config, lock, executors={"flood": flood}))
        self._thread.post(self._house.listen())
        self._thread.post(self._begin(flood, self._house.manager))
        return bridged(self._house.manager, self._thread)

    async def _begin(self, flood: Flood, manager: Manager) -> None:
        from tasktui.domain.spec import CustomWork, TaskSpec

        for number in range(self._options.tasks):
            work = CustomWork(executor="flood")
            await manager.submit(TaskSpec(work=work, name=f"flood number {number:03d}"))
        pouring = asyncio.create_task(flood.pour())
        if self._options.beat:
            await beat(self._options.beat)
        await pouring


def main() -> None:
    """Show the dashboard."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--beat", type=Path)
    options = parser.parse_args()
    hasten()
    from tasktui.ui.app import TasktuiApp
    from tasktui.ui.driver.choose import driver_class

    config = load({"home": options.home}).config
    loaded = Loaded(options)
    app = TasktuiApp(
        loaded.connect, first=lambda: read_first_page(config.home, lines=get_terminal_size().lines),
        theme=config.theme,
        driver_class=driver_class(config.driver),
    )  # fmt: skip
    app.run(mouse=config.mouse)


if __name__ == "__main__":
    main()
