"""Tasks of every kind, whatever is done to them in whatever order, with crashes of their owner in between."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from tasktui.domain.errors import InvalidError, NotFoundError, StateError
from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.events.work import MessageCompleted, ToolStarted
from tasktui.domain.ports.executor import Capabilities, Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.ports.store import Store
from tasktui.domain.requests import Answer, Message
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import ACTIVE, Reason, Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Deaf, Gate, Listen, ScriptedExecutor, Step
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.attached import attached
from tests.contract.facts import crash_image
from tests.integration.manager import invariants
from tests.unit.manager.local_manager import Place

T = TypeVar("T")
SCRIPTS: dict[str, list[Step]] = {
    "quick": [TaskStatus(message="hi")],
    "gated": [
        ToolStarted(call_id="t", name="bash"),
        Gate("g"),
        MessageCompleted(message_id="m", content="x"),
    ],
    "fail": [Outcome(Status.FAILED, Reason.EXIT_NONZERO, exit_code=1)],
    "raise": [RuntimeError("boom")],
    "odd": [Outcome(Status.RUNNING, Reason.COMPLETED)],
    "deaf": [Deaf(), Gate("g")],
    "approve": [ApprovalRequested(request_id="a", summary="rm"), Listen()],
    "listen": [Listen()],
}
FAST = Limits(default_lane=2, cancel_grace_s=0.01, abandon_s=0.01, let_go_s=0.01, retry_backoff_s=0.001)
HOUR_MS = 3_600_000
JUMPS_MS = [0, 0, -HOUR_MS, 24 * HOUR_MS]
ONCE = [{"idempotency_key": number} for number in "12"]
RECURRING = [{"every": "1h", "on_missed": policy} for policy in ("skip", "one")]
VERBS = [
    *("hold", "release", "pause", "resume", "ack", "archive"),
    *("sooner", "later", "up", "down", "edit", "talk", "allow", "deny"),
]
NOBODY = "nobody"
"""What a refused request gives instead of a task: how many there are depends on nothing but the rules."""
OUTLIVES = Capabilities(intervene="steer", approvals=True, pause=True, reattach=True)


@dataclass
class Known:
    """What the answers promised, to be compared with what was written."""

    canceled_in_queue: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    refused: int = 0


class Lives(RuleBasedStateMachine):
    """Over a store in memory; what is stored outlives the manager."""

    tasks: Bundle[str] = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="tasktui-lives-")
        self.home = Path(self.folder.name)
        self.known = Known()
        self.streams: list[invariants.Heard] = []
        self.serving = AsyncExitStack()
        self.crashes = 0
        self.paused = False

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        async def soon() -> T:
            async with asyncio.timeout(20):
                return await work

        return self.runner.run(soon())

    def try_to(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Ask for something that the task's state may not allow."""
        try:
            return self.do(work)
        except (StateError, NotFoundError, InvalidError):
            self.known.refused += 1
            return None

    # --- what differs from machine to machine

    def make(self) -> Store:
        return MemoryStore()

    async def store_after_crash(self) -> Store:
        return self.place.store

    async def reach(self) -> Manager:
        """Return the manager as its users have it."""
        return self.place.manager

    # --- beginning, crashing

    @initialize(durable=st.booleans())
    def begin(self, durable: bool) -> None:
        executor = ScriptedExecutor(SCRIPTS, capabilities=OUTLIVES if durable else None)
        self.place = Place(self.home, self.make(), executor, limits=FAST)
        self.do(self.open())

    async def open(self) -> None:
        await self.place.open()
        self.manager = await self.reach()

    @rule()
    def crash(self) -> None:
        self.crashes += 1
        self.do(self.die_and_come_back())

    async def die_and_come_back(self) -> None:
        await self.place.crash()
        await self.serving.aclose()
        for heard in self.streams:
            await heard.cut()
        self.place.store = await self.store_after_crash()
        await self.open()
        # what was read as running may have ended by the time we look here
        looks = [await self._lost() for _ in range(3)]
        assert not set.intersection(*looks), "7: whatever is not over has an owner that works on it"
        await invariants.rows_agree_with_the_log(self.place.store)

    async def _lost(self) -> set[str]:
        live = {row.id for row in await self.place.store.live_tasks()}
        return live - self.place.manager._core.runs.keys()

    # --- what people do

    @rule(
        target=tasks,
        script=st.sampled_from(sorted(SCRIPTS)),
        on_restart=st.sampled_from(["reattach", "interrupt", "requeue"]),
        held=st.sampled_from([False, False, True]),
        retries=st.sampled_from([0, 0, 1]),
        key=st.sampled_from([None, None, "k1", "k2"]),
        on_conflict=st.sampled_from(["raise", "queue", "return", "cancel"]),
    )
    def submit(self, script: str, key: str | None, **options: Any) -> str:
        return self._submitted(ShellWork(command=script), exclusive_key=key, **options)

    @rule(target=tasks, parent=tasks, other=tasks, script=st.sampled_from(["quick", "gated", "fail"]))
    def submit_after(self, parent: str, other: str, script: str) -> str:
        return self._submitted(ShellWork(command=script), depends_on=tuple({parent, other}))

    @rule(target=tasks, option=st.sampled_from([*ONCE, *RECURRING]))
    def submit_named(self, option: Mapping[str, str]) -> str:
        return self._submitted(ShellWork(command="quick"), **option)

    def _submitted(self, work: ShellWork, **options: Any) -> str:
        task = self.try_to(self.manager.submit(TaskSpec.model_validate({"work": work, **options})))
        return NOBODY if task is None else task.id

    async def _stop_schedules(self) -> None:
        for schedule in await self.manager.schedules():
            await self.manager.stop_schedule(schedule.schedule_id)

    @rule(task_id=tasks, force=st.booleans())
    def cancel(self, task_id: str, force: bool) -> None:
        result = self.try_to(self.manager.cancel(task_id, force=force))
        if result is not None and result.disposition == "canceled" and result.row.run_no == 0:
            self.known.canceled_in_queue.add(task_id)

    @rule(task_id=tasks, verb=st.sampled_from(VERBS))
    def act(self, task_id: str, verb: str) -> None:
        manager = self.manager
        others: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "sooner": lambda: manager.set_priority(task_id, 5),
            "later": lambda: manager.set_priority(task_id, -5),
            "up": lambda: manager.reorder(task_id, "earlier"),
            "down": lambda: manager.reorder(task_id, "later"),
            "edit": lambda: self._edit(task_id),
            "talk": lambda: manager.intervene(task_id, Message("hi")),
            "allow": lambda: manager.answer(task_id, Answer(decision="allow")),
            "deny": lambda: manager.answer(task_id, Answer(decision="deny")),
        }
        self.try_to(others[verb]() if verb in others else getattr(manager, verb)(task_id))

    async def _edit(self, task_id: str) -> None:
        spec = (await self.manager.get(task_id)).spec
        await self.manager.edit(task_id, spec.model_copy(update={"lane": "other", "tags": ("edited",)}))

    @rule(target=tasks, task_id=tasks)
    def retry(self, task_id: str) -> str:
        task = self.try_to(self.manager.retry(task_id))
        return NOBODY if task is None else task.id

    @rule(task_id=tasks, after=st.sampled_from([0, 1, 3]))
    def listen(self, task_id: str, after: int) -> None:
        if len(self.streams) < 6 and task_id != NOBODY:
            self.streams.append(invariants.Heard(task_id, after))
            self.do(self.streams[-1].begin(self.manager))

    # --- what else happens

    @rule(task_id=tasks, what=st.sampled_from(["late", "gate", "gate", "lane", "schedules", "purge"]))
    def happen(self, task_id: str, what: str) -> None:
        context = self.place.executor.contexts.get(task_id)
        if what == "late" and context is not None:
            self.do(_emit(context, TaskStatus(message="late")))
        elif what == "gate":
            self.place.executor.open_gate("g")
        elif what == "lane":
            self.paused = not self.paused
            self.do(self.manager.set_lane("other", paused=self.paused))
        elif what == "schedules":
            self.do(self._stop_schedules())
        elif what == "purge":
            deleted = self.try_to(self.manager.purge([task_id]))
            self.known.removed |= {task_id} if deleted else set()

    @rule(
        seconds=st.sampled_from([0.0, 0.005, 0.03]), jump_ms=st.sampled_from([0, 0, -HOUR_MS, 24 * HOUR_MS])
    )
    def pass_time(self, seconds: float, jump_ms: int) -> None:
        self.place.clock.jump_ms += jump_ms
        self.do(asyncio.sleep(seconds))

    # --- the end

    def teardown(self) -> None:
        try:
            if hasattr(self, "manager"):
                self.do(self.check_all())
        finally:
            self.runner.close()
            self.folder.cleanup()

    async def check_all(self) -> None:
        """End everything, then look at what was written."""
        self.place.executor.open_gate("g")
        await self._stop_schedules()
        await self.place.manager.close("cancel")
        await self.serving.aclose()
        for heard in self.streams:
            await heard.cut()
        if isinstance(self.place.store, SQLiteStore):
            self.place.store = SQLiteStore(self.place.store.path)
        await self.place.store.open()
        rows = await invariants.check(self.place.store, self.known)
        invariants.check_runs(self.place.executor.started, rows)
        await self.place.store.close()
        await self.open()
        for heard in self.streams:
            await heard.check(self.manager, gone=heard.task_id in self.known.removed)
        await self.check_rows(rows)
        await self.place.manager.close()
        await self.serving.aclose()

    async def check_rows(self, rows: dict[str, TaskRow]) -> None:
        for task_id, row in rows.items():
            assert row.status not in ACTIVE
            assert (await self.manager.get(task_id)).row.status is row.status, "a new owner changes no end"


class SQLiteLives(Lives):
    """In a file: a crash leaves the files as they are at that moment."""

    def make(self) -> Store:
        return SQLiteStore(self.home / "0.db")

    async def store_after_crash(self) -> Store:
        assert isinstance(self.place.store, SQLiteStore)
        after = self.home / f"{self.crashes}.db"
        crash_image(self.place.store.path, after)
        await self.place.store.close()
        return SQLiteStore(after)


class AttachedLives(Lives):
    """Seen over the socket, by a client that stays while owners come and go."""

    async def reach(self) -> Manager:
        return await self.serving.enter_async_context(attached(self.home, self.place.manager))


async def _emit(context: Any, data: TaskStatus) -> None:
    context.emit(data)
