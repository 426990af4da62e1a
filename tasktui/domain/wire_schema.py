"""JSON Schemas of what `wire*` writes, made of the records' own types. Standard library alone."""

from __future__ import annotations

from enum import Enum
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Attention, Kind, Status
from tasktui.domain.wire import ROW_VERSION, JsonObject, task_object

Schema = dict[str, Any]

TIME: Final[Schema] = {"type": "string", "format": "date-time"}
ANYTHING: Final[Schema] = {}
_TYPES: Final[dict[object, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def optional(schema: Schema) -> Schema:
    """Return the schema of something that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": schema}


def object_of(properties: dict[str, Schema], *, required: tuple[str, ...] | None = None) -> Schema:
    """Return the schema of an object, all of whose properties are there unless some are named."""
    wanted = list(properties) if required is None else list(required)
    return {"type": "object", "required": wanted, "properties": properties}


def record_schema(kind: type, *, json_text: tuple[str, ...] = ()) -> Schema:
    """Return the schema of a record that a `Form` writes.

    Args:
        kind: a dataclass or a named tuple.
        json_text: fields that hold JSON as text and are written as what it says.
    """
    hints = get_type_hints(kind)
    properties: dict[str, Schema] = {}
    for name, annotation in kind.__annotations__.items():
        written = str(getattr(annotation, "__forward_arg__", annotation))
        if name in json_text:
            properties[name] = ANYTHING
        elif written.startswith("UnixMs"):
            properties[name] = optional(TIME) if "None" in written else TIME
        else:
            properties[name] = _of(hints[name])
    return object_of(properties)


def task_row_schema() -> Schema:
    """Return the schema of a task's object, as lists have it."""
    written = record_schema(TaskRow)["properties"]
    return object_of({name: _row_property(name, value, written) for name, value in task_example().items()})


def task_example() -> JsonObject:
    """Return the object of a queued task."""
    row = TaskRow(
        id="task_0123456789abcdef", created_seq=1, kind=Kind.SHELL, title="true", lane="default",
        status=Status.QUEUED, created_at=0, updated_at=0, status_since=0, attention=Attention.NONE,
        progress_current=0.0,
    )  # fmt: skip
    return task_object(row)


def _row_property(name: str, value: object, written: dict[str, Schema]) -> Schema:
    if name == "schema_version":
        return {"const": ROW_VERSION}
    if isinstance(value, dict):
        inner = {key: {"type": ["number", "string", "null"]} for key in value}
        return {"type": ["object", "null"], "properties": inner}
    return listed({"type": "string"}) if isinstance(value, list) else written[name]


def _of(hint: Any) -> Schema:
    """Return the schema of a type."""
    if hint in _TYPES:
        return {"type": _TYPES[hint]}
    origin, inside = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        some = [_of(one) for one in inside if one is not type(None)]
        return {"anyOf": [*some, {"type": "null"}]} if type(None) in inside else {"anyOf": some}
    if origin is Literal:
        return {"enum": list(inside)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [str(member) for member in hint]}
    raise TypeError(f"no schema for {hint!r}")
