"""A night of work with fixed times and names, run by the real manager over scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tasktui.domain.events.evidence import ChecklistItem, ChecklistUpdated
from tasktui.domain.events.lifecycle import TaskProgress, TaskStatus
from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.events.work import MessageCompleted, ToolCompleted, ToolStarted
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Attention, Kind, Reason, Status
from tasktui.manager.limits import Limits
from tasktui.manager.manager import LocalManager
from tasktui.manager.scripted import Gate, Output, ScriptedExecutor, Step
from tasktui.manager.scripted_files import MemoryArtifacts
from tasktui.store.memory import MemoryStore

END_OF_DAY: Final = 1_795_210_000_000
"""2026-11-20 22:46:40 UTC, the instant of every picture."""
DIFF: Final = """--- a/tests/login/test_flow.py
+++ b/tests/login/test_flow.py
@@ -12,3 +12,3 @@ def test_expiry():
-    now = datetime.now()
+    now = clock.now()
     session = login(now)
"""
_STAY: Final = Gate("morning")


class NightClock:
    """Stands still until it is moved."""

    def __init__(self, now: int) -> None:
        self.at = now

    def now(self) -> int:
        """Return where it stands."""
        return self.at

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return self.at / 1000

    def before_the_end(self, seconds: float) -> None:
        """Move to this long before the pictures are taken."""
        self.at = END_OF_DAY - round(seconds * 1000)


class CountedIds:
    """Names in the order of asking."""

    def __init__(self, given: int = 0) -> None:
        self._given = given

    def _next(self) -> int:
        self._given += 0x1F3A5
        return self._given

    def task(self) -> str:
        return f"task_{self._next() * 0x9E3779B1 % 2**64:016x}"

    def other(self, prefix: str) -> str:
        return f"{prefix}{self._next():08x}"

    def mark(self) -> str:
        return f"{self._next():032x}"


def checklist(done: int) -> ChecklistUpdated:
    words = (
        "reproduce",
        "find the cause",
        "write a test",
        "fix the fixture",
        "lint",
        "suite green ×10",
        "push",
        "open PR",
    )
    states = ["completed"] * done + ["in_progress"] + ["pending"] * len(words)
    return ChecklistUpdated(
        items=tuple(
            ChecklistItem.model_validate({"id": number, "content": word, "status": states[number]})
            for number, word in enumerate(words)
        )
    )


SCRIPTS: Final[Mapping[str, Sequence[Step]]] = {
    "try other cache": [_STAY],
    "release 0.4 dry run": [Outcome(Status.TIMED_OUT, Reason.WALL_TIMEOUT, "10m passed")],
    "unit tests": [
        Output("tests/test_parser.py ....F\n1 failed, 4 passed\n"),
        Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 1", exit_code=1, error="exit code 1"),
    ],
    "bump deps": [Output("Resolved 41 packages\n")],
    "fix flaky login test": [
        TaskStatus(message="reading the tests"),
        checklist(4),
        MessageCompleted(message_id="m1", content="I'll reproduce the failure first."),
        ToolStarted(call_id="c1", name="bash", input="pytest -q tests/login", kind="execute"),
        ToolCompleted(call_id="c1", ok=False, output="1 failed, 11 passed", duration_ms=3400),
        ToolStarted(call_id="c2", name="edit", input="tests/login/test_flow.py", kind="edit"),
        ToolCompleted(call_id="c2", ok=True, diff=DIFF, duration_ms=40),
        checklist(5),
        MessageCompleted(message_id="m2", content="The fixture leaks the clock; freezing it instead."),
        ApprovalRequested(request_id="r1", summary="git push origin fix/login", tool="bash"),
        _STAY,
    ],
    "refactor settings": [
        TaskProgress(current=2, total=9),
        InputRequested(request_id="r2", question="Keep the old names as aliases?", options=("yes", "no")),
        _STAY,
    ],
    "nightly index rebuild": [TaskProgress(percentage=41, phase="chunk 7 of 17"), _STAY],
    "run integration suite": [*(Output(f"test_{n:03} ok\n") for n in range(40)), _STAY],
}  # fmt: skip


@dataclass
class Night:
    """A manager with tasks in every state."""

    manager: LocalManager
    executor: ScriptedExecutor
    clock: NightClock

    async def connect(self) -> LocalManager:
        return self.manager

    async def submit(self, name: str, kind: str = "agent", **more: object) -> str:
        works: dict[str, dict[str, object]] = {
            "agent": {"kind": "agent", "preset": "demo", "prompt": name},
            "python": {"kind": "python", "function": "jobs.nightly:rebuild"},
            "shell": {"kind": "shell", "command": f"./{name.replace(' ', '-')}.sh"},
        }
        spec = TaskSpec.model_validate({"work": works[kind], "name": name, "cwd": "/srv/shop", **more})
        return (await self.manager.submit(spec)).id

    async def row(self, task_id: str) -> TaskRow:
        return (await self.manager.get(task_id)).row

    async def until(self, task_id: str, holds: Callable[[TaskRow], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds(await self.row(task_id)):
                await asyncio.sleep(0.005)

    async def fill(self) -> None:
        """Let the night happen."""
        clock = self.clock
        clock.before_the_end(3600 + 240)
        cache = await self.submit("try other cache")
        await self.until(cache, lambda row: row.status is Status.RUNNING)
        clock.before_the_end(3600)
        await self.manager.cancel(cache)
        await self.manager.wait(cache, timeout_s=30)
        for seconds, name, kind in (
            (450, "release 0.4 dry run", "agent"),
            (300, "unit tests", "shell"),
            (120, "bump deps", "shell"),
        ):
            clock.before_the_end(seconds)
            await self.manager.wait(await self.submit(name, kind), timeout_s=30)
        await self._running()
        await self._queued()
        clock.before_the_end(0)

    async def _running(self) -> None:
        asks = lambda row: row.attention is not Attention.NONE  # noqa: E731 a condition's name
        self.clock.before_the_end(540)
        await self.until(await self.submit("refactor settings"), asks)
        self.clock.before_the_end(252)
        await self.until(await self.submit("fix flaky login test", tags=["login", "flaky"]), asks)
        self.clock.before_the_end(63)
        await self.until(
            await self.submit("nightly index rebuild", "python"), lambda row: row.progress_percentage == 41
        )
        self.clock.before_the_end(48)
        suite = await self.submit("run integration suite", "shell")
        await self.until(suite, lambda row: row.status is Status.RUNNING)

    async def _queued(self) -> None:
        self.clock.before_the_end(30)
        await self.manager.set_lane("gpu", paused=True)
        await self.submit("port parser to rust", lane="gpu", priority=5)
        await self.submit("update changelog", lane="gpu")
        await self.submit("publish the docs", "shell", held=True)


@asynccontextmanager
async def night(home: Path, *, empty: bool = False, ids: int = 0) -> AsyncIterator[Night]:
    """Open a manager on which the night has happened; `ids` makes its names other ones than another's."""
    executor = ScriptedExecutor(SCRIPTS)
    clock = NightClock(END_OF_DAY)
    executors: dict[Any, Any] = dict.fromkeys((Kind.AGENT, Kind.SHELL, Kind.PYTHON), executor)
    manager = LocalManager(
        home=home,
        store=MemoryStore(),
        executors=executors,
        artifacts=MemoryArtifacts(),
        outputs=executor.outputs,
        clock=clock,
        ids=CountedIds(ids),
        limits=Limits(),
    )
    await manager.open()
    try:
        made = Night(manager, executor, clock)
        if not empty:
            await made.fill()
        yield made
    finally:
        await manager.close("cancel")


async def eventually(condition: Callable[[], bool], what: str = "condition", timeout_s: float = 30.0) -> None:
    """Return once the condition holds."""
    try:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never: {what}") from None
