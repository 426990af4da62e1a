"""How facts change what belongs to a task: one patch a row, merged the same way by every store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from tasktui.domain.changed import counted
from tasktui.domain.events import evidence, lifecycle, people, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.status import Status, ToolStatus

Table = Literal["bodies", "tool_calls", "artifacts", "interventions", "requests", "evidence"]
Values = Mapping[str, str | int | float | None]

_NOTHING: Final[Values] = MappingProxyType({})
WATCHER: Final = "watcher"
"""The source of files that were seen rather than reported."""


class Patch(NamedTuple):
    """A change of one row of a child table; its key is (task id, `key`), for evidence (task id, kind:key).

    A named tuple, as a new event is: a flood makes thousands a second.
    """

    table: Table
    key: str
    values: Values
    """Columns to set; None leaves a column as it was."""
    first: Values = _NOTHING
    """Columns to set only where the row is new."""
    creates: bool = True
    """Whether it makes the row where there is none; else it changes nothing then."""


def _created(event: NewEvent, data: lifecycle.TaskCreated, seq: int) -> Patch:
    spec = data.spec
    return Patch(
        "bodies",
        "",
        {
            "spec": spec.model_dump_json(exclude_defaults=True),
            "metadata": json.dumps(spec.metadata) if spec.metadata else None,
            "logging_context": json.dumps(spec.logging_context) if spec.logging_context else None,
        },
    )


def _edited(event: NewEvent, data: lifecycle.TaskEdited, seq: int) -> Patch:
    return Patch(
        "bodies", "", {"spec": data.spec.model_dump_json(exclude_defaults=True) if data.spec else None}
    )


def _finished(event: NewEvent, data: lifecycle.TaskFinished, seq: int) -> Patch:
    return Patch(
        "bodies",
        "",
        {"result_inline": data.result_inline, "usage": json.dumps(data.usage) if data.usage else None},
    )


def _checklist(event: NewEvent, data: evidence.ChecklistUpdated, seq: int) -> Patch:
    return Patch("bodies", "", {"checklist": data.encoded().decode()})


def _tool_started(event: NewEvent, data: work.ToolStarted, seq: int) -> Patch:
    return Patch(
        "tool_calls",
        data.call_id,
        {
            "name": data.name,
            "kind": data.kind,
            "parent_id": data.parent_message_id,
            "input_summary": data.input,
        },
        {"status": ToolStatus.RUNNING, "started_at": event.ts, "seq": seq},
    )


def _tool_completed(event: NewEvent, data: work.ToolCompleted, seq: int) -> Patch:
    ended = ToolStatus.CANCELED if data.canceled else ToolStatus.SUCCESS if data.ok else ToolStatus.FAILED
    return Patch(
        "tool_calls",
        data.call_id,
        {
            "status": ended,
            "ended_at": event.ts,
            "duration_ms": data.duration_ms,
            "output_summary": data.output,
            "detail_ref": data.detail_ref,
            "patch_ref": data.patch_ref,
            "name": data.name,
            **_changed(data),
        },
        {"seq": seq} if data.name else {"seq": seq, "name": "?"},
    )


def _changed(data: work.ToolCompleted) -> Values:
    added, removed = counted(data.diff) if data.diff is not None else (data.added, data.removed)
    return {"added": added, "removed": removed}


def _artifact_added(event: NewEvent, data: work.ArtifactAdded, seq: int) -> Patch:
    words: Values = {"label": data.label, "role": data.role, "source": data.source}
    values: Values = {
        "path": data.path,
        "root": data.root,
        "size_bytes": data.size,
        "mime": data.mime,
        "sha256": data.sha256,
        "summary": data.summary,
        "changed_at": event.ts,
    }
    first: Values = {"created_at": event.ts}
    if data.source == WATCHER:
        # it knows only that the file is there: what the task itself said of it stands
        return Patch("artifacts", data.artifact_id, values, {**first, **words})
    return Patch("artifacts", data.artifact_id, {**words, **values}, first)


def _artifact_changed(event: NewEvent, data: work.ArtifactChanged, seq: int) -> Patch:
    return Patch(
        "artifacts", data.artifact_id, {"size_bytes": data.size, "changed_at": event.ts}, creates=False
    )


def _artifact_removed(event: NewEvent, data: work.ArtifactRemoved, seq: int) -> Patch:
    return Patch("artifacts", data.artifact_id, {"removed_at": event.ts}, creates=False)


def _queued(event: NewEvent, data: people.InterventionQueued, seq: int) -> Patch:
    return Patch(
        "interventions",
        data.intervention_id,
        {
            "user": data.user,
            "text": data.text,
            "mode": data.mode,
            "attachments": json.dumps(data.attachments),
            "request_id": data.request_id,
            "client_token": data.client_token,
        },
        {"state": "queued", "created_at": event.ts},
    )


def _verdict(state: str) -> Callable[[NewEvent, Any, int], Patch]:
    def verdict(event: NewEvent, data: Any, seq: int) -> Patch:
        named = "unknown" if getattr(data, "unknown", False) else state
        at = event.ts if state == "delivered" else None
        return Patch(
            "interventions",
            data.intervention_id,
            {"state": named, "detail": data.detail, "delivered_at": at},
            creates=False,
        )

    return verdict


def _asked(event: NewEvent, data: Any, seq: int) -> Patch:
    approval = isinstance(data, people.ApprovalRequested)
    return Patch(
        "requests",
        data.request_id,
        {
            "kind": "approval" if approval else "input",
            "summary": data.summary if approval else data.question,
            "tool": data.tool if approval else None,
            "context": json.dumps(data.context) if data.context else None,
            "options": json.dumps(data.options),
            "expires_at": data.expires_at,
        },
        {"state": "waiting", "requested_at": event.ts},
    )


def _responded(event: NewEvent, data: people.InputResponded, seq: int) -> Patch:
    return Patch(
        "requests",
        data.request_id,
        {
            "state": "answered",
            "decision": data.answer,
            "decided_by": data.by,
            "decided_from": data.origin,
            "resolved_at": event.ts,
        },
        creates=False,
    )


def _resolved(event: NewEvent, data: people.ApprovalResolved, seq: int) -> Patch:
    return Patch(
        "requests",
        data.request_id,
        {
            "state": "answered",
            "decision": data.decision,
            "scope": data.scope,
            "decided_by": data.by,
            "decided_from": data.origin,
            "reason": data.reason,
            "resolved_at": event.ts,
        },
        creates=False,
    )


def _request_expired(event: NewEvent, data: people.InputExpired, seq: int) -> Patch:
    return Patch(
        "requests",
        data.request_id,
        {"state": "expired", "reason": data.reason, "resolved_at": event.ts},
        creates=False,
    )


def _evidence(kind: str, key: str, record: str, event: NewEvent) -> Patch:
    return Patch("evidence", f"{kind}:{key}", {"kind": kind, "recorded_at": event.ts, "record": record})


_PATCHES: Final[dict[type[Data], Callable[[NewEvent, Any, int], Patch]]] = {
    lifecycle.TaskCreated: _created,
    lifecycle.TaskEdited: _edited,
    lifecycle.TaskFinished: _finished,
    evidence.ChecklistUpdated: _checklist,
    work.ToolStarted: _tool_started,
    work.ToolCompleted: _tool_completed,
    work.ArtifactAdded: _artifact_added,
    work.ArtifactChanged: _artifact_changed,
    work.ArtifactRemoved: _artifact_removed,
    people.InterventionQueued: _queued,
    people.InterventionDelivered: _verdict("delivered"),
    people.InterventionExpired: _verdict("expired"),
    people.InterventionFailed: _verdict("failed"),
    people.InputRequested: _asked,
    people.ApprovalRequested: _asked,
    people.InputResponded: _responded,
    people.ApprovalResolved: _resolved,
    people.InputExpired: _request_expired,
    people.ApprovalExpired: _request_expired,
    evidence.GateRecorded: lambda event, data, seq: _evidence(
        "gate", data.gate.id, data.gate.model_dump_json(), event
    ),
    evidence.AttemptRecorded: lambda event, data, seq: _evidence(
        "attempt", data.attempt.id, data.attempt.model_dump_json(), event
    ),
    evidence.GithubRecorded: lambda event, data, seq: _evidence(
        "github", data.event.id, data.event.model_dump_json(), event
    ),
    work.SegmentCompleted: lambda event, data, seq: _evidence(
        "segment", data.segment_id, data.encoded().decode(), event
    ),
    work.SegmentFailed: lambda event, data, seq: _evidence(
        "segment", data.segment_id, data.encoded().decode(), event
    ),
}


_ENDS: Final = frozenset({lifecycle.TaskRequeued, lifecycle.TaskFinished})
TOUCHING: Final = _ENDS | _PATCHES.keys()
"""Types of events for which `patch_of` or `closing` has an answer."""


def patch_of(event: NewEvent, seq: int) -> Patch | None:
    """Return the change that an event means for the task's child rows, if any.

    The number of a new tool call is its store's to give: one more than the task's last.

    Args:
        event: the fact.
        seq: its position in the task's log.
    """
    make = _PATCHES.get(type(event.data))
    return make(event, event.data, seq) if make is not None else None


def closing(event: NewEvent) -> ToolStatus | None:
    """Return what becomes of tool calls that are open at this event; None when they stay open."""
    data = event.data
    if type(data) not in _ENDS:
        return None
    gentle = isinstance(data, lifecycle.TaskFinished) and data.status in {Status.CANCELED, Status.COMPLETED}
    return ToolStatus.CANCELED if gentle else ToolStatus.FAILED
