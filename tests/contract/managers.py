"""Every manager that ships, opened for the contract, with scripts that the other end plays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tasktui.bootstrap.embedding import TaskManager
from tasktui.bootstrap.fleet.fleet import Fleet
from tasktui.bootstrap.fleet.member import Pace
from tasktui.domain.errors import TasktuiError
from tasktui.domain.events.evidence import ChecklistItem, ChecklistUpdated
from tasktui.domain.events.lifecycle import TaskProgress, TaskStatus
from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.events.work import (
    MessageCompleted,
    MessageDelta,
    SegmentFailed,
    ToolCompleted,
    ToolProgress,
    ToolStarted,
)
from tasktui.domain.hosts import Host
from tasktui.domain.ports.executor import Capabilities, Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.ports.programs import Ran
from tasktui.domain.ports.store import Store
from tasktui.domain.query import EVERYTHING
from tasktui.domain.records import StoredEvent
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import ACTIVE, Reason, Status
from tasktui.executors.external import EXTERNAL, ExternalExecutor
from tasktui.manager.clock import RandomIds, SystemClock
from tasktui.manager.limits import Limits
from tasktui.manager.manager import LocalManager
from tasktui.manager.scripted import Deaf, Gate, Listen, Output, Pause, ScriptedExecutor, Step
from tasktui.manager.scripted_files import MemoryArtifacts
from tasktui.manager.scripted_programs import ScriptedPrograms
from tasktui.service.reach import Reach
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.attached import attached, over_ssh, over_stdio

FAILED = Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 3", error="Exit code 3", exit_code=3)
QUESTION = InputRequested(request_id="q1", question="Which colour?", options=("red", "blue"))
PERMISSION = ApprovalRequested(request_id="a1", summary="rm -rf build", tool="bash")
SCRIPTS: dict[str, list[Step]] = {
    "quick": [],
    "works": [
        ToolStarted(call_id="c", name="make"),
        ToolProgress(call_id="c", text="one "),
        ToolProgress(call_id="c", text="two"),
        Gate("go"),
        ToolCompleted(call_id="c", output="done"),
    ],
    "say": [Output("one\n"), Output("two\n")],
    "fail": [FAILED],
    "flaky": [TaskStatus(message="begun"), Gate("fail"), FAILED],
    "wait": [TaskStatus(message="waiting"), Gate("go")],
    "deaf": [Deaf(), Gate("never")],
    "raise": [RuntimeError("boom")],
    "ask": [QUESTION, Listen()],
    "ask twice": [QUESTION, PERMISSION, Listen(), Listen()],
    "approve": [PERMISSION, Listen()],
    "approve twice": [PERMISSION, Listen(), PERMISSION.model_copy(update={"request_id": "a2"}), Listen()],
    "listen": [Listen()],
    "tools": [
        ToolStarted(call_id="t1", name="read", input="file"),
        ToolStarted(call_id="t1", name="read", input="file"),
        ToolCompleted(call_id="t1", output="x" * 2_000),
        ToolCompleted(call_id="unknown", name="grep", ok=False, output="none"),
        ToolStarted(call_id="open", name="bash"),
    ],
    "talk": [
        *(MessageDelta(message_id="m", delta=piece) for piece in "abcdef"),
        Gate("go"),
        MessageCompleted(message_id="m", content="abcdef"),
    ],
    "work": [
        TaskProgress(current=1, total=4, phase="half"),
        ChecklistUpdated(items=(ChecklistItem(id=1, content="a", status="completed"),)),
        Pause(0.01),
        SegmentFailed(segment_id="s1", error="bad"),
    ],
    "long": [Outcome(Status.COMPLETED, Reason.COMPLETED, result="r" * 5_000)],
}


PROGRAMS = {
    "good": Ran(0, 12, output=b"all well"),
    "bad": Ran(101, 12, output=b"x\n2 failed"),
    "slow": Ran(None, 1_000, timed_out=True),
    "sh": Ran(0),
}


@dataclass
class Room:
    """A manager and the executor at its other end."""

    manager: Manager
    executor: ScriptedExecutor
    lane: str = "one"
    """What the manager calls the lane `one` of that executor."""


@asynccontextmanager
async def local(home: Path, store: Store) -> AsyncIterator[Room]:
    outputs = ScriptedExecutor(SCRIPTS)
    silent = ScriptedExecutor(SCRIPTS, outputs=outputs.outputs, capabilities=Capabilities())
    manager = LocalManager(
        home=home,
        store=store,
        executors={"shell": outputs, "agent": silent, EXTERNAL: ExternalExecutor()},
        artifacts=MemoryArtifacts(),
        outputs=outputs.outputs,
        clock=SystemClock(),
        ids=RandomIds(),
        programs=ScriptedPrograms(PROGRAMS),
        limits=Limits(lanes={"one": 1}, cancel_grace_s=5.0, abandon_s=0.5, let_go_s=0.1, interventions=2),
    )
    await manager.open()
    try:
        yield Room(manager, outputs)
    finally:
        # nobody is left to say how work of others ended: without force each is given its grace
        with suppress(TasktuiError):
            for row in (await manager.page(EVERYTHING, limit=500)).items:
                if row.status in ACTIVE:
                    await manager.cancel(row.id, force=True)
        await manager.close("cancel")


@asynccontextmanager
async def remote(home: Path, store: Store) -> AsyncIterator[Room]:
    async with local(home, store) as room, attached(home, room.manager) as manager:
        yield Room(manager, room.executor)


@asynccontextmanager
async def distant(home: Path, store: Store, reach: Reach) -> AsyncIterator[Room]:
    """As from another machine: over the pipes of a program."""
    async with local(home, store) as room, attached(home, room.manager, reach=reach) as manager:
        yield Room(manager, room.executor)


@asynccontextmanager
async def embedded(home: Path, store: Store) -> AsyncIterator[Room]:
    """As another program has it: every verb by way of `TaskManager`."""
    async with local(home, store) as room:
        yield Room(TaskManager(room.manager, None, on_exit="cancel"), room.executor)


@asynccontextmanager
async def fleet(home: Path, store: Store) -> AsyncIterator[Room]:
    """The first of two machines in one list, every verb by way of both."""
    async with local(home, store) as first, local(home / "other", MemoryStore()) as second:

        async def one(room: Room) -> Manager:
            return room.manager

        hosts = {Host("local", ""): partial(one, first), Host("other", "other"): partial(one, second)}
        # that one is late, and what is known stands in its place, is no matter of the contract
        made = Fleet(hosts, pace=Pace(page_s=20.0, answer_s=20.0, act_s=20.0))
        yield Room(await made.open(within_s=20), first.executor, "local/one")
        await made.close()


MANAGERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Room]]] = {
    "memory": lambda home: local(home, MemoryStore()),
    "sqlite": lambda home: local(home, SQLiteStore(home / "tasktui.db")),
    "remote": lambda home: remote(home, MemoryStore()),
    "stdio": lambda home: distant(home, MemoryStore(), over_stdio(home)),
    "ssh": lambda home: distant(home, MemoryStore(), over_ssh(home)),
    "fleet": lambda home: fleet(home, MemoryStore()),
    "embedded": lambda home: embedded(home, MemoryStore()),
}


def spec(name: str, /, **fields: object) -> TaskSpec:
    return TaskSpec.model_validate({"work": ShellWork(command=name), **fields})


async def run(room: Room, name: str, /, **fields: object) -> str:
    task = await room.manager.submit(spec(name, **fields))
    await room.manager.wait(task.id, timeout_s=20)
    return task.id


async def reach(room: Room, task_id: str, event_type: str) -> StoredEvent:
    """Return the first event of this type, waiting for it."""
    async for event in room.manager.subscribe(task_id):
        if isinstance(event, StoredEvent) and event.type == event_type:
            return event
    raise AssertionError(f"{task_id} ended without {event_type}")


async def mended(room: Room, task_id: str) -> None:
    """Let the first run of a task `flaky` fail, and no other."""
    await reach(room, task_id, "task.status")
    room.executor.scripts["flaky"] = []
    room.executor.open_gate("fail")


async def types(room: Room, task_id: str) -> list[str]:
    return [event.type for event in (await room.manager.timeline(task_id)).items]
