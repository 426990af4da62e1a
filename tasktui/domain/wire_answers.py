"""The JSON forms of what a manager answers; this one knows the spec, and with it pydantic."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final, cast

from tasktui.domain.errors import InvalidError
from tasktui.domain.history import Restored
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.records import EvidenceRow
from tasktui.domain.requests import (
    ArtifactChunk,
    CancelResult,
    ChangeSet,
    Disposition,
    Intervene,
    LaneState,
    OutputChunk,
    Schedule,
    Stats,
    Task,
    TaskDetail,
)
from tasktui.domain.spec import TaskSpec
from tasktui.domain.wire import JsonObject, task_from_object, task_object, time_text, time_value
from tasktui.domain.wire_detail import EVIDENCE_LISTS, STORED_TEXTS, belongings_object
from tasktui.domain.wire_events import event_from_object, event_object
from tasktui.domain.wire_records import (
    ARTIFACT,
    INTERVENTION,
    REQUEST,
    TOOL_CALL,
    Form,
    counts_from_object,
    counts_object,
    json_text,
)
from tasktui.domain.wire_types import see_types, told, types_of

LANE: Final = Form(LaneState)
SCHEDULE: Final = Form(Schedule)
RESTORED: Final = Form(Restored)
_STATS: Final = {
    field.name: types_of(str(field.type)) for field in fields(Stats) if field.name not in {"counts", "lanes"}
}


def spec_object(spec: TaskSpec) -> JsonObject:
    """Return what was asked for, without the defaults."""
    return spec.model_dump(mode="json", exclude_defaults=True)


def spec_from_object(made: object) -> TaskSpec:
    """Return the spec of an object.

    Raises:
        InvalidError: it is none.
    """
    try:
        return TaskSpec.model_validate(made)
    except ValueError as exc:
        raise InvalidError(f"not a task's spec: {exc}") from exc


def submitted_object(task: Task) -> JsonObject:
    """Return a task's object with its spec."""
    return task_object(task.row) | {"spec": spec_object(task.spec)}


def submitted_from_object(made: Mapping[str, Any]) -> Task:
    """Return the task of such an object."""
    return Task(row=task_from_object(made), spec=spec_from_object(made.get("spec")))


def detail_object(detail: TaskDetail) -> JsonObject:
    """Return what `show --json` prints: the task's object with what belongs to it."""
    manners = {"intervene": detail.intervene} if detail.intervene is not None else {}
    return submitted_object(detail.task) | belongings_object(detail) | manners


def detail_from_object(made: Mapping[str, Any]) -> TaskDetail:
    """Return the detail of an object."""
    texts = {field: json_text(made.get(name)) for name, field in STORED_TEXTS.items()}
    return TaskDetail(
        task=submitted_from_object(made),
        **texts,
        result_inline=_text(made.get("result_inline")),
        tool_calls=tuple(map(TOOL_CALL.record, made.get("tool_calls") or ())),
        artifacts=tuple(map(ARTIFACT.record, made.get("artifacts") or ())),
        interventions=tuple(map(INTERVENTION.record, made.get("interventions") or ())),
        requests=tuple(map(REQUEST.record, made.get("approvals") or ())),
        evidence=tuple(
            _evidence_record(str(made["id"]), kind, item)
            for kind, name in EVIDENCE_LISTS.items()
            for item in made.get(name) or ()
        ),
        intervene=cast("Intervene | None", _text(made.get("intervene"))),
    )


def cancel_object(result: CancelResult) -> JsonObject:
    """Return what a cancel did."""
    return {"disposition": result.disposition, "task": task_object(result.row)}


def cancel_from_object(made: Mapping[str, Any]) -> CancelResult:
    """Return the result of an object."""
    return CancelResult(
        disposition=cast("Disposition", told(str, made["disposition"])), row=task_from_object(made["task"])
    )


def output_object(chunk: OutputChunk) -> JsonObject:
    """Return a stretch of output; `encoding` says whether `data` is the text itself or base64."""
    return {
        "offset": chunk.offset,
        "next_offset": chunk.next_offset,
        "size": chunk.size,
        **_bytes_object(chunk.data),
        "dropped": chunk.dropped,
        "marks": [(offset, stream, time_text(ts)) for offset, stream, ts in chunk.marks],
    }


