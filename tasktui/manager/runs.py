"""One run as its executor sees it: what it may report, and what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.lifecycle import TaskLinked, TaskWarning
from tasktui.domain.events.people import (
    ApprovalExpired,
    ApprovalRequested,
    InputExpired,
    InputRequested,
    InterventionDelivered,
    InterventionFailed,
)
from tasktui.domain.events.work import (
    ArtifactChanged,
    MessageDelta,
    RuntimeEvent,
    SegmentFailed,
    ToolCompleted,
    ToolStarted,
)
from tasktui.domain.ports.executor import CancelScope, Delivery, Outcome, PauseScope
from tasktui.domain.spec import TaskSpec
from tasktui.manager import disk_room, expiry
from tasktui.manager.pausing import Pause
from tasktui.manager.provider_limits import Waits
from tasktui.manager.reportable import ALLOWED, LAST_VALUES, NORMALISED, SIGNS_OF_WORK
from tasktui.manager.spill import Spill
from tasktui.manager.stop import Stop
from tasktui.manager.talk import Talk
from tasktui.manager.tool_book import ToolBook

if TYPE_CHECKING:
    from tasktui.manager.core import Core


class LocalRun:
    """The `RunContext` of one run, from its claim to its end."""

    adopted = False
    position = 0
    unsettled: tuple[Delivery, ...] = ()
    _runtime_events = 0
    _closed = False
    segments_failed = 0
    recoveries = 0
    """How often the task went back to the queue because its owner died."""

    def __init__(self, core: Core, task_id: str, run: int, spec: TaskSpec) -> None:
        self._core = core
        self.task_id, self.run, self.spec = task_id, run, spec
        self.env: Mapping[str, str] = {}
        self.directory: Path = core.directory(task_id)
        self.artifacts: Path = core.home / "artifacts" / task_id
        self.mark = core.ids.mark()
        self.stop = Stop()
        self.cancel: CancelScope = self.stop
        self.rest = Pause()
        self.pause: PauseScope = self.rest
        self.outside = core.external(spec)
        """Whether its caller does the work."""
        self._word: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.started_at = core.clock.monotonic()
        """By the monotonic clock."""
        self.active_at = self.started_at
        """Last sign of work, by the monotonic clock."""
        self.tools, self.talk, self.waits = ToolBook(), Talk(), Waits()
        self.spill = Spill(core.artifacts, core.limits, task_id)
        self.ended = asyncio.Event()
        """Set when everything about the run is done."""
        self._deltas: dict[str, list[MessageDelta]] = {}
        self._last: dict[type[Data], Data] = {}
        self._flushing: asyncio.Handle | None = None
        self._heavy: list[tuple[Data, bytes | None, str]] = []
        self._spilling: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether it takes no facts any more."""
        return self._closed

    @property
    def has_subscribers(self) -> bool:
        """Whether anybody reads what passes by of this task."""
        return self._core.bus.heard(self.task_id)

    @property
    def short_of_room(self) -> bool:
        """Whether the disk may keep it from going on."""
        return self._core.writer.degraded or disk_room.is_short(self._core.home)

    def emit(self, data: Data, *, raw: bytes | None = None, position: int | None = None) -> None:
        """Report a fact: synchronous, ordered, never blocks."""
        if self._closed:
            self._core.late_events += 1
            return
        if data.TYPE not in ALLOWED:
            data, raw = TaskWarning(message=f"a task cannot report {data.TYPE}", code="NOT_REPORTABLE"), None
        if raw is None:
            data, raw = data.storable()
        if type(data) in SIGNS_OF_WORK:
            self.active_at = self._core.clock.monotonic()
        if data.DURABILITY == "transient":
            self._transient(data)
            return
        if self._flushing is not None:
            self._flush()
        self._persist(data, raw, "executor" if position is None else f"task:{position}")

    def watched(self, data: Data) -> None:
        """Take a fact of the watcher."""
        if self._closed:
            self._core.late_events += 1
        elif isinstance(data, ArtifactChanged):
            event = self._event(data, "watcher")
            self._core.bus.transient(event)
            self._core.writer.keep(event, data.artifact_id)
        else:
            self._persist(data, None, "watcher")

    def output_grew(self) -> None:
        """Say that the output file is longer."""
        self.active_at = self._core.clock.monotonic()
        self._core.bus.output(self.task_id)

    async def room(self) -> None:
        """Wait until the writer has taken most of what was reported."""
        await self._core.writer.room()
        if self._spilling is not None:
            await asyncio.wait({self._spilling})

    def inbox(self) -> AsyncIterator[Delivery]:
        """Messages and answers for the work, as they come."""
        return self.talk.inbox()

    def say(self, outcome: Outcome) -> bool:
        """Take how the caller says that its work ended; only the first time counts."""
        first = not self._word.done()
        if first:
            self._word.set_result(outcome)
        return first

    async def told(self) -> Outcome:
        """Return how the caller says that its work ended."""
        return await asyncio.shield(self._word)

    def verdict(self, intervention_id: str, *, delivered: bool | None, detail: str | None = None) -> None:
        """Say what became of a message; only the first verdict counts, and answers have none."""
        if self._closed or intervention_id not in self.talk.messages:
            return
        del self.talk.messages[intervention_id]
        verdict: Data = InterventionDelivered(intervention_id=intervention_id, detail=detail)
        if not delivered:
            unknown = delivered is None
            verdict = InterventionFailed(intervention_id=intervention_id, detail=detail, unknown=unknown)
        self._post(verdict, None, "executor")

    def warn(self, message: str, code: str) -> None:
        """Put a warning of the manager into the timeline."""
        if not self._closed:
            self._post(TaskWarning(message=message, code=code), None, "manager")

    def close(self) -> None:
        """Take no more facts; those that came are stored."""
        self._flush()
        self._closed = True
        self.talk.close()

    async def drain(self) -> None:
        """Return when what became files is on its way to the store."""
        while self._spilling is not None:
            await asyncio.wait({self._spilling})

    def _event(self, data: Data, actor: str, raw: bytes | None = None) -> NewEvent:
        return NewEvent(self.task_id, self.run, self._core.clock.now(), data, actor, raw)

    def _post(self, data: Data, raw: bytes | None, actor: str) -> None:
        core = self._core
        core.writer.post(NewEvent(self.task_id, self.run, core.clock.now(), data, actor, raw))

    # --- persisted facts: in order, tools normalised, large ones by way of a file

    def _persist(self, data: Data, raw: bytes | None, actor: str) -> None:
        if type(data) not in NORMALISED:
            self._enqueue(data, raw, actor)
            return
        *before, last = self._normalised(data) or (None,)
        for fact in before:
            if fact is not None:
                self._enqueue(fact, None, "manager")
        if last is not None:
            self._enqueue(last, raw if last is data else None, actor)
        if isinstance(last, ApprovalRequested) and last.request_id not in self.talk.requests:
            self._decide(last)

    def _asked(self, data: InputRequested | ApprovalRequested) -> tuple[Data, ...]:
        """Note a request that is new; one like those decided for the whole task waits for nobody."""
        if isinstance(data, ApprovalRequested) and self.talk.rule_for(data) is not None:
            return (data,)
        if not self.talk.ask(data):
            return ()
        expiry.arm(self._core, self, data)
        return (data,)

    def _decide(self, request: ApprovalRequested) -> None:
        """Answer a request as those like it were."""
        rule = self.talk.rule_for(request)
        if rule is not None:
            fact = expiry.decided(rule, request)
            self._enqueue(fact, None, "manager")
            answer = Delivery(request.request_id, "", "answer", fact.by, request.request_id, fact.decision)
            self.talk.deliver(answer)

    def _normalised(self, data: Data) -> tuple[Data, ...]:
        now = self._core.clock.monotonic()
        if isinstance(data, ToolStarted):
            return self.tools.started(data, now)
        if isinstance(data, ToolCompleted):
            return self.tools.completed(data, now)
        if isinstance(data, (InputRequested, ApprovalRequested)):  # a union would be made anew each time
            return self._asked(data)
        if isinstance(data, (InputExpired, ApprovalExpired)):
            return self.talk.withdraw(data.request_id, data.reason)
        if isinstance(data, SegmentFailed):
            self.segments_failed += 1
        if isinstance(data, TaskLinked):
            self.waits.session_id = data.session_id or self.waits.session_id
        return (data,)

    def _enqueue(self, data: Data, raw: bytes | None, actor: str) -> None:
        if self._spilling is None and not self.spill.is_heavy(data, raw):
            self._post(data, raw, actor)
            return
        self._heavy.append((data, raw, actor))
        if self._spilling is None:
            name = f"files of {self.task_id}"
            self._spilling = self._core.crew.start(self._spill(), name=name, unbroken=True)

    async def _spill(self) -> None:
        """Write what is large to files; later facts wait behind it."""
        try:
            while self._heavy:
                data, raw, actor = self._heavy[0]
                if self.spill.is_heavy(data, raw):
                    *added, data = await self.spill.lighten(data)
                    raw = None
                    for fact in added:
                        self._post(fact, None, "manager")
                self._post(data, raw, actor)
                del self._heavy[0]
        finally:
            self._spilling = None

    # --- transient facts: joined, or the last value, once per turn of the loop

    def _transient(self, data: Data) -> None:
        if isinstance(data, MessageDelta):
            self._deltas.setdefault(data.message_id, []).append(data)
        elif isinstance(data, LAST_VALUES):
            self._last[type(data)] = data
        else:
            self._flush()
            event = self._event(data, "executor")
            self._core.bus.transient(event)
            if isinstance(data, RuntimeEvent):
                self._runtime_events += 1
                self._core.writer.keep(event, str(self._runtime_events))
            return
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        if self._flushing is None:
            return
        self._flushing.cancel()
        self._flushing = None
        deltas, self._deltas = self._deltas, {}
        for pieces in deltas.values():
            text = "".join(piece.delta for piece in pieces)
            joined = pieces[0] if len(pieces) == 1 else pieces[0].model_copy(update={"delta": text})
            self._core.bus.transient(self._event(joined, "executor"))
        last, self._last = self._last, {}
        for data in last.values():
            event = self._event(data, "executor")
            self._core.bus.transient(event)
            self._core.writer.keep(event)
