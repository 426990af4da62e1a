"""The JSON Schema of a task's object, as `ls --json` prints it; `show --json` adds the optional rest."""

from __future__ import annotations

from typing import Any, Final, get_type_hints

from tasktui.domain.rows import TASK_TYPES, TaskRow
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Attention, Kind, Status
from tasktui.domain.wire import ROW_VERSION, task_object
from tasktui.domain.wire_detail import EVIDENCE_LISTS, STORED_TEXTS

_TIME: Final = {"type": "string", "format": "date-time"}
_TYPES: Final[dict[type, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ONLY_SHOWN: Final = ("spec", "result_inline", "tool_calls", "artifacts", "interventions", "approvals")
"""What only `show` prints, besides the evidence and the stored JSON."""


def task_schema() -> dict[str, Any]:
    """Return the schema, made of the row's own types and of an example of its object."""
    spec = TaskSpec.model_json_schema(ref_template="#/$defs/{model}")
    definitions = spec.pop("$defs", {}) | {"TaskSpec": spec}
    example = task_object(_example())
    properties = {name: _property(name, value) for name, value in example.items()}
    shown: dict[str, Any] = {name: {} for name in (*_ONLY_SHOWN, *STORED_TEXTS, *EVIDENCE_LISTS.values())}
    shown["spec"] = {"$ref": "#/$defs/TaskSpec"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Task",
        "type": "object",
        "required": list(example),
        "properties": shown | properties,
        "$defs": definitions,
    }


def _example() -> TaskRow:
    return TaskRow(
        id="task_0", created_seq=1, kind=Kind.SHELL, title="true", lane="default", status=Status.QUEUED,
        created_at=0, updated_at=0, status_since=0, attention=Attention.NONE, progress_current=0.0,
    )  # fmt: skip


def _property(name: str, value: object) -> dict[str, Any]:
    if name == "schema_version":
        return {"const": ROW_VERSION}
    if name in _HINTS:
        return _of_type(name)
    if isinstance(value, dict):
        inner = {key: {"type": ["number", "string", "null"]} for key in value}
        return {"type": ["object", "null"], "properties": inner}
    return {"type": "array", "items": {"type": "string"}}


def _of_type(name: str) -> dict[str, Any]:
    hint, optional = _HINTS[name], "None" in _WRITTEN[name]
    if _WRITTEN[name].startswith("UnixMs"):
        return _maybe(_TIME, optional=optional)
    options = [one for one in getattr(hint, "__args__", (hint,)) if one is not type(None)]
    kind = options[0]
    if kind in _TYPES:
        return _maybe({"type": _TYPES[kind]}, optional=optional)
    return _maybe({"enum": [str(member) for member in kind]}, optional=optional)


def _maybe(schema: dict[str, Any], *, optional: bool) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]} if optional else schema


_HINTS: Final = {
    name: hint for name, hint in get_type_hints(TaskRow).items() if name not in {"tags", "depends_on"}
}
_WRITTEN: Final = TASK_TYPES