def output_from_object(made: Mapping[str, Any]) -> OutputChunk:
    """Return the stretch of an object."""
    return OutputChunk(
        offset=told(int, made["offset"]),
        data=_bytes(made),
        next_offset=told(int, made["next_offset"]),
        size=told(int, made["size"]),
        dropped=tuple((told(int, offset), told(int, size)) for offset, size in made.get("dropped") or ()),
        marks=tuple(
            (told(int, offset), told(int, stream), time_value(ts))
            for offset, stream, ts in made.get("marks") or ()
        ),
    )


def artifact_chunk_object(chunk: ArtifactChunk) -> JsonObject:
    """Return a stretch of an artifact, as `output_object`."""
    return {
        "artifact": ARTIFACT.object(chunk.artifact),
        "offset": chunk.offset,
        "size": chunk.size,
        **_bytes_object(chunk.data),
    }


def artifact_chunk_from_object(made: Mapping[str, Any]) -> ArtifactChunk:
    """Return the stretch of an object."""
    return ArtifactChunk(
        artifact=ARTIFACT.record(made["artifact"]),
        offset=told(int, made["offset"]),
        data=_bytes(made),
        size=told(int, made["size"]),
    )


def stats_object(stats: Stats) -> JsonObject:
    """Return the figures about the whole."""
    made: JsonObject = {name: getattr(stats, name) for name in _STATS}
    return made | {
        "counts": counts_object(stats.counts),
        "lanes": [LANE.object(lane) for lane in stats.lanes],
    }


def stats_from_object(made: Mapping[str, Any]) -> Stats:
    """Return the figures of an object."""
    values = {name: made[name] for name in _STATS if name in made}
    see_types(values, _STATS)
    return Stats(
        counts=counts_from_object(made["counts"]), lanes=tuple(map(LANE.record, made["lanes"])), **values
    )


def outcome_object(outcome: Outcome) -> JsonObject:
    """Return how work ended, without what is not known."""
    return {name: value for name, value in asdict(outcome).items() if value is not None}


def changes_object(changes: ChangeSet) -> JsonObject:
    """Return what changed, without the fields in which nothing did."""
    made: JsonObject = {
        "rows": [task_object(row) for row in changes.rows],
        "removed": changes.removed,
        "counts": counts_object(changes.counts) if changes.counts else None,
        "task_id": changes.task_id,
        "tail": [event_object(event) for event in changes.tail],
        "reread": changes.reread,
        "output": changes.output,
        "live": changes.live,
        "written": changes.written,
        "degraded": changes.degraded,
    }
    return {name: value for name, value in made.items() if value}


def changes_from_object(made: Mapping[str, Any]) -> ChangeSet:
    """Return the changes of an object."""
    counts = made.get("counts")
    return ChangeSet(
        rows=tuple(map(task_from_object, made.get("rows") or ())),
        removed=tuple(told(str, task_id) for task_id in made.get("removed") or ()),
        counts=counts_from_object(counts) if counts else None,
        task_id=_text(made.get("task_id")),
        tail=tuple(map(event_from_object, made.get("tail") or ())),
        reread=bool(made.get("reread")),
        output=bool(made.get("output")),
        live=_pairs(made.get("live")),
        written=_pairs(made.get("written")),
        degraded=_text(made.get("degraded")),
    )


def _evidence_record(task_id: str, kind: str, made: Mapping[str, Any]) -> EvidenceRow:
    at = time_value(made["recorded_at"])
    record = {name: value for name, value in made.items() if name != "key"} | {"recorded_at": at}
    return EvidenceRow(task_id, kind, told(str, made["key"]), at, json_text(record) or "{}")


def _text(value: object) -> str | None:
    return None if value is None else told(str, value)


def _pairs(made: Any) -> tuple[tuple[str, str], ...]:
    return tuple((told(str, name), told(str, text)) for name, text in made or ())


def _bytes_object(data: bytes) -> JsonObject:
    try:
        return {"encoding": "utf-8", "data": data.decode()}
    except UnicodeDecodeError:
        return {"encoding": "base64", "data": b64encode(data).decode()}


def _bytes(made: Mapping[str, Any]) -> bytes:
    data = str(made["data"])
    return b64decode(data) if made.get("encoding") == "base64" else data.encode()
