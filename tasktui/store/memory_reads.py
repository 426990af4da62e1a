"""What the store in memory holds, and how it is read."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from tasktui.domain.patches import Table
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.records import Artifact, EvidenceRow, InterventionRow, RequestRow, StoredEvent, ToolCall
from tasktui.domain.requests import Task, TaskDetail
from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow
from tasktui.domain.selection import cursor_of, holds, is_open, selects
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import TERMINAL, Status
from tasktui.store.children import COLUMNS
from tasktui.store.memory_waits import Waits
from tasktui.store.said import INDEXED, excerpt, text_of

T = TypeVar("T")
PLACES: Final = 1024
"""Places of the full-text index to each event: the event's own and those of outputs after it."""
_NEWEST: Final = 1000


@dataclass(slots=True)
class TaskContents:
    """One task with what belongs to it."""

    row: TaskRow
    events: list[StoredEvent] = field(default_factory=list)
    tables: dict[Table, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {name: {} for name in COLUMNS}
    )


@dataclass(slots=True)
class Contents:
    """Everything; handed to another `MemoryStore`, it is what a crash left."""

    epoch: int = 0
    owner_pid: int = 0
    head: int = 0
    tasks: dict[str, TaskContents] = field(default_factory=dict)
    log: list[StoredEvent] = field(default_factory=list)
    system: list[StoredEvent] = field(default_factory=list)
    waits: Waits = field(default_factory=Waits)
    outputs: list[tuple[int, str, int, str]] = field(default_factory=list)
    """Place, task, run, text."""

    def next_output_place(self) -> int:
        """Return the next free place of the index after the newest event."""
        return max(self.head * PLACES, self.outputs[-1][0] if self.outputs else 0) + 1


def _cut(items: Sequence[T], limit: int, *, from_end: bool = False) -> Page[T]:
    taken = items[max(0, len(items) - limit) :] if from_end else items[:limit]
    return Page(tuple(taken), len(items) > len(taken))


class _Beyond:
    """What a filter asks that the row does not hold."""

    def __init__(self, task: TaskContents, outputs: Iterable[str]) -> None:
        self._task = task
        self._outputs = outputs

    def prompt(self) -> str:
        """Return what the task was asked to do."""
        return text_of("task.created", self._task.events[0].data)

    def tools(self) -> Sequence[str]:
        """Return the names of the tools it used."""
        return [call["name"] for call in self._task.tables["tool_calls"].values()]

    def said(self, text: str) -> bool:
        """Whether the text stands in anything the task said."""
        events = (text_of(event.type, event.data) for event in self._task.events)
        return any(holds(said, text) for said in (*events, *self._outputs))


