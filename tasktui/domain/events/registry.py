"""Every event type by its name; how the data of one is read; which ones a task itself may report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from pydantic import ValidationError

from tasktui.domain.errors import InvalidError
from tasktui.domain.events import evidence, lifecycle, people, system, work
from tasktui.domain.events.base import Data
from tasktui.domain.records import StoredEvent

VERSION: Final = 1
"""Version of the envelope."""


def _collect() -> dict[str, type[Data]]:
    found = {}
    for module in (lifecycle, work, people, evidence, system):
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, Data) and item is not Data:
                found[item.TYPE] = item
    return found


EVENTS: Final[dict[str, type[Data]]] = _collect()
"""The model of each event type."""
_READERS: Final[dict[str, Callable[[bytes | str], Data]]] = {
    name: model.__pydantic_validator__.validate_json for name, model in EVENTS.items()
}

REPORTABLE: Final = frozenset(
    {
        "task.progress", "task.status", "task.linked", "task.warning", "task.error", "log",
        "segment.completed", "segment.failed",
        "message.started", "message.delta", "message.completed",
        "tool.started", "tool.progress", "tool.completed",
        "artifact.added", "usage.tokens", "usage.context", "usage.memory",
        "context.compacted", "runtime.event",
        "checklist.updated", "gate.recorded", "attempt.recorded", "github.recorded",
        "input.requested", "approval.requested",
    }
)  # fmt: skip
"""Types that a task may report about itself through its event file or executor."""


def parse(event_type: str, data: bytes | str) -> Data:
    """Read the data of one event from JSON.

    Raises:
        InvalidError: the type is unknown, or the data is not what it needs.
    """
    read = _READERS.get(event_type)
    if read is None:
        raise _unknown(event_type)
    try:
        return read(data)
    except ValidationError as exc:
        raise _invalid(event_type, exc) from exc


def parse_object(event_type: str, data: object) -> Data:
    """Read the data of one event from decoded JSON.

    Raises:
        InvalidError: the type is unknown, or the data is not what it needs.
    """
    model = _model(event_type)
    try:
        return cast("Data", model.__pydantic_validator__.validate_python(data))
    except ValidationError as exc:
        raise _invalid(event_type, exc) from exc


def _model(event_type: str) -> type[Data]:
    model = EVENTS.get(event_type)
    if model is None:
        raise _unknown(event_type)
    return model


def _unknown(event_type: str) -> InvalidError:
    return InvalidError(f"unknown event type: {event_type[:80]!r}")


def _invalid(event_type: str, exc: ValidationError) -> InvalidError:
    first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"])) or "data"
    return InvalidError(f"{event_type}: {where}: {first['msg']}")


def parsed(event: StoredEvent) -> Data:
    """Read the data of a stored event.

    Raises:
        InvalidError: a newer version wrote it.
    """
    return parse(event.type, event.data)
