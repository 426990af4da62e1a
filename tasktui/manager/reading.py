"""The half of the manager that only reads: pages, details, output, figures."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace

from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.records import Artifact, StoredEvent, ToolCall
from tasktui.domain.requests import ArtifactChunk, OutputChunk, Stats, Task, TaskDetail
from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow
from tasktui.domain.status import Status
from tasktui.manager import lanes
from tasktui.manager.core import Core


class Reading:
    """The reading verbs of `Manager`; ids may be unique prefixes."""

    def __init__(self, core: Core, version: str) -> None:
        self._core = core
        self._version = version
        self._opened_at = core.clock.monotonic()

    async def get(self, task_id: str) -> Task:
        """Return a task."""
        return (await self.detail(task_id)).task

    async def detail(self, task_id: str) -> TaskDetail:
        """Return a task with what belongs to it."""
        detail = await self._core.store.detail(await self._core.resolve(task_id))
        if detail is None:
            raise NotFoundError(f"Task not found: {task_id}", id=task_id)
        return _with_manners(self._core, detail)

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """Return rows in the query's order."""
        return await self._core.store.page(query, after=after, before=before, skip=skip, limit=limit)

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """Return how many tasks fit."""
        return await self._core.store.count(query, limit=limit)

    async def counts(self) -> Counts:
        """Return the maintained counters."""
        return await self._core.store.counts()

    async def busy(self) -> int:
        """Return how many tasks are queued or running."""
        return (await self._core.store.counts()).of(Status.QUEUED, Status.DISPATCHED, Status.RUNNING)

    async def stats(self) -> Stats:
        """Return figures about the whole."""
        core = self._core
        return Stats(
            counts=await core.store.counts(),
            lanes=tuple(await lanes.states(core)),
            events=await core.store.head(),
            database_bytes=await core.store.size_bytes(),
            uptime_s=core.clock.monotonic() - self._opened_at,
            subscribers=core.bus.subscribers,
            gaps=core.bus.gaps,
            late_events=core.late_events + core.writer.refused,
            commits=core.writer.commits,
            commit_s=core.writer.commit_s,
            waiting_events=core.writer.waiting,
            lag_events=core.bus.lag,
            degraded=core.bus.degraded,
            epoch=core.writer.epoch,
            pid=os.getpid(),
            version=self._version,
        )

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        """Return events of one task."""
        exact = await self._core.resolve(task_id)
        return await self._core.store.timeline(
            exact, after_seq=after_seq, before_seq=before_seq, limit=limit, types=types, text=text
        )

    async def tools(
        self, task_id: str, *, after: int = 0, before: int | None = None, limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:  # fmt: skip
        """Return tool calls of one task."""
        exact = await self._core.resolve(task_id)
        return await self._core.store.tools(exact, after=after, before=before, limit=limit, text=text)

    async def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """Return artifacts of one task."""
        return await self._core.store.artifacts(await self._core.resolve(task_id), after=after, limit=limit)

    async def read_artifact(
        self, task_id: str, artifact_id: str, *, offset: int = 0, limit: int = 65_536
    ) -> ArtifactChunk:
        """Read a stretch of an artifact; negative offsets count from the end."""
        exact = await self._core.resolve(task_id)
        artifact = await self._core.store.artifact(exact, artifact_id)
        if artifact is None:
            raise NotFoundError(f"The task has no such artifact: {exact} {artifact_id}", id=exact)
        return await self._core.artifacts.read(artifact, offset=offset, limit=limit)

    async def output(
        self, task_id: str, *, offset: int = 0, limit: int = 65_536, run: int | None = None
    ) -> OutputChunk:
        """Read a stretch of a run's output, the last run's unless another is named."""
        row = await self._core.row(task_id)
        number = max(1, row.run_no) if run is None else run
        directory = self._core.directory(row.id)
        return await asyncio.to_thread(
            self._core.outputs.read, directory, run=number, offset=offset, limit=limit
        )

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """Return places where the text stands, newest first."""
        return await self._core.store.search(text, before=before, limit=limit)


def _with_manners(core: Core, detail: TaskDetail) -> TaskDetail:
    """Add what the task's executor does with messages, while the task may still get one."""
    spec = detail.task.spec
    if detail.task.row.finished_at is not None:
        return detail
    try:
        return replace(detail, intervene=core.executor(spec).capabilities(spec).intervene)
    except InvalidError:
        return detail
