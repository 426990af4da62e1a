"""The JSON forms of what belongs to a task, and of listings: the fields of `records` and `rows` by name.

Instants are RFC 3339, and what lies in the store as JSON text stands here as the JSON itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final, Generic, TypeVar

from tasktui.domain.errors import InvalidError
from tasktui.domain.records import Artifact, EvidenceRow, InterventionRow, RequestRow, ToolCall
from tasktui.domain.rows import Counts, Page, SearchHit
from tasktui.domain.status import Status, ToolStatus
from tasktui.domain.wire import JsonObject, encode, time_text, time_value
from tasktui.domain.wire_types import see_types, told, types_of

T = TypeVar("T")


class Form(Generic[T]):
    """How one flat record is written as an object and read back."""

    def __init__(
        self, kind: Callable[..., T], *, json_text: tuple[str, ...] = (), **enums: Callable[[str], Any]
    ) -> None:
        self._kind = kind
        self._fields = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]  # only dataclasses are given
        self._times = {name for name, type_ in self._fields.items() if type_.startswith("UnixMs")}
        self._types = {name: types_of(type_) for name, type_ in self._fields.items()}
        self._json = json_text
        self._enums = enums

    def object(self, record: T) -> JsonObject:
        """Return the record as an object."""
        made = {name: getattr(record, name) for name in self._fields}
        for name in self._times:
            made[name] = None if made[name] is None else time_text(made[name])
        for name in self._json:
            made[name] = json_value(made[name])
        return made

    def record(self, made: Mapping[str, Any]) -> T:
        """Return the record of an object; fields that this version does not know are passed over.

        Raises:
            InvalidError: a field is missing or wrong.
        """
        try:
            values = {name: self._value(name, made[name]) for name in self._fields if name in made}
            see_types(values, self._types)
            return self._kind(**values)
        except (TypeError, ValueError) as exc:
            raise InvalidError(f"not a {getattr(self._kind, '__name__', 'record')}: {exc}") from exc

    def _value(self, name: str, value: Any) -> Any:
        if name in self._json:
            return json_text(value) if value is not None or "None" in self._fields[name] else ""
        if value is not None and name in self._times:
            return time_value(value)
        return self._enums[name](value) if name in self._enums else value


TOOL_CALL: Final = Form(ToolCall, status=ToolStatus)
ARTIFACT: Final = Form(Artifact)
INTERVENTION: Final = Form(InterventionRow, json_text=("attachments",))
REQUEST: Final = Form(RequestRow, json_text=("context", "options"))
EVIDENCE: Final = Form(EvidenceRow, json_text=("record",))
SEARCH_HIT: Final = Form(SearchHit)


def json_value(text: str | None) -> Any:
    """Return the value of a stored JSON text; None where there is none."""
    return json.loads(text) if text else None


def json_text(value: Any) -> str | None:
    """Return a value as it is stored: None stays None."""
    return None if value is None else encode(value).decode()


def counts_object(counts: Counts) -> JsonObject:
    """Return the counters, by status and in all."""
    return {
        "by_status": {str(status): number for status, number in counts.by_status},
        "needs_you": counts.needs_you,
        "held": counts.held,
        "archived": counts.archived,
        "total": counts.total,
    }


def counts_from_object(made: Mapping[str, Any]) -> Counts:
    """Return the counters of an object."""
    try:
        return Counts(
            by_status=tuple((Status(word), told(int, number)) for word, number in made["by_status"].items()),
            needs_you=told(int, made.get("needs_you", 0)),
            held=told(int, made.get("held", 0)),
            archived=told(int, made.get("archived", 0)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise InvalidError(f"not counts: {exc!r}") from exc


def page_object(page: Page[T], form: Callable[[T], JsonObject]) -> JsonObject:
    """Return a page as `{items, more}`."""
    return {"items": [form(item) for item in page.items], "more": page.more}


def page_from_object(made: Mapping[str, Any], form: Callable[[Mapping[str, Any]], T]) -> Page[T]:
    """Return the page of an object."""
    try:
        return Page(items=tuple(form(item) for item in made["items"]), more=bool(made["more"]))
    except (KeyError, TypeError) as exc:
        raise InvalidError(f"not a page: {exc!r}") from exc
