"""The rows that belong to a task: their columns, and what stands in a new one before anything is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final

from tasktui.domain.records import Artifact, EvidenceRow, InterventionRow, RequestRow, ToolCall

if TYPE_CHECKING:
    from tasktui.domain.patches import Patch, Table

RECORDS: Final[dict[Table, type[Any]]] = {
    "tool_calls": ToolCall,
    "artifacts": Artifact,
    "interventions": InterventionRow,
    "requests": RequestRow,
    "evidence": EvidenceRow,
}
"""The slots object of each table; `bodies` has none."""

KEYS: Final[dict[Table, str]] = {
    "tool_calls": "call_id",
    "artifacts": "artifact_id",
    "interventions": "intervention_id",
    "requests": "request_id",
    "evidence": "key",
}
"""The column that tells the rows of one task apart."""

BODY_COLUMNS: Final = ("spec", "metadata", "logging_context", "result_inline", "usage", "checklist")
"""Columns of `bodies`."""

_BLANKS: Final[dict[str, Any]] = {
    "number": 0,
    "status": "running",
    "size_bytes": 0,
    "created_at": 0,
    "changed_at": 0,
    "requested_at": 0,
    "recorded_at": 0,
}


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(field.name for field in fields(RECORDS[table]) if field.name not in {"task_id", KEYS[table]})


COLUMNS: Final[dict[Table, tuple[str, ...]]] = {
    "bodies": BODY_COLUMNS,
    **{table: _columns(table) for table in RECORDS},
}
"""The columns of each table without its key, in the order of its slots object."""


def _blank(table: Table) -> dict[str, Any]:
    if table == "bodies":
        return dict.fromkeys(BODY_COLUMNS)
    return {
        field.name: _BLANKS.get(field.name, "") if field.default is MISSING else field.default
        for field in fields(RECORDS[table])
        if field.name in COLUMNS[table]
    }


BLANK: Final[dict[Table, Mapping[str, Any]]] = {table: _blank(table) for table in COLUMNS}
"""A new row of each table before its first patch."""


def merged(before: Mapping[str, Any] | None, patch: Patch) -> dict[str, Any] | None:
    """Return the columns of a row after a patch; None when there is none to change."""
    if before is None:
        if not patch.creates:
            return None
        row = {**BLANK[patch.table], **patch.first}
    else:
        row = dict(before)
    row.update((name, value) for name, value in patch.values.items() if value is not None)
    return row
