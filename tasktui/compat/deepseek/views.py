"""Tasks as system 004 shows them: pure functions from tasktui's rows and events to its records."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tasktui.compat.deepseek import records
from tasktui.compat.deepseek.history import RECORD
from tasktui.compat.times import instant
from tasktui.domain.clean import summarize
from tasktui.domain.events.base import NewEvent
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Task, TaskDetail
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import AgentWork, CustomWork, TaskSpec
from tasktui.domain.status import Status

NO_TEXT: Final = "(no textual output)"
SUMMARY_CHARS: Final = 240
STATUS: Final = {
    Status.QUEUED: "queued",
    Status.DISPATCHED: "running",
    Status.RUNNING: "running",
    Status.COMPLETED: "completed",
    Status.CANCELED: "canceled",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "failed",
    Status.INTERRUPTED: "failed",
    Status.LOST: "failed",
}
"""The five states of 004 as a view on the stored status."""


def status_of(row: TaskRow) -> str:
    """Return the task's state in 004's words."""
    return STATUS[row.status]


def asked(spec: TaskSpec) -> dict[str, Any]:
    """Return what was asked for: prompt, model, workspace, mode and the three permissions."""
    work = spec.work
    made: dict[str, Any] = {"model": "", "workspace": spec.cwd or "", "mode": "agent"}
    made |= spec.permissions.model_dump()
    if isinstance(work, CustomWork) and "prompt" in work.payload:
        return made | {key: value for key, value in work.payload.items() if value is not None}
    if isinstance(work, AgentWork):
        return made | {"prompt": work.prompt, "model": work.model or "", "mode": work.mode}
    return made | {"prompt": work.headline()}


def summary(task: Task) -> records.TaskSummary:
    """Return the task as lists show it."""
    row, what = task.row, asked(task.spec)
    return records.TaskSummary(
        prompt_summary=summarize(what["prompt"]), model=what["model"], mode=what["mode"], **_stands(row)
    )


def _stands(row: TaskRow) -> dict[str, Any]:
    """Return where the task stands, in the fields that list and record share."""
    return {
        "id": row.id,
        "status": status_of(row),
        "created_at": instant(row.created_at),
        "started_at": instant(row.started_at),
        "ended_at": instant(row.finished_at),
        "duration_ms": row.duration_ms,
        "error": row.error,
        "thread_id": row.thread_id,
        "turn_id": row.turn_id,
    }


def record(detail: TaskDetail, events: Sequence[StoredEvent]) -> records.TaskRecord:
    """Return the whole record of a task; one that came in as a record goes out with its own times."""
    came = detail.task.spec.metadata.get(RECORD)
    if came is not None and detail.task.row.finished_at is not None:
        return _as_it_came(records.TaskRecord.model_validate(came), detail, events)
    return _lived(detail, events)


def _as_it_came(
    came: records.TaskRecord, detail: TaskDetail, events: Sequence[StoredEvent]
) -> records.TaskRecord:
    ends = [event.seq for event in events if event.type == "task.finished"]
    later = _timeline([event for event in events if ends and event.seq > ends[0]], {})
    fresh = records.TaskRecord.model_validate({**came.model_dump(), **_evidence(detail, events)})
    changes = {"timeline": came.timeline + later, "schema_version": records.SCHEMA_VERSION}
    if not later:
        return came.model_copy(update=changes)
    return fresh.model_copy(update=changes | {"artifacts": _artifacts(detail)})


def _lived(detail: TaskDetail, events: Sequence[StoredEvent]) -> records.TaskRecord:
    row, what = detail.task.row, asked(detail.task.spec)
    paths = {one.artifact_id: one.path for one in detail.artifacts}
    said = row.result_summary or (NO_TEXT if row.status is Status.COMPLETED else None)
    return records.TaskRecord(
        schema_version=records.SCHEMA_VERSION,
        **_stands(row),
        **{key: what[key] for key in ("prompt", "model", "workspace", "mode")},
        **{key: what[key] for key in ("allow_shell", "trust_mode", "auto_approve")},
        terminal_reason=row.terminal_reason,
        result_summary=said,
        result_detail_path=paths.get(row.result_ref or ""),
        runtime_event_count=row.runtime_events,
        tool_calls=_tool_calls(detail, paths),
        timeline=_timeline(events, paths),
        artifacts=_artifacts(detail),
        **_evidence(detail, events),
    )


def _tool_calls(detail: TaskDetail, paths: Mapping[str, str]) -> list[records.TaskToolCallSummary]:
    calls = sorted(detail.tool_calls, key=lambda call: call.number)
    return [
        records.TaskToolCallSummary(
            id=call.call_id, name=call.name, status=call.status, started_at=instant(call.started_at),
            ended_at=instant(call.ended_at), duration_ms=call.duration_ms, input_summary=call.input_summary,
            output_summary=call.output_summary, detail_path=paths.get(call.detail_ref or ""),
            patch_ref=paths.get(call.patch_ref or ""),
        )
        for call in calls
    ]  # fmt: skip


def _artifacts(detail: TaskDetail) -> list[records.TaskArtifactRef]:
    kept = (one for one in detail.artifacts if one.removed_at is None)
    return [
        records.TaskArtifactRef(
            label=one.label, path=one.path, summary=one.summary or "", created_at=instant(one.created_at)
        )
        for one in sorted(kept, key=lambda one: one.created_at)
    ]


def _timeline(events: Sequence[StoredEvent], paths: Mapping[str, str]) -> list[records.TaskTimelineEntry]:
    entries = (timeline_entry(event, paths) for event in events)
    return [entry for entry in entries if entry is not None]


def _evidence(detail: TaskDetail, events: Sequence[StoredEvent]) -> dict[str, Any]:
    """Return checklist, gates, attempts and GitHub events, each with when it was recorded."""
    made: dict[str, Any] = {"gates": [], "attempts": [], "github_events": []}
    fields = {"gate": "gates", "attempt": "attempts", "github": "github_events"}
    for one in detail.evidence:
        if one.kind in fields:
            made[fields[one.kind]].append(json.loads(one.record) | {"recorded_at": instant(one.recorded_at)})
    if detail.checklist is not None:
        changed = [event.ts for event in events if event.type == "checklist.updated"]
        made["checklist"] = json.loads(detail.checklist) | {"updated_at": instant(max(changed, default=None))}
        items = made["checklist"]["items"]
        done = sum(item.get("status") == "completed" for item in items)
        made["checklist"].setdefault("completion_pct", 100 * done // max(1, len(items)))
    return made


def timeline_entry(
    event: StoredEvent | NewEvent, paths: Mapping[str, str] | None = None
) -> records.TaskTimelineEntry | None:
    """Return an event as a line of 004's timeline; None for what it does not show.

    Args:
        event: a stored event, or a transient one of a subscription.
        paths: the files of the task by their ids.
    """
    teller = _TELLERS.get(event.type)
    if teller is None:
        return None
    data = json.loads(event.data if isinstance(event, StoredEvent) else event.encoded())
    kind, text, ref = teller(data)
    if not kind:
        return None
    return records.TaskTimelineEntry(
        timestamp=instant(event.ts), kind=kind, summary=summarize(text, SUMMARY_CHARS),
        detail_path=(paths or {}).get(ref or ""),
    )  # fmt: skip


Told = tuple[str, str, str | None]


def _finished(data: dict[str, Any]) -> Told:
    if data["reason"] == "canceled_before_start":
        return "canceled", "Task canceled before execution", None
    text = data.get("error") or data.get("result_summary") or f"Task {STATUS[Status(data['status'])]}"
    return "finished", text, data.get("result_ref")


def _artifact(data: dict[str, Any]) -> Told:
    ref = data["artifact_id"]
    if data.get("role") == "patch":
        return "patch_ref", f"Patch artifact {data['path']}", ref
    kinds = {"result": "result_ref", "tool_output": ""}
    kind = kinds.get(data.get("role", ""), "artifact")
    return kind, data["label"], ref


def _linked(data: dict[str, Any]) -> Told:
    named = (f"{key[:-3]} {data[key]}" for key in ("thread_id", "turn_id", "session_id") if data.get(key))
    return "runtime_link", ", ".join(named), None


def _tool_completed(data: dict[str, Any]) -> Told:
    how = "completed" if data.get("ok", True) else "failed"
    return "tool_completed", f"{data.get('name') or data['call_id']} {how}", data.get("detail_ref")


def _fixed(kind: str, text: str) -> Callable[[dict[str, Any]], Told]:
    return lambda _: (kind, text, None)


def _field(kind: str, field: str) -> Callable[[dict[str, Any]], Told]:
    return lambda data: (kind, str(data.get(field) or ""), data.get("ref"))


_TELLERS: Final[dict[str, Callable[[dict[str, Any]], Told]]] = {
    "task.created": _fixed("queued", "Task queued"),
    "task.started": _fixed("running", "Task started"),
    "task.cancel_requested": _fixed("cancel_requested", "Cancellation requested"),
    "task.recovered": _fixed("recovered", "Task recovered after restart"),
    "task.requeued": _fixed("recovered", "Task queued again"),
    "task.finished": _finished,
    "task.linked": _linked,
    "task.status": _field("status", "message"),
    "task.error": _field("error", "message"),
    "task.warning": _field("error", "message"),
    "message.delta": _field("message", "delta"),
    "message.completed": _field("message", "content"),
    "tool.started": lambda data: ("tool_started", data["name"], None),
    "tool.progress": _field("tool_progress", "text"),
    "tool.completed": _tool_completed,
    "artifact.added": _artifact,
    "runtime.event": lambda data: ("runtime_event", f"{data['event']} {data['summary']}".strip(), None),
    "checklist.updated": lambda data: ("checklist", f"{len(data['items'])} items", None),
    "gate.recorded": lambda data: ("gate", f"{data['gate']['gate']} {data['gate']['status']}", None),
    "attempt.recorded": lambda data: ("pr_attempt", data["attempt"]["summary"], None),
    "github.recorded": lambda data: ("github", f"{data['event']['action']} {data['event']['summary']}", None),
}
