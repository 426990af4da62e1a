"""What each route answers: the schemas of the API's answers, and which route has which."""

from __future__ import annotations

from typing import Any, Final, get_args

from tasktui.domain.history import Restored
from tasktui.domain.records import Artifact, InterventionRow, RequestRow, ToolCall
from tasktui.domain.requests import Disposition, LaneState, Schedule, Stats
from tasktui.domain.rows import Counts, SearchHit
from tasktui.domain.wire_detail import EVIDENCE_LISTS, STORED_TEXTS
from tasktui.domain.wire_schema import (
    ANYTHING,
    TIME,
    Schema,
    listed,
    object_of,
    optional,
    record_schema,
    task_row_schema,
)

_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "integer"}
_YES_OR_NO: Final[Schema] = {"type": "boolean"}


def ref(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _page(of: str) -> Schema:
    return object_of({"items": listed(ref(of)), "more": _YES_OR_NO})


def _stretch(**first: Schema) -> Schema:
    bytes_ = {"encoding": {"enum": ["utf-8", "base64"]}, "data": _TEXT}
    return object_of({**first, "offset": _NUMBER, "size": _NUMBER, **bytes_})


def _with(schema: Schema, more: dict[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    return schema | {
        "required": [*schema["required"], *required],
        "properties": schema["properties"] | more,
    }


def _belongings() -> dict[str, Schema]:
    lists = {
        "tool_calls": "ToolCall", "artifacts": "Artifact", "interventions": "Message", "approvals": "Request",
    }  # fmt: skip
    return {
        **{name: listed(ref(of)) for name, of in lists.items()},
        **dict.fromkeys(STORED_TEXTS, ANYTHING),
        **dict.fromkeys(EVIDENCE_LISTS.values(), listed({"type": "object"})),
        "result_inline": optional(_TEXT),
    }


def _without(kind: type, *left_out: str) -> Schema:
    """Return a record's schema without what is written otherwise."""
    made = record_schema(kind, json_text=left_out)["properties"]
    return object_of({name: one for name, one in made.items() if name not in left_out})


def schemas() -> dict[str, Schema]:
    """Return every schema of an answer, by name."""
    paged = ("TaskRow", "StoredEvent", "ToolCall", "Artifact", "SearchHit")
    return _records() | _tasks() | _rest() | {f"PageOf{name}s": _page(name) for name in paged}


def _records() -> dict[str, Schema]:
    return {
        "LaneState": record_schema(LaneState),
        "Schedule": record_schema(Schedule),
        "Artifact": record_schema(Artifact),
        "ToolCall": record_schema(ToolCall),
        "Message": record_schema(InterventionRow, json_text=("attachments",)),
        "Request": record_schema(RequestRow, json_text=("context", "options")),
        "SearchHit": record_schema(SearchHit),
        "Restored": record_schema(Restored),
    }


def _tasks() -> dict[str, Schema]:
    row = task_row_schema()
    task = _with(row, {"spec": ref("TaskSpec")}, required=("spec",))
    by_status = {"type": "object", "additionalProperties": _NUMBER}
    whole = {"counts": ref("Counts"), "lanes": listed(ref("LaneState"))}
    cancel = {"disposition": {"enum": list(get_args(Disposition))}, "task": ref("TaskRow")}
    return {
        "TaskRow": row,
        "Task": task,
        "TaskDetail": _with(task, _belongings(), required=("artifacts", "approvals", "tool_calls")),
        "Canceled": object_of(cancel),
        "Counts": _with(_without(Counts, "by_status"), {"by_status": by_status, "total": _NUMBER}),
        "Stats": _with(_without(Stats, *whole), whole),
    }


def _rest() -> dict[str, Schema]:
    error = {"code": _TEXT, "message": _TEXT, "details": {"type": "object"}}
    event = {
        "v": {"const": 1}, "seq": _NUMBER, "gid": _NUMBER, "task_id": _TEXT, "run": _NUMBER, "ts": TIME,
        "type": _TEXT, "actor": optional({"type": "object"}), "data": {"type": "object"},
    }  # fmt: skip
    output = {"next_offset": _NUMBER, "dropped": {"type": "array"}, "marks": {"type": "array"}}
    health = {"ok": _YES_OR_NO, "pid": _NUMBER, "api": _NUMBER, "oldest": _NUMBER, "version": _TEXT}
    return {
        "Error": object_of({"error": object_of(error)}),
        "StoredEvent": object_of(event),
        "Output": _with(_stretch(), output),
        "ArtifactContent": _stretch(artifact=ref("Artifact")),
        "Health": object_of(health),
        "Readiness": object_of({"ready": _YES_OR_NO, "reason": optional(_TEXT)}),
    }


def _one(name: str, schema: Schema) -> Schema:
    return object_of({name: schema})


ANSWERS: Final[dict[str, Schema]] = {
    "health": ref("Health"), "ready": ref("Readiness"),
    "counts": ref("Counts"), "stats": ref("Stats"), "busy": _one("busy", _NUMBER),
    "lanes": _one("items", listed(ref("LaneState"))), "set_lane": ref("LaneState"),
    "schedules": _one("items", listed(ref("Schedule"))), "stop_schedule": ref("Schedule"),
    "search": ref("PageOfSearchHits"),
    "submit": ref("Task"), "get": ref("Task"), "detail": ref("TaskDetail"),
    "listing": ref("PageOfTaskRows"), "page": ref("PageOfTaskRows"), "count": _one("count", _NUMBER),
    "timeline": ref("PageOfStoredEvents"), "tools": ref("PageOfToolCalls"),
    "artifacts": ref("PageOfArtifacts"), "content": ref("ArtifactContent"),
    "output": ref("Output"), "wait": ref("TaskRow"),
    "look_elsewhere": _one("ok", _YES_OR_NO),
    "cancel": ref("Canceled"), "intervene": ref("Message"), "answer": ref("Request"),
    **dict.fromkeys(("hold", "release", "priority", "reorder", "pause", "resume"), ref("TaskRow")),
    **dict.fromkeys(("finish", "archive", "mark_delivered", "ack"), ref("TaskRow")),
    "edit": ref("Task"), "retry": ref("Task"), "report": object_of({}), "purge": _one("purged", _NUMBER),
    "metadata": ref("TaskDetail"), "run_gate": ref("TaskDetail"), "verify_attempt": ref("TaskDetail"),
    "attach": _one("path", _TEXT), "restore": _one("items", listed(ref("Restored"))),
}  # fmt: skip
"""By the name of the route's function."""

STREAMS: Final = ("events", "task_events", "changes")
"""Those that answer with server-sent events."""


def answer_of(name: str) -> dict[str, Any]:
    """Return the content of a route's good answer."""
    if name in STREAMS:
        return {"text/event-stream": {"schema": {"type": "string"}}}
    if name == "metrics":
        return {"text/plain": {"schema": {"type": "string"}}}
    return {"application/json": {"schema": ANSWERS[name]}}
