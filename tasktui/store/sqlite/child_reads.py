"""Reads of what belongs to one task, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tasktui.domain.records import Artifact, EvidenceRow, InterventionRow, RequestRow, StoredEvent, ToolCall
from tasktui.domain.rows import Page, SearchHit, TaskRow, task_row
from tasktui.domain.status import ToolStatus
from tasktui.store.children import COLUMNS
from tasktui.store.sqlite import searching
from tasktui.store.sqlite.listing import ROW, like
from tasktui.store.sqlite.reading import Reading
from tasktui.store.sqlite.task_reads import EVENT, LOG

_CALL: Final = f"SELECT call_id, {', '.join(COLUMNS['tool_calls'])} FROM tool_calls WHERE task = ?"
_ARTIFACT: Final = f"SELECT artifact_id, {', '.join(COLUMNS['artifacts'])} FROM artifacts WHERE task = ?"
_PLACE: Final = "coalesce(root, ''), path, artifact_id"
_SENT: Final = (
    f"SELECT intervention_id, {', '.join(COLUMNS['interventions'])} FROM interventions WHERE task = ?"
    " ORDER BY rowid"
)
_ASKED: Final = (
    f"SELECT request_id, {', '.join(COLUMNS['requests'])} FROM requests WHERE task = ? ORDER BY rowid"
)
_PROVEN: Final = (
    "SELECT kind, substr(key, length(kind) + 2), recorded_at, record FROM evidence WHERE task = ?"
)
_BODY_COLUMNS: Final = ("spec", "metadata", "result_inline", "usage", "checklist")
_BODY: Final = f"SELECT {', '.join(_BODY_COLUMNS)} FROM bodies WHERE task = ?"
_SAID: Final = "name || char(10) || coalesce(input_summary, '') || char(10) || coalesce(output_summary, '')"
_NEWEST: Final = 1000


@dataclass(frozen=True, slots=True)
class RawDetail:
    """One task with what belongs to it; spec, metadata, usage and checklist are JSON."""

    row: TaskRow
    spec: str
    metadata: str | None
    result_inline: str | None
    usage: str | None
    checklist: str | None
    tool_calls: tuple[ToolCall, ...]
    artifacts: tuple[Artifact, ...]
    interventions: tuple[InterventionRow, ...]
    requests: tuple[RequestRow, ...]
    evidence: tuple[EvidenceRow, ...]


def _call(task_id: str, values: tuple[Any, ...]) -> ToolCall:
    call = ToolCall(task_id, *values)
    return replace(call, status=ToolStatus(call.status))


class ChildReads(Reading):
    """Timeline, tool calls, artifacts, and all of a task at once."""

    def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        """As `Projection.timeline`."""
        sql, values = f"SELECT {EVENT} FROM {LOG} WHERE e.task = ?", [self._number_of(task_id), *types]
        if types:
            sql += f" AND e.type IN ({', '.join('?' * len(types))})"
        if text is not None:
            sql += " AND CAST(e.data AS TEXT) LIKE ? ESCAPE '\\'"
            values.append(like(text))
        rows, more = self._window(sql, "e.seq", values, ends=(after_seq, before_seq), limit=limit)
        return Page(tuple(StoredEvent(*row) for row in rows), more)

    def tools(
        self, task_id: str, *, after: int = 0, before: int | None = None, limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:  # fmt: skip
        """As `Projection.tools`."""
        values: list[Any] = [self._number_of(task_id)]
        sql = _CALL
        if text is not None:
            sql += f" AND ({_SAID}) LIKE ? ESCAPE '\\'"
            values.append(like(text))
        rows, more = self._window(sql, "number", values, ends=(after, before), limit=limit)
        return Page(tuple(_call(task_id, row) for row in rows), more)

    def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """As `Projection.artifacts`."""
        task = self._number_of(task_id)
        last = self._one(f"SELECT {_PLACE} FROM artifacts WHERE task = ? AND artifact_id = ?", (task, after))
        sql = f"{_ARTIFACT} AND ({_PLACE}) > (?, ?, ?) AND removed_at IS NULL ORDER BY {_PLACE} LIMIT ?"
        rows = self._all(sql, (task, *(last or ("", "", "")), limit + 1))
        return Page(tuple(Artifact(task_id, *row) for row in rows[:limit]), len(rows) > limit)

    def artifact(self, task_id: str, artifact_id: str) -> Artifact | None:
        """Return one artifact, a removed one too."""
        found = self._one(f"{_ARTIFACT} AND artifact_id = ?", (self._number_of(task_id), artifact_id))
        return Artifact(task_id, *found) if found else None

    def detail(self, task_id: str) -> RawDetail | None:
        """Return one task with what belongs to it."""
        with self._snapshot():
            found = self._one(f"SELECT {ROW} FROM tasks t WHERE t.id = ?", (task_id,))
            if found is None:
                return None
            row = task_row(found)
            task = (row.created_seq,)
            calls = self._all(f"{_CALL} ORDER BY number DESC LIMIT {_NEWEST}", task)[::-1]
            files = self._all(f"{_ARTIFACT} AND removed_at IS NULL ORDER BY {_PLACE} LIMIT {_NEWEST}", task)
            body = dict(zip(_BODY_COLUMNS, self._one(_BODY, task), strict=True))
            return RawDetail(
                row,
                **body,
                tool_calls=tuple(_call(task_id, values) for values in calls),
                artifacts=tuple(Artifact(task_id, *values) for values in files),
                interventions=tuple(InterventionRow(task_id, *one) for one in self._all(_SENT, task)),
                requests=tuple(RequestRow(task_id, *one) for one in self._all(_ASKED, task)),
                evidence=tuple(EvidenceRow(task_id, *one) for one in self._all(_PROVEN, task)),
            )

    def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """As `Projection.search`."""
        with self._snapshot():
            return searching.find(self._connection, text, before=before, limit=limit)
