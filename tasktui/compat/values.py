"""Values of the replaced systems' events as the texts of facts, and back."""

from __future__ import annotations

import json
from typing import Any

from tasktui.domain.errors import TasktuiError
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.registry import parsed
from tasktui.domain.records import StoredEvent


def data_of(event: StoredEvent | NewEvent) -> Data | None:
    """Return the event's data; None for one that a newer version wrote."""
    if isinstance(event, NewEvent):
        return event.data
    try:
        return parsed(event)
    except TasktuiError:
        return None


def as_text(value: Any) -> str | None:
    """Return a value as text: JSON, unless it is a text already."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def as_value(text: str | None) -> Any:
    """Return what was given: a text that is no JSON object or list was a text."""
    if text is None or not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
