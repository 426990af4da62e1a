"""The one door for screens, commands and services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.ports.checks import Checks
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.intake import Intake
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.records import Artifact, InterventionRow, RequestRow, StoredEvent, ToolCall
from tasktui.domain.requests import (
    Answer,
    ArtifactChunk,
    CancelResult,
    ChangeSet,
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


class Manager(Intake, Checks, Protocol):
    """The one door for screens, commands and services: local or attached. Ids may be unique prefixes."""

    async def submit(
        self, spec: TaskSpec, *, env: Mapping[str, str] | None = None, task_id: str | None = None
    ) -> Task:
        """Queue a task; `env` is its whole inherited environment, kept private, never stored.

        Raises:
            InvalidError: it cannot run as asked.
            TaskConflictError: its key is taken and `on_conflict` is raise.
            CapacityError: admission is refused.
        """
        ...

    async def get(self, task_id: str) -> Task:
        """Return a task.

        Raises:
            NotFoundError: none fits.
            AmbiguousTaskError: several fit.
        """
        ...

    async def detail(self, task_id: str) -> TaskDetail:
        """Return a task with what belongs to it."""
        ...

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """As `Projection.page`."""
        ...

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """As `Projection.count`."""
        ...

    async def counts(self) -> Counts:
        """As `Projection.counts`."""
        ...

    async def stats(self) -> Stats:
        """Return figures about the whole."""
        ...

    async def lanes(self) -> Sequence[LaneState]:
        """Return every lane."""
        ...

    async def set_lane(self, lane: str, *, limit: int | None = None, paused: bool | None = None) -> LaneState:
        """Change a lane's limit, or pause it."""
        ...

    async def schedules(self) -> Sequence[Schedule]:
        """Return what recurs, the oldest first; submitting a spec with `every` begins it."""
        ...

    async def stop_schedule(self, schedule_id: str, *, by: str = "you") -> Schedule:
        """End a schedule; its next firing is canceled, one that runs goes on.

        Raises:
            NotFoundError: no such schedule goes on.
        """
        ...

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        """As `Projection.timeline`."""
        ...

    async def tools(
        self, task_id: str, *, after: int = 0, before: int | None = None, limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:  # fmt: skip
        """As `Projection.tools`."""
        ...

    async def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """As `Projection.artifacts`."""
        ...

    async def read_artifact(
        self, task_id: str, artifact_id: str, *, offset: int = 0, limit: int = 65_536
    ) -> ArtifactChunk:
        """Read a stretch of an artifact; negative offsets count from the end."""
        ...

    async def output(
        self, task_id: str, *, offset: int = 0, limit: int = 65_536, run: int | None = None
    ) -> OutputChunk:
        """Read a stretch of a run's output; negative offsets count from the end."""
        ...

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """As `Projection.search`."""
        ...

    async def cancel(
        self, task_id: str, *, force: bool = False, by: str = "you", reason: str | None = None
    ) -> CancelResult:
        """Ask a task to stop; a second time, or `force`, kills it."""
        ...

    async def intervene(self, task_id: str, message: Message) -> InterventionRow:
        """Send a message to a running task.

        Raises:
            NotRunningError: it has ended or not begun.
            UnsupportedError: its executor takes none.
        """
        ...

    async def answer(self, task_id: str, answer: Answer) -> RequestRow:
        """Answer a question or decide an approval; the first answer holds.

        Raises:
            NotFoundError: nothing waits.
            StateError: it was answered already.
        """
        ...

    async def hold(self, task_id: str, *, reason: str | None = None, until: UnixMs | None = None) -> TaskRow:
        """Keep a queued task from starting."""
        ...

    async def release(self, task_id: str) -> TaskRow:
        """Let a held task start."""
        ...

    async def set_priority(self, task_id: str, priority: int) -> TaskRow:
        """Move a queued task in its lane."""
        ...

    async def reorder(self, task_id: str, where: Place) -> TaskRow:
        """Move a queued task past its neighbour of the same lane and priority, or past all of them."""
        ...

    async def edit(self, task_id: str, spec: TaskSpec) -> Task:
        """Change what a queued task is to do, and how; its environment stays.

        Raises:
            StateError: it is not queued any more.
            InvalidError: it cannot run as asked, or its kind or one of its keys would be another one.
        """
        ...

    async def pause(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let the work of a running task stand still, its whole tree of processes.

        It keeps its place in its lane. The wall deadline goes on, for the supervisor of the work keeps it;
        the idle deadline rests.

        Raises:
            NotRunningError: it has ended or not begun.
            UnsupportedError: its executor cannot.
        """
        ...

    async def resume(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let paused work go on."""
        ...

    async def report(self, task_id: str, data: Data) -> None:
        """Report a fact about work that its caller does (custom work of the executor `external`).

        Raises:
            NotRunningError: it has ended.
            UnsupportedError: somebody else does the work.
            StateError: the message of which this is the verdict has one already.
            InvalidError: this is not for a task to report.
        """
        ...

    async def finish(self, task_id: str, outcome: Outcome) -> TaskRow:
        """End work that its caller does; a cancel that came before wins, and the result is kept.

        Raises:
            NotRunningError: it has ended already.
            UnsupportedError: somebody else does the work.
        """
        ...

    async def retry(
        self, task_id: str, *, spec: TaskSpec | None = None, env: Mapping[str, str] | None = None
    ) -> Task:
        """Make a new task of a finished one, with changes when `spec` is given.

        Args:
            task_id: the finished one; its private environment is gone.
            spec: what to run instead.
            env: the new task's whole environment, as in `submit`.
        """
        ...

    async def archive(self, task_id: str, *, archived: bool = True) -> TaskRow:
        """Hide a finished task from the list, or show it again."""
        ...

    async def mark_delivered(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a finished task's result reached the one who asked.

        Raises:
            StateError: it has not ended.
        """
        ...

    async def ack(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a finished task's result is needed no longer, and so was delivered.

        Raises:
            StateError: it has not ended.
        """
        ...

    async def purge(self, task_ids: Sequence[str]) -> int:
        """Delete finished tasks with their files; return how many."""
        ...

    async def record_metadata(self, task_id: str, updates: Metadata) -> TaskDetail:
        """Record evidence, also after the end."""
        ...

    async def wait(self, task_id: str, *, timeout_s: float | None = None) -> TaskRow:
        """Return when the task is terminal.

        Raises:
            TimeoutError: it is not, in that time.
        """
        ...

    def subscribe(
        self, task_id: str | None = None, *, after: int = 0, client_id: str | None = None,
        agent_id: str | None = None,
    ) -> AsyncIterator[StoredEvent | NewEvent]:  # fmt: skip
        """Replay the log after a position (`seq` of the task, or `gid` of all), then follow.

        Instead of a task it may be all tasks of a client or of an agent, as they belong to them now.
        Transient and control events come as `NewEvent`; a stream begins with `stream.snapshot` and, for a
        task that has ended, ends with `stream.end`. A slow reader gets `stream.gap` and the log again.
        """
        ...

    def changes(self, interest: Interest) -> AsyncIterator[ChangeSet]:
        """Follow what a screen needs, coalesced."""
        ...

    async def busy(self) -> int:
        """Return how many tasks are queued or running."""
        ...

    async def close(self, mode: Literal["detach", "cancel", "wait"] = "detach") -> None:
        """End the manager: leave shims running, cancel all, or wait for all. For an attached one: hang up."""
        ...
