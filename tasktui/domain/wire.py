"""The JSON forms that leave the process: here times, errors and the task object that `ls --json` prints.

Made of the standard library alone: commands that only read or only submit load nothing heavier. `wire_events`
has the envelopes of the log, `wire_records` what belongs to a task, `wire_answers` what a manager answers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from tasktui.domain.errors import (
    AmbiguousTaskError,
    CapacityError,
    FilterError,
    InvalidError,
    TasktuiError,
    by_code,
)
from tasktui.domain.rows import TASK_COLUMNS, TASK_TYPES, TaskRow, UnixMs
from tasktui.domain.status import Attention, Kind, Reason, Status
from tasktui.domain.wire_types import see_types, types_of

JsonObject: TypeAlias = dict[str, Any]

ROW_VERSION: Final = 1
"""`schema_version` of the task object."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_FIRST: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MS
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MS

_WORDS: Final = ("tags", "depends_on")
_NESTED: Final[dict[str, dict[str, str]]] = {
    "progress": {
        "current": "progress_current",
        "total": "progress_total",
        "percentage": "progress_percentage",
        "phase": "progress_phase",
    },
    "usage": {
        "input_tokens": "tokens_in",
        "output_tokens": "tokens_out",
        "cost_usd": "cost_usd",
        "context_used": "context_used",
        "context_max": "context_max",
    },
    "counters": {
        name: name
        for name in (
            "tool_calls", "tool_failed", "runtime_events", "segments_ok", "segments_failed", "artifacts",
            "interventions", "warnings", "checks_done", "checks_total",
        )
    },
}  # fmt: skip
_BELOW: Final = {*_WORDS, *(column for columns in _NESTED.values() for column in columns.values())}
_TOP: Final = tuple(name for name in TASK_COLUMNS if name not in _BELOW)
_TIMES: Final = frozenset(name for name, kind in TASK_TYPES.items() if kind.startswith("UnixMs"))
_ENUMS: Final[dict[str, Callable[[str], Any]]] = {
    "kind": Kind, "status": Status, "attention": Attention, "terminal_reason": Reason,
}  # fmt: skip

_LARGEST_TOLD: Final = 1_000_000
"""No error names a larger column, and nobody is told to come back after more seconds."""


_KINDS: Final = {name: types_of(kind) for name, kind in TASK_TYPES.items()}


def encode(value: object) -> bytes:
    """Return compact JSON in UTF-8; what JSON cannot say (NaN, a lone surrogate) becomes null or `?`."""
    try:
        return _dumps(value).encode()
    except ValueError:
        return _dumps(_sayable(value)).encode()


def decode(text: bytes | str) -> JsonObject:
    """Read one JSON object.

    Raises:
        InvalidError: it is not one.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InvalidError(f"not valid JSON: {exc}") from exc
    if not isinstance(value, dict):
        raise InvalidError("not a JSON object")
    return value


def time_text(instant: UnixMs) -> str:
    """Return RFC 3339 in UTC with milliseconds; what lies outside the years 1 to 9999 is drawn to them."""
    moment = _EPOCH + max(_FIRST, min(_LAST, instant)) * _MS
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def time_value(text: str) -> UnixMs:
    """Return the instant of an RFC 3339 time; one without a zone counts as UTC.

    Raises:
        InvalidError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as exc:
        raise InvalidError(f"not a time: {text!r}") from exc
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MS


def task_object(row: TaskRow) -> JsonObject:
    """Return the object of one task: every field, null where there is nothing."""
    made: JsonObject = {"schema_version": ROW_VERSION}
    for name in _TOP:
        value = getattr(row, name)
        made[name] = time_text(value) if value is not None and name in _TIMES else value
    for name in _WORDS:
        made[name] = getattr(row, name).split()
    for group, columns in _NESTED.items():
        made[group] = {name: getattr(row, column) for name, column in columns.items()}
    made["counters"]["events"] = row.last_seq
    if all(value is None for value in made["progress"].values()):
        made["progress"] = None
    return made


def task_from_object(made: Mapping[str, Any]) -> TaskRow:
    """Return the row of a task's object; fields that this version does not know are passed over.

    Raises:
        InvalidError: something that a task must have is missing or wrong.
    """
    try:
        values = {name: _column(name, made[name]) for name in _TOP if name in made}
        for name in _WORDS:
            words = " ".join(made.get(name) or ())
            values[name] = f" {words} " if words else ""
        for group, columns in _NESTED.items():
            told = made.get(group) or {}
            values |= {column: told[name] for name, column in columns.items() if name in told}
        see_types(values, _KINDS)
        return TaskRow(**values)
    except (TypeError, ValueError, AttributeError) as exc:
        raise InvalidError(f"not a task: {exc}") from exc


def error_object(error: TasktuiError) -> JsonObject:
    """Return `{"error": {code, message, details}}`."""
    return {"error": {"code": error.code, "message": error.message, "details": error.details}}


def error_from_object(made: object) -> TasktuiError:
    """Return the error of that object, of its own class where this version knows it; nonsense is one too."""
    told = _mapping(_mapping(made).get("error"))
    details = _mapping(told.get("details"))
    code, message = told.get("code"), told.get("message")
    kind = by_code(code if isinstance(code, str) else "")
    # The classes' own constructors make the message, which is here already.
    error = kind.__new__(kind)
    TasktuiError.__init__(error, message if isinstance(message, str) else "")
    error.details = dict(details)
    if isinstance(error, AmbiguousTaskError):
        candidates = details.get("candidates")
        error.candidates = tuple(map(str, candidates)) if isinstance(candidates, list | tuple) else ()
    elif isinstance(error, FilterError):
        error.column = int(_number(details.get("column"), 1))
    elif isinstance(error, CapacityError):
        error.retry_after_s = _number(details.get("retry_after_s"), 1.0)
    return error


def _column(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return time_value(value)
    kind = _ENUMS.get(name)
    return kind(value) if kind else value


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object, otherwise: float) -> Any:
    return value if isinstance(value, int | float) and 0 <= value <= _LARGEST_TOLD else otherwise


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    """What json asks for a value it does not know: an error's details may hold anything."""
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)


def _sayable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_sayable(str(key)): _sayable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sayable(item) for item in value]
    return value
