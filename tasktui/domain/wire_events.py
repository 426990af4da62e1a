"""The envelopes of the log as JSON: `{v, seq, gid, task_id, run, ts, type, actor, data}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.records import StoredEvent
from tasktui.domain.wire import JsonObject, decode, encode, time_text, time_value
from tasktui.domain.wire_types import told

if TYPE_CHECKING:
    from tasktui.domain.events.base import NewEvent

ENVELOPE_VERSION: Final = 1
_DATA: Final = b',"data":'
"""Stands once in a line before the data: inside a JSON string the quotes would be escaped."""


def event_object(event: StoredEvent | NewEvent, *, after_seq: int | None = None) -> JsonObject:
    """Return the envelope; an event that is not stored has no `seq` and `gid`.

    Args:
        event: the fact.
        after_seq: of a transient event, the last `seq` before it.
    """
    return _head(event, after_seq) | {"data": json.loads(_data(event))}


def event_line(event: StoredEvent | NewEvent, *, after_seq: int | None = None) -> bytes:
    """Return `event_object` as one line of JSON, with the data's bytes as they lie in the log."""
    data = _data(event)
    if b"\n" in data or b"\r" in data:
        data = encode(json.loads(data))
    return encode(_head(event, after_seq))[:-1] + _DATA + data + b"}"


def event_from_object(made: Mapping[str, Any]) -> StoredEvent:
    """Return the stored event of an envelope.

    Raises:
        InvalidError: it is none.
    """
    return _stored(made, encode(made.get("data")))


def event_from_line(line: bytes | str) -> StoredEvent | NewEvent:
    """Return the event of a line that `event_line` wrote; one without `seq` comes as a `NewEvent`.

    Raises:
        InvalidError: it is none, or an unstored one of a type that this version does not know.
    """
    text = line.encode() if isinstance(line, str) else line
    head, found, rest = text.partition(_DATA)
    if not found:
        raise InvalidError("not an event: it has no data")
    made, data = decode(head + b"}"), rest.rstrip()[:-1]
    return _stored(made, data) if made.get("seq") is not None else _unstored(made, data)


def _head(event: StoredEvent | NewEvent, after_seq: int | None) -> JsonObject:
    made: JsonObject = {"v": ENVELOPE_VERSION}
    if isinstance(event, StoredEvent):
        made |= {"seq": event.seq, "gid": event.gid}
    elif after_seq is not None:
        made["after_seq"] = after_seq
    made |= {"task_id": event.task_id, "run": event.run, "ts": time_text(event.ts), "type": event.type}
    kind, _, name = event.actor.partition(":")
    made["actor"] = ({"kind": kind, "id": name} if name else {"kind": kind}) if kind else None
    return made


def _data(event: StoredEvent | NewEvent) -> bytes:
    return event.data if isinstance(event, StoredEvent) else event.encoded()


def actor_of_object(made: Mapping[str, Any]) -> str:
    """Return the actor of an envelope, as the log has it."""
    actor = made.get("actor") or {}
    kind, name = actor.get("kind", ""), actor.get("id")
    return f"{kind}:{name}" if name else str(kind)


def _stored(made: Mapping[str, Any], data: bytes) -> StoredEvent:
    try:
        return StoredEvent(
            gid=told(int, made["gid"]), task_id=told(str, made["task_id"]), seq=told(int, made["seq"]),
            run=told(int, made["run"]), ts=time_value(made["ts"]),
            type=told(str, made["type"]), actor=actor_of_object(made), data=data,
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as exc:
        raise InvalidError(f"not an event: {exc!r}") from exc


def _unstored(made: Mapping[str, Any], data: bytes) -> NewEvent:
    from tasktui.domain.events.base import NewEvent
    from tasktui.domain.events.registry import parse

    try:
        return NewEvent(
            task_id=told(str, made["task_id"]), run=told(int, made["run"]), ts=time_value(made["ts"]),
            data=parse(str(made["type"]), data), actor=actor_of_object(made),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as exc:
        raise InvalidError(f"not an event: {exc!r}") from exc