class Reads:
    """The reading half of the store in memory."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents

    def _rows(self) -> Iterable[TaskRow]:
        return (task.row for task in self.contents.tasks.values())

    async def read(
        self, after_gid: int = 0, *, task_id: str | None = None, limit: int = 1000
    ) -> Sequence[StoredEvent]:
        """Return events after a position of the whole log."""
        log = self.contents.log
        start = bisect_right(log, after_gid, key=lambda event: event.gid)
        wanted = (event for event in log[start:] if task_id is None or event.task_id == task_id)
        return [event for event, _ in zip(wanted, range(limit), strict=False)]

    async def head(self) -> int:
        """Return the newest position."""
        return self.contents.head

    async def row(self, task_id: str) -> TaskRow | None:
        """Return one task's row."""
        task = self.contents.tasks.get(task_id)
        return task.row if task is not None else None

    async def rows_of(self, task_ids: Sequence[str]) -> Sequence[TaskRow]:
        """Return the rows of those that exist."""
        return [self.contents.tasks[one].row for one in task_ids if one in self.contents.tasks]

    async def detail(self, task_id: str) -> TaskDetail | None:
        """Return one task with what belongs to it."""
        task = self.contents.tasks.get(task_id)
        if task is None:
            return None
        body = task.tables["bodies"][""]
        tables = task.tables
        return TaskDetail(
            Task(task.row, TaskSpec.model_validate_json(body["spec"])),
            **{name: body[name] for name in ("checklist", "result_inline", "usage", "metadata")},
            tool_calls=tuple(self._calls(task)[-_NEWEST:]),
            artifacts=tuple(self._artifacts(task)[:_NEWEST]),
            interventions=tuple(
                InterventionRow(task_id, key, **values) for key, values in tables["interventions"].items()
            ),
            requests=tuple(RequestRow(task_id, key, **values) for key, values in tables["requests"].items()),
            evidence=tuple(
                EvidenceRow(task_id, key=key.partition(":")[2], **values)
                for key, values in tables["evidence"].items()
            ),
        )

    @staticmethod
    def _calls(task: TaskContents) -> list[ToolCall]:
        return [ToolCall(task.row.id, key, **values) for key, values in task.tables["tool_calls"].items()]

    @staticmethod
    def _artifacts(task: TaskContents) -> list[Artifact]:
        found = [Artifact(task.row.id, key, **values) for key, values in task.tables["artifacts"].items()]
        return sorted((artifact for artifact in found if artifact.removed_at is None), key=_listed)

    async def ids_like(self, prefix: str, limit: int) -> tuple[Sequence[str], int]:
        """Return ids that start with the prefix, an exact match first."""
        found = sorted(one for one in self.contents.tasks if one.startswith(prefix))
        return found[:limit], len(found)

    def _selected(self, query: TaskQuery) -> list[TaskRow]:
        outputs: dict[str, list[str]] = {}
        for _, task_id, _, text in self.contents.outputs:
            outputs.setdefault(task_id, []).append(text)
        rows = [
            task.row
            for task_id, task in self.contents.tasks.items()
            if selects(query, task.row, beyond=_Beyond(task, outputs.get(task_id, ())))
        ]
        rows.sort(key=lambda row: _place(cursor_of(row, query)), reverse=not query.reverse)
        return rows

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
        rows = self._selected(query)
        if before is not None:
            above = [row for row in rows if _goes_before(cursor_of(row, query), before, query)]
            return _cut(above[: max(0, len(above) - skip)], limit, from_end=True)
        if after is not None:
            rows = [row for row in rows if _goes_before(after, cursor_of(row, query), query)]
        return _cut(rows[skip:], limit)

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """Return how many fit, up to `limit` where a filter asks."""
        number = len(self._selected(query))
        return min(number, limit) if query.terms else number

    async def counts(self) -> Counts:
        """Return the counters."""
        shown = [row for row in self._rows() if row.archived_at is None]
        by_status = Counter(row.status for row in shown)
        return Counts(
            tuple((status, by_status[status]) for status in Status if by_status[status]),
            needs_you=sum(is_open(row) for row in shown),
            held=sum(row.held for row in shown),
            archived=len(self.contents.tasks) - len(shown),
        )

    async def lane_counts(self) -> Sequence[tuple[str, Status, int]]:
        """Return unfinished tasks by lane and status."""
        live = Counter((row.lane, row.status) for row in self._rows() if row.status not in TERMINAL)
        return [(lane, status, number) for (lane, status), number in live.items()]

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        """Return events of one task between two places."""
        task = self.contents.tasks.get(task_id)
        events = (
            self.contents.system if task is None and task_id == "@system" else task.events if task else []
        )
        found = [
            event
            for event in events
            if after_seq < event.seq
            and (before_seq is None or event.seq < before_seq)
            and (not types or event.type in types)
            and (text is None or holds(event.data.decode(errors="replace"), text))
        ]
        return _cut(found, limit, from_end=before_seq is not None and not after_seq)

    async def tools(
        self, task_id: str, *, after: int = 0, before: int | None = None, limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:  # fmt: skip
        """Return tool calls by their number."""
        task = self.contents.tasks.get(task_id)
        found = [
            call
            for call in (self._calls(task) if task else ())
            if after < call.number
            and (before is None or call.number < before)
            and (text is None or holds("\n".join(filter(None, _words(call))), text))
        ]
        return _cut(found, limit, from_end=before is not None and not after)

    async def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """Return artifacts that are there."""
        task = self.contents.tasks.get(task_id)
        found = self._artifacts(task) if task else []
        last = await self.artifact(task_id, after)
        behind = ("", "", "") if last is None else _listed(last)
        return _cut([artifact for artifact in found if _listed(artifact) > behind], limit)

    async def artifact(self, task_id: str, artifact_id: str) -> Artifact | None:
        """Return one artifact, a removed one too."""
        task = self.contents.tasks.get(task_id)
        values = task.tables["artifacts"].get(artifact_id) if task else None
        return Artifact(task_id, artifact_id, **values) if values is not None else None

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """Return places where the text stands, newest first."""
        hits = [*self._event_hits(text), *self._output_hits(text)] if text else []
        hits.sort(key=lambda hit: -hit.place)
        return _cut([hit for hit in hits if before is None or hit.place < before], limit)

    def _event_hits(self, text: str) -> Iterable[SearchHit]:
        for event in self.contents.log:
            said = text_of(event.type, event.data)
            if holds(said, text):
                title = self.contents.tasks[event.task_id].row.title
                yield SearchHit(
                    event.task_id, title, INDEXED[event.type], excerpt(said, text), event.seq, event.ts,
                    event.gid * PLACES,
                )  # fmt: skip

    def _output_hits(self, text: str) -> Iterable[SearchHit]:
        for place, task_id, _, output in self.contents.outputs:
            if holds(output, text):
                row = self.contents.tasks[task_id].row
                yield SearchHit(
                    task_id, row.title, "output", excerpt(output, text), None, row.updated_at, place
                )


def _words(call: ToolCall) -> tuple[str | None, ...]:
    return call.name, call.input_summary, call.output_summary


def _listed(artifact: Artifact) -> tuple[str, str, str]:
    return artifact.root or "", artifact.path, artifact.artifact_id


def _place(cursor: Cursor) -> tuple[Any, int]:
    return cursor.key, cursor.created_seq


def _goes_before(one: Cursor, other: Cursor, query: TaskQuery) -> bool:
    if query.reverse:
        return _place(one) < _place(other)
    return _place(one) > _place(other)
