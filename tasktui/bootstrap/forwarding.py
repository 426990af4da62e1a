"""Every verb of the manager's port but submitting and closing, passed on: what an embedding program calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.history import History, Restored
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.records import Artifact, InterventionRow, RequestRow, StoredEvent, ToolCall
from tasktui.domain.requests import (
    Answer,
    ArtifactChunk,
    CancelResult,
    ChangeSet,
    GateRun,
    Interest,
    LaneState,
    Message,
    Metadata,
    OutputChunk,
    Place,
    Schedule,
    Stats,
    Task,
    TaskDetail,
)
from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow, UnixMs
from tasktui.domain.spec import TaskSpec


class Forwarding:
    """Passes each call on; what it does and raises is said at `Manager`."""

    def __init__(self, port: Manager) -> None:
        self._port = port

    async def get(self, task_id: str) -> Task:
        """Return a task."""
        return await self._port.get(task_id)

    async def detail(self, task_id: str) -> TaskDetail:
        """Return a task with what belongs to it."""
        return await self._port.detail(task_id)

    async def page(
        self,
        query: TaskQuery,
        *,
        after: Cursor | None = None,
        before: Cursor | None = None,
        skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:
        """As `Projection.page`."""
        return await self._port.page(query, after=after, before=before, skip=skip, limit=limit)

    async def count(self, query: TaskQuery, *, limit: int = 10000) -> int:
        """As `Projection.count`."""
        return await self._port.count(query, limit=limit)

    async def counts(self) -> Counts:
        """As `Projection.counts`."""
        return await self._port.counts()

    async def stats(self) -> Stats:
        """Return figures about the whole."""
        return await self._port.stats()

    async def lanes(self) -> Sequence[LaneState]:
        """Return every lane."""
        return await self._port.lanes()

    async def set_lane(self, lane: str, *, limit: int | None = None, paused: bool | None = None) -> LaneState:
        """Change a lane's limit, or pause it."""
        return await self._port.set_lane(lane, limit=limit, paused=paused)

    async def timeline(
        self,
        task_id: str,
        *,
        after_seq: int = 0,
        before_seq: int | None = None,
        limit: int = 200,
        types: Sequence[str] = (),
        text: str | None = None,
    ) -> Page[StoredEvent]:
        """As `Projection.timeline`."""
        return await self._port.timeline(
            task_id, after_seq=after_seq, before_seq=before_seq, limit=limit, types=types, text=text
        )

    async def tools(
        self,
        task_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:
        """As `Projection.tools`."""
        return await self._port.tools(task_id, after=after, before=before, limit=limit, text=text)

    async def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """As `Projection.artifacts`."""
        return await self._port.artifacts(task_id, after=after, limit=limit)

    async def read_artifact(
        self, task_id: str, artifact_id: str, *, offset: int = 0, limit: int = 65536
    ) -> ArtifactChunk:
        """Read a stretch of an artifact; negative offsets count from the end."""
        return await self._port.read_artifact(task_id, artifact_id, offset=offset, limit=limit)

    async def output(
        self, task_id: str, *, offset: int = 0, limit: int = 65536, run: int | None = None
    ) -> OutputChunk:
        """Read a stretch of a run's output; negative offsets count from the end."""
        return await self._port.output(task_id, offset=offset, limit=limit, run=run)

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """As `Projection.search`."""
        return await self._port.search(text, before=before, limit=limit)

    async def cancel(
        self, task_id: str, *, force: bool = False, by: str = "you", reason: str | None = None
    ) -> CancelResult:
        """Ask a task to stop; a second time, or `force`, kills it."""
        return await self._port.cancel(task_id, force=force, by=by, reason=reason)

    async def intervene(self, task_id: str, message: Message) -> InterventionRow:
        """Send a message to a running task."""
        return await self._port.intervene(task_id, message)

    async def answer(self, task_id: str, answer: Answer) -> RequestRow:
        """Answer a question or decide an approval; the first answer holds."""
        return await self._port.answer(task_id, answer)

    async def hold(self, task_id: str, *, reason: str | None = None, until: UnixMs | None = None) -> TaskRow:
        """Keep a queued task from starting."""
        return await self._port.hold(task_id, reason=reason, until=until)

    async def release(self, task_id: str) -> TaskRow:
        """Let a held task start."""
        return await self._port.release(task_id)

    async def set_priority(self, task_id: str, priority: int) -> TaskRow:
        """Move a queued task in its lane."""
        return await self._port.set_priority(task_id, priority)

    async def reorder(self, task_id: str, where: Place) -> TaskRow:
        """Move a queued task among those of its lane and priority."""
        return await self._port.reorder(task_id, where)

    async def edit(self, task_id: str, spec: TaskSpec) -> Task:
        """Change what a queued task is to do, and how."""
        return await self._port.edit(task_id, spec)

    async def schedules(self) -> Sequence[Schedule]:
        """Return what recurs."""
        return await self._port.schedules()

    async def stop_schedule(self, schedule_id: str, *, by: str = "you") -> Schedule:
        """End a schedule."""
        return await self._port.stop_schedule(schedule_id, by=by)

    async def pause(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let the work of a running task stand still."""
        return await self._port.pause(task_id, by=by)

    async def resume(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let paused work go on."""
        return await self._port.resume(task_id, by=by)

    async def report(self, task_id: str, data: Data) -> None:
        """Report a fact about work that its caller does."""
        await self._port.report(task_id, data)

    async def finish(self, task_id: str, outcome: Outcome) -> TaskRow:
        """End work that its caller does."""
        return await self._port.finish(task_id, outcome)

    async def retry(
        self, task_id: str, *, spec: TaskSpec | None = None, env: Mapping[str, str] | None = None
    ) -> Task:
        """Make a new task of a finished one, with changes when `spec` is given."""
        return await self._port.retry(task_id, spec=spec, env=env)

    async def archive(self, task_id: str, *, archived: bool = True) -> TaskRow:
        """Hide a finished task from the list, or show it again."""
        return await self._port.archive(task_id, archived=archived)

    async def mark_delivered(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a finished task's result reached the one who asked."""
        return await self._port.mark_delivered(task_id, by=by)

    async def ack(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a finished task's result is needed no longer."""
        return await self._port.ack(task_id, by=by)

    async def purge(self, task_ids: Sequence[str]) -> int:
        """Delete finished tasks with their files; return how many."""
        return await self._port.purge(task_ids)

    async def attach(self, task_id: str, name: str, data: bytes) -> str:
        """Keep a file that goes with a message or a task."""
        return await self._port.attach(task_id, name, data)

    async def restore(self, histories: Sequence[History]) -> Sequence[Restored]:
        """Take in tasks that have been elsewhere."""
        return await self._port.restore(histories)

    async def record_metadata(self, task_id: str, updates: Metadata) -> TaskDetail:
        """Record evidence, also after the end."""
        return await self._port.record_metadata(task_id, updates)

    async def run_gate(self, task_id: str, gate: GateRun) -> TaskDetail:
        """Run a check in the task's directory and record its verdict."""
        return await self._port.run_gate(task_id, gate)

    async def verify_attempt(self, task_id: str, attempt_id: str) -> TaskDetail:
        """See whether an attempt's patch applies to its base, and record that."""
        return await self._port.verify_attempt(task_id, attempt_id)

    async def wait(self, task_id: str, *, timeout_s: float | None = None) -> TaskRow:
        """Return when the task is terminal."""
        return await self._port.wait(task_id, timeout_s=timeout_s)

    def subscribe(
        self, task_id: str | None = None, *, after: int = 0, client_id: str | None = None,
        agent_id: str | None = None,
    ) -> AsyncIterator[StoredEvent | NewEvent]:  # fmt: skip
        """Replay the log after a position (`seq` of the task, or `gid` of all), then follow."""
        return self._port.subscribe(task_id, after=after, client_id=client_id, agent_id=agent_id)

    def changes(self, interest: Interest) -> AsyncIterator[ChangeSet]:
        """Follow what a screen needs, coalesced."""
        return self._port.changes(interest)

    async def busy(self) -> int:
        """Return how many tasks are queued or running."""
        return await self._port.busy()
