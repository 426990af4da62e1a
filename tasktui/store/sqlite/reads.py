"""The reading half of the store for an event loop: each call runs on the reading connection's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from tasktui.domain.errors import StoreError
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.records import Artifact, StoredEvent, ToolCall
from tasktui.domain.requests import Task, TaskDetail
from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow, UnixMs
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Status
from tasktui.store.sqlite.child_reads import RawDetail
from tasktui.store.sqlite.line import Line
from tasktui.store.sqlite.reader import Reader

P = ParamSpec("P")
T = TypeVar("T")


class Reads:
    """As the ports `EventLog` and `Projection` say, and the reads of the scheduler."""

    def __init__(self) -> None:
        self._reading: Line | None = None
        self._reader: Reader | None = None

    @property
    def _at(self) -> Reader:
        if self._reader is None:
            raise StoreError("The store is not open.")
        return self._reader

    async def _read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._reading is None:
            raise StoreError("The store is not open.")
        return await self._reading.call(function, *args, **kwargs)

    async def read(
        self, after_gid: int = 0, *, task_id: str | None = None, limit: int = 1000
    ) -> Sequence[StoredEvent]:
        """Return events after a position of the whole log."""
        return await self._read(self._at.read, after_gid, task_id=task_id, limit=limit)

    async def head(self) -> int:
        """Return the newest position."""
        return await self._read(self._at.head)

    async def row(self, task_id: str) -> TaskRow | None:
        """Return one task's row by exact id."""
        return await self._read(self._at.row, task_id)

    async def rows_of(self, task_ids: Sequence[str]) -> Sequence[TaskRow]:
        """Return the rows of those that exist."""
        return await self._read(self._at.rows_of, task_ids)

    async def detail(self, task_id: str) -> TaskDetail | None:
        """Return one task with what belongs to it."""
        raw = await self._read(self._at.detail, task_id)
        return _modelled(raw) if raw is not None else None

    async def ids_like(self, prefix: str, limit: int) -> tuple[Sequence[str], int]:
        """Return ids that start with the prefix, and how many there are."""
        return await self._read(self._at.ids_like, prefix, limit)

    async def page(
        self,
        query: TaskQuery,
        *,
        after: Cursor | None = None,
        before: Cursor | None = None,
        skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:
        """Return rows in the query's order after (or just before) a place."""
        return await self._read(self._at.page, query, after=after, before=before, skip=skip, limit=limit)

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """Return how many fit."""
        return await self._read(self._at.count, query, limit=limit)

    async def counts(self) -> Counts:
        """Return the maintained counters."""
        return await self._read(self._at.counts)

    async def lane_counts(self) -> Sequence[tuple[str, Status, int]]:
        """Return unfinished tasks by lane and status."""
        return await self._read(self._at.lane_counts)

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        """Return events of one task between two places."""
        return await self._read(
            self._at.timeline, task_id,
            after_seq=after_seq, before_seq=before_seq, limit=limit, types=types, text=text,
        )  # fmt: skip

    async def tools(
        self, task_id: str, *, after: int = 0, before: int | None = None, limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:  # fmt: skip
        """Return tool calls by their number."""
        return await self._read(self._at.tools, task_id, after=after, before=before, limit=limit, text=text)

    async def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """Return artifacts that are there."""
        return await self._read(self._at.artifacts, task_id, after=after, limit=limit)

    async def artifact(self, task_id: str, artifact_id: str) -> Artifact | None:
        """Return one artifact, a removed one too."""
        return await self._read(self._at.artifact, task_id, artifact_id)

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """Return places where the text stands, newest first."""
        return await self._read(self._at.search, text, before=before, limit=limit)

    async def claimable(self, lane: str, *, now: UnixMs, limit: int) -> Sequence[TaskRow]:
        """Return queued tasks of a lane that may start, best first."""
        return await self._read(self._at.claimable, lane, now=now, limit=limit)

    async def newest_firing(self, schedule_id: str) -> TaskRow | None:
        """Return the newest task of a schedule."""
        return await self._read(self._at.newest_firing, schedule_id)

    async def neighbour(self, row: TaskRow, *, earlier: bool, farthest: bool = False) -> TaskRow | None:
        """Return the queued task of the same lane and priority just before or after one."""
        return await self._read(self._at.neighbour, row, earlier=earlier, farthest=farthest)

    async def stranded(
        self, *, parent: str | None = None, child: str | None = None
    ) -> Sequence[tuple[TaskRow, str]]:
        """Return queued tasks, each with a parent that ended otherwise than completed, or is gone."""
        return await self._read(self._at.stranded, parent=parent, child=child)

    async def next_due(self, now: UnixMs) -> UnixMs | None:
        """Return when the next held or delayed task falls due."""
        return await self._read(self._at.next_due, now)

    async def live_tasks(self) -> Sequence[TaskRow]:
        """Return every task that is dispatched or running."""
        return await self._read(self._at.live_tasks)

    async def expired(self, *, finished_before: UnixMs, keep: int, limit: int) -> Sequence[str]:
        """Return ids that retention may delete, oldest first."""
        return await self._read(self._at.expired, finished_before=finished_before, keep=keep, limit=limit)


def _modelled(raw: RawDetail) -> TaskDetail:
    return TaskDetail(
        Task(raw.row, TaskSpec.model_validate_json(raw.spec)),
        checklist=raw.checklist,
        result_inline=raw.result_inline,
        usage=raw.usage,
        metadata=raw.metadata,
        tool_calls=raw.tool_calls,
        artifacts=raw.artifacts,
        interventions=raw.interventions,
        requests=raw.requests,
        evidence=raw.evidence,
    )
