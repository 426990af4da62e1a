"""The seven invariants of the status machine, under any order of requests, ends and crashes."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from tasktui.domain.errors import NotFoundError, StateError
from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.events.work import MessageCompleted, ToolStarted
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Answer, Message
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import TERMINAL, Reason, Status, ToolStatus
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Deaf, Gate, Listen, ScriptedExecutor
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import DURABLE, Place

T = TypeVar("T")
SCRIPTS = {
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


class Lives(RuleBasedStateMachine):
    """Tasks of every kind, whatever is done to them."""

    tasks = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.refused = 0
        self.canceled_in_queue: set[str] = set()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        async def soon() -> T:
            async with asyncio.timeout(20):
                return await work

        return self.runner.run(soon())

    @initialize(durable=st.booleans())
    def begin(self, durable: bool) -> None:
        executor = ScriptedExecutor(SCRIPTS, capabilities=DURABLE if durable else None)
        self.place = Place(Path(self.folder.name), MemoryStore(), executor, limits=FAST)
        self.do(self.place.open())

    @rule(
        target=tasks,
        script=st.sampled_from(sorted(SCRIPTS)),
        policy=st.sampled_from(["reattach", "interrupt", "requeue"]),
        held=st.sampled_from([False, False, True]),
        retries=st.sampled_from([0, 0, 1]),
    )
    def submit(self, script: str, policy: str, held: bool, retries: int) -> str:
        spec = TaskSpec.model_validate(
            {"work": ShellWork(command=script), "on_restart": policy, "held": held, "retries": retries}
        )
        return self.do(self.place.manager.submit(spec)).id

    @rule(task_id=tasks, force=st.booleans())
    def cancel(self, task_id: str, force: bool) -> None:
        before = self.do(self.place.store.row(task_id))
        result = self.do(self.place.manager.cancel(task_id, force=force))
        if before is not None and before.held and result.disposition == "canceled" and before.run_no == 0:
            self.canceled_in_queue.add(task_id)

    @rule(task_id=tasks)
    def release(self, task_id: str) -> None:
        self.try_to(self.place.manager.release(task_id))

    @rule(task_id=tasks)
    def talk(self, task_id: str) -> None:
        self.try_to(self.place.manager.intervene(task_id, Message("hi")))

    @rule(task_id=tasks)
    def approve(self, task_id: str) -> None:
        self.try_to(self.place.manager.answer(task_id, Answer(decision="allow")))

    @rule(task_id=tasks)
    def late_fact(self, task_id: str) -> None:
        context = self.place.executor.contexts.get(task_id)
        if context is not None:
            self.do(_emit(context, TaskStatus(message="late")))

    @rule()
    def open_gate(self) -> None:
        self.place.executor.open_gate("g")

    @rule(seconds=st.sampled_from([0.0, 0.005, 0.03]))
    def pass_time(self, seconds: float) -> None:
        self.do(asyncio.sleep(seconds))

    @rule(ms=st.sampled_from([-3_600_000, 86_400_000]))
    def jump(self, ms: int) -> None:
        self.place.clock.jump_ms += ms

    @rule()
    def crash(self) -> None:
        self.do(self.place.crash())
        self.do(self.place.open())

    def try_to(self, work: Coroutine[Any, Any, object]) -> None:
        """Ask for something that the task's state may not allow."""

        async def attempt() -> None:
            try:
                await work
            except (StateError, NotFoundError):
                self.refused += 1

        self.do(attempt())

    def teardown(self) -> None:
        try:
            if hasattr(self, "place"):
                self.do(self.check_all())
        finally:
            self.runner.close()
            self.folder.cleanup()

    async def check_all(self) -> None:
        """End everything, then look at what was written."""
        self.place.executor.open_gate("g")
        await self.place.manager.close("cancel")
        store = self.place.store
        events = await store.read(limit=1_000_000)
        for task_id in {event.task_id for event in events} - {"@system"}:
            await self.check(task_id, [event for event in events if event.task_id == task_id])
        runs = Counter(self.place.executor.started)
        assert all(number == 1 for number in runs.values()), "a run was begun twice"
        await self.place.open()
        for task_id in {event.task_id for event in events} - {"@system"}:
            await self.check_stream(task_id)
        await self.place.manager.close()

    async def check(self, task_id: str, events: list[StoredEvent]) -> None:
        types = [event.type for event in events]
        row = await self.place.store.row(task_id)
        assert row is not None
        assert [event.seq for event in events] == list(range(1, len(events) + 1)), "5: gap-free"
        assert row.status in TERMINAL, "7: nothing lives without an owner"
        assert types.count("task.finished") == 1, "1: one terminal event"
        after_end = types[types.index("task.finished") + 1 :]
        assert not [name for name in after_end if name == "task.status"], "late facts change nothing"
        assert types.count("task.started") == row.run_no, "each run began once"
        assert row.last_seq == len(events), "2: status and event together"
        assert row.duration_ms is not None
        assert row.duration_ms >= 0
        if task_id in self.canceled_in_queue:
            assert "task.started" not in types, "3: canceled in the queue, never started"
        calls = (await self.place.store.tools(task_id)).items
        assert all(call.status is not ToolStatus.RUNNING for call in calls), "4: no tool call runs on"

    async def check_stream(self, task_id: str) -> None:
        heard = [event async for event in self.place.manager.subscribe(task_id, after=1)]
        seqs = [event.seq for event in heard if isinstance(event, StoredEvent)]
        assert seqs == list(range(2, len(seqs) + 2)), "6: in order, no duplicates"
        assert heard[-1].type == "stream.end", "6: ends with stream.end"


async def _emit(context: Any, data: TaskStatus) -> None:
    context.emit(data)


Lives.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLives = Lives.TestCase
