"""The manager of this process: a facade over verbs that each live in a file of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from tasktui.domain.errors import FencedError, ManagerClosedError
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.ports.artifacts import Artifacts
from tasktui.domain.ports.clock import Clock, Ids
from tasktui.domain.ports.executor import Executor, Outcome, Outputs
from tasktui.domain.ports.programs import Programs
from tasktui.domain.ports.store import Store
from tasktui.domain.records import InterventionRow, RequestRow, StoredEvent
from tasktui.domain.requests import (
    Answer,
    CancelResult,
    ChangeSet,
    Interest,
    LaneState,
    Message,
    Metadata,
    Place,
    Schedule,
    Task,
    TaskDetail,
)
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.spec import TaskSpec
from tasktui.manager import (
    approvals,
    cancel,
    changes,
    closing,
    endings,
    evidence_records,
    interventions,
    lanes,
    opening,
    outside,
    pausing,
    queue_edits,
    submit,
    topics,
)
from tasktui.manager.bus import Bus
from tasktui.manager.checking import Checking
from tasktui.manager.core import Core
from tasktui.manager.crew import Crew
from tasktui.manager.limits import Limits
from tasktui.manager.writer import Writer

T = TypeVar("T")


class LocalManager(Checking):
    """The `Manager` that runs tasks itself, on the loop that opens it."""

    def __init__(  # noqa: PLR0913  # the parts of a manager, all by name
        self,
        *,
        home: Path,
        store: Store,
        executors: Mapping[str, Executor],
        artifacts: Artifacts,
        outputs: Outputs,
        clock: Clock,
        ids: Ids,
        limits: Limits | None = None,
        on_fenced: Callable[[FencedError], None] = lambda _: None,
        version: str = "",
        programs: Programs | None = None,
    ) -> None:
        """Take the parts; nothing happens before `open`.

        Args:
            home: the data directory.
            store: opened and closed by this.
            executors: by kind, those of custom tasks by their own name.
            artifacts: the files of tasks.
            outputs: what runs wrote.
            clock: both clocks.
            ids: where names come from.
            limits: the settings.
            on_fenced: called when another owner has taken over; this one writes no more and is to be closed.
            version: shown in the figures and in the owner's fact.
            programs: what checks are run by; none are when None.
        """
        limits = limits or Limits()
        bus = Bus(store, clock, limits.subscriber_events)
        self._on_fenced = on_fenced
        writer = Writer(store, bus, self._fenced)
        super().__init__(
            Core(
                home, store, executors, artifacts, outputs, clock, ids, limits, bus, writer, Crew(), programs
            ),
            version,
        )
        self._scheduling: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self) -> None:
        """Open the store, become its owner, take over what an earlier one left, and begin to start tasks.

        A store that can only be read, such as one of a newer version, is read; what would change something is
        refused with the store's own words.

        Raises:
            StoreError: it cannot even be read.
            FencedError: another process became the owner meanwhile.
        """
        self._opened_at = self._core.clock.monotonic()
        try:
            await opening.begin(self._core, self._version)
        except BaseException:
            await self._give_up()
            raise
        self._scheduling = asyncio.get_running_loop().create_task(
            self._core.scheduler.run(), name="scheduler"
        )
        self._core.scheduler.wake()

    async def _give_up(self) -> None:
        """Leave nothing of an opening that failed: what was taken over goes on under its shims."""
        self._closed = True
        await self._core.crew.close(timeout_s=closing.CREW_S)
        await self._shut()

    async def close(self, mode: Literal["detach", "cancel", "wait"] = "detach") -> None:
        """End the manager; see the port."""
        if self._closed or self._scheduling is None:
            return
        self._closed = True
        await closing.settle(self._core, mode, self._scheduling)
        await self._shut()

    async def _shut(self) -> None:
        core = self._core
        await core.writer.close()
        core.bus.close()
        await core.store.close()

    def _fenced(self, error: FencedError) -> None:
        self._core.scheduler.stop()
        self._core.bus.set_degraded(error.message)
        self._on_fenced(error)

    # --- what runs

    async def submit(
        self, spec: TaskSpec, *, env: Mapping[str, str] | None = None, task_id: str | None = None
    ) -> Task:
        """Queue a task."""
        if self._closed:
            raise ManagerClosedError
        if spec.every is not None:
            return await self._core.crew.whole(self._core.schedules.begin(spec, env, task_id))
        return await self._core.crew.whole(submit.submit(self._core, spec, env=env, task_id=task_id))

    async def cancel(
        self, task_id: str, *, force: bool = False, by: str = "you", reason: str | None = None
    ) -> CancelResult:
        """Ask a task to stop; a second time, or `force`, kills it."""
        return await self._core.crew.whole(
            cancel.cancel(self._core, task_id, force=force, by=by, reason=reason)
        )

    async def intervene(self, task_id: str, message: Message) -> InterventionRow:
        """Send a message to a running task."""
        return await self._core.crew.whole(interventions.intervene(self._core, task_id, message))

    async def answer(self, task_id: str, answer: Answer) -> RequestRow:
        """Answer a question or decide an approval; the first answer holds."""
        return await self._core.crew.whole(approvals.answer(self._core, task_id, answer))

    async def pause(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let the work of a running task stand still."""
        return await self._core.crew.whole(pausing.pause(self._core, task_id, by=by))

    async def resume(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let paused work go on."""
        return await self._core.crew.whole(pausing.resume(self._core, task_id, by=by))

    async def report(self, task_id: str, data: Data) -> None:
        """Report a fact about work that its caller does."""
        await outside.report(self._core, task_id, data)

    async def finish(self, task_id: str, outcome: Outcome) -> TaskRow:
        """End work that its caller does."""
        return await self._core.crew.whole(outside.finish(self._core, task_id, outcome))

    # --- what waits

    async def hold(self, task_id: str, *, reason: str | None = None, until: UnixMs | None = None) -> TaskRow:
        """Keep a queued task from starting."""
        return await self._core.crew.whole(queue_edits.hold(self._core, task_id, reason=reason, until=until))

    async def release(self, task_id: str) -> TaskRow:
        """Let a held task start."""
        return await self._core.crew.whole(queue_edits.release(self._core, task_id))

    async def set_priority(self, task_id: str, priority: int) -> TaskRow:
        """Move a queued task in its lane."""
        return await queue_edits.set_priority(self._core, task_id, priority)

    async def reorder(self, task_id: str, where: Place) -> TaskRow:
        """Move a queued task among those of its lane and priority."""
        return await self._core.crew.whole(queue_edits.reorder(self._core, task_id, where))

    async def edit(self, task_id: str, spec: TaskSpec) -> Task:
        """Change what a queued task is to do, and how."""
        return await self._core.crew.whole(queue_edits.edit(self._core, task_id, spec))

    async def lanes(self) -> Sequence[LaneState]:
        """Return every lane."""
        return await lanes.states(self._core)

    async def set_lane(self, lane: str, *, limit: int | None = None, paused: bool | None = None) -> LaneState:
        """Change a lane's limit, or pause it."""
        return await self._core.crew.whole(lanes.set_lane(self._core, lane, limit, paused=paused))

    async def schedules(self) -> Sequence[Schedule]:
        """Return what recurs."""
        return self._core.schedules.states()

    async def stop_schedule(self, schedule_id: str, *, by: str = "you") -> Schedule:
        """End a schedule."""
        return await self._core.crew.whole(self._core.schedules.stop(schedule_id, by))

    # --- what has ended

    async def retry(
        self, task_id: str, *, spec: TaskSpec | None = None, env: Mapping[str, str] | None = None
    ) -> Task:
        """Make a new task of a finished one, with changes when `spec` is given."""
        return await self._core.crew.whole(endings.retry(self._core, task_id, spec=spec, env=env))

    async def archive(self, task_id: str, *, archived: bool = True) -> TaskRow:
        """Hide a finished task from the list, or show it again."""
        return await endings.archive(self._core, task_id, archived=archived)

    async def mark_delivered(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a finished task's result reached the one who asked."""
        return await endings.mark_delivered(self._core, task_id, by=by)

    async def ack(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a finished task's result is needed no longer."""
        return await endings.ack(self._core, task_id, by=by)

    async def purge(self, task_ids: Sequence[str]) -> int:
        """Delete finished tasks with their files; return how many."""
        return await self._core.crew.whole(endings.purge(self._core, task_ids))

    async def record_metadata(self, task_id: str, updates: Metadata) -> TaskDetail:
        """Record evidence, also after the end."""
        return await self._core.crew.whole(evidence_records.record_metadata(self._core, task_id, updates))

    async def wait(self, task_id: str, *, timeout_s: float | None = None) -> TaskRow:
        """Return when the task is terminal."""
        return await endings.wait(self._core, task_id, timeout_s=timeout_s)

    # --- what happens

    def subscribe(
        self, task_id: str | None = None, *, after: int = 0, client_id: str | None = None,
        agent_id: str | None = None,
    ) -> AsyncIterator[StoredEvent | NewEvent]:  # fmt: skip
        """Replay the log after a position, then follow."""
        return topics.follow(self._core, task_id, after, client_id=client_id, agent_id=agent_id)

    def changes(self, interest: Interest) -> AsyncIterator[ChangeSet]:
        """Follow what a screen needs, coalesced; the first set comes at once and says `reread`."""
        return changes.follow(self._core, interest)
