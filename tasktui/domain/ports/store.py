"""The port of the store: the log, what lists read, and both in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tasktui.domain.events.base import NewEvent
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.records import Artifact, StoredEvent, ToolCall
from tasktui.domain.requests import (
    TaskDetail,
)
from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow, UnixMs
from tasktui.domain.status import Status


@dataclass(frozen=True, slots=True)
class Change:
    """Events of one task that land whole or not at all."""

    task_id: str
    events: tuple[NewEvent, ...]
    expected_seq: int | None = None
    """The task's `last_seq` before them (0: it must not exist); None: wherever it stands."""
    expected_status: Status | None = None
    """The status it must have before them; None: any that the transition table allows."""
    epoch: int = 0
    """The owner's epoch; an older one is fenced."""
    live: tuple[NewEvent, ...] = ()
    """With `task.created`: transient facts whose last values the task had before its end."""
    admission: Admission | None = None
    """With `task.created`: it is refused as `full` where there is no room; None: there is room for all."""


@dataclass(frozen=True, slots=True)
class Admission:
    """How full it may be before a new task is refused."""

    queued: int
    """The most that wait, over all lanes."""
    lane: int | None = None
    """The most that wait or run in the task's own lane; None: any number."""


@dataclass(frozen=True, slots=True)
class Committed:
    """A change that is durable."""

    row: TaskRow | None
    """The task after the whole batch, so that the newest row is the one seen; None under `@system`."""
    events: tuple[StoredEvent, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that was refused; its neighbours in the batch were not touched by it."""

    task_id: str
    reason: Literal["seq", "status", "exists", "missing", "key", "transition", "full"]
    detail: str
    holder: str | None = None
    """For `key`: the task that has it."""


class EventLog(Protocol):
    """The truth: numbered facts."""

    async def read(
        self, after_gid: int = 0, *, task_id: str | None = None, limit: int = 1000
    ) -> Sequence[StoredEvent]:
        """Return events after a position of the whole log, in order."""
        ...

    async def head(self) -> int:
        """Return the newest position."""
        ...


class Projection(Protocol):
    """What lists and panes read; never the whole table, never OFFSET over many rows."""

    async def row(self, task_id: str) -> TaskRow | None:
        """Return one task's row by exact id."""
        ...

    async def rows_of(self, task_ids: Sequence[str]) -> Sequence[TaskRow]:
        """Return the rows of those that exist, in any order."""
        ...

    async def detail(self, task_id: str) -> TaskDetail | None:
        """Return one task with what belongs to it."""
        ...

    async def ids_like(self, prefix: str, limit: int) -> tuple[Sequence[str], int]:
        """Return ids that start with the prefix, an exact match first, and how many there are."""
        ...

    async def page(
        self,
        query: TaskQuery,
        *,
        after: Cursor | None = None,
        before: Cursor | None = None,
        skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:
        """Return rows in the query's order after (or just before) a place.

        Args:
            query: which and in what order.
            after: the last row seen going down.
            before: the first row seen going up; items still come in the query's order.
            skip: rows to pass over from there: for a jump by the scroll bar only.
            limit: at most this many.
        """
        ...

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """Return how many fit, exactly where a maintained counter knows, else up to `limit`."""
        ...

    async def counts(self) -> Counts:
        """Return the maintained counters."""
        ...

    async def lane_counts(self) -> Sequence[tuple[str, Status, int]]:
        """Return tasks by lane and status from the counters, terminal statuses left out."""
        ...

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        """Return events of one task between two places, in order; from the end if only `before_seq` is given.

        Args:
            task_id: exact id.
            after_seq: only later ones.
            before_seq: only earlier ones.
            limit: at most this many; the nearest to the given place.
            types: only these types.
            text: only those whose data holds this text, in any case.
        """
        ...

    async def tools(
        self, task_id: str, *, after: int = 0, before: int | None = None, limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:  # fmt: skip
        """Return tool calls by their number, as `timeline`."""
        ...

    async def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """Return artifacts that are there, by root and path; `after` is the id of one of them, or empty."""
        ...

    async def artifact(self, task_id: str, artifact_id: str) -> Artifact | None:
        """Return one artifact."""
        ...

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """Return places where the text stands, newest first."""
        ...


class Store(EventLog, Projection, Protocol):
    """Log and projection in one transaction."""

    async def open(self) -> None:
        """Open, migrate, repair.

        Raises:
            SchemaTooNewError: it can only be read; reads work after this.
            StoreError: it cannot be opened.
        """
        ...

    async def close(self) -> None:
        """Flush and close; no call may follow."""
        ...

    async def take_epoch(self, pid: int) -> int:
        """Raise the epoch that fences older owners, and return it."""
        ...

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        """Make changes durable in one transaction, in order.

        Raises:
            FencedError: a newer owner has taken the epoch.
            DiskFullError: nothing was written.
            StoreError: nothing was written.
        """
        ...

    async def set_live(self, events: Sequence[NewEvent]) -> Sequence[TaskRow]:
        """Keep the last values of transient events outside the log; return the rows that changed."""
        ...

    async def claimable(self, lane: str, *, now: UnixMs, limit: int) -> Sequence[TaskRow]:
        """Return queued tasks of a lane that may start: not held, due, parents completed; best first."""
        ...

    async def newest_firing(self, schedule_id: str) -> TaskRow | None:
        """Return the newest task of a schedule."""
        ...

    async def neighbour(self, row: TaskRow, *, earlier: bool, farthest: bool = False) -> TaskRow | None:
        """Return the queued task of the same lane and priority just before or after one, or the farthest."""
        ...

    async def stranded(
        self, *, parent: str | None = None, child: str | None = None
    ) -> Sequence[tuple[TaskRow, str]]:
        """Return queued tasks, each with a parent that ended otherwise than completed, or is gone.

        Args:
            parent: only those that wait for this one.
            child: only this one.
        """
        ...

    async def next_due(self, now: UnixMs) -> UnixMs | None:
        """Return when the next held or delayed task falls due."""
        ...

    async def live_tasks(self) -> Sequence[TaskRow]:
        """Return every task that is dispatched or running."""
        ...

    async def index_output(self, task_id: str, run: int, text: str) -> None:
        """Put the head and tail of a run's output into the full-text index."""
        ...

    async def expired(self, *, finished_before: UnixMs, keep: int, limit: int) -> Sequence[str]:
        """Return ids that retention may delete, oldest first.

        Un-acked ones with a client id are spared, and what was taken in from elsewhere since that time.
        """
        ...

    async def delete(self, task_ids: Sequence[str], *, epoch: int) -> None:
        """Remove terminal tasks with all that belongs to them."""
        ...

    async def size_bytes(self) -> int:
        """Return what the database takes on disk."""
        ...
