"""Tasks that have been elsewhere: their facts as they were, brought to rest, and their JSON form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from tasktui.domain import reducer
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.lifecycle import TaskCreated, TaskFinished, TaskHeld, TaskWarning
from tasktui.domain.events.registry import EVENTS, parse
from tasktui.domain.ids import is_task_id
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import TERMINAL, Reason, Status
from tasktui.domain.wire import JsonObject, encode, time_value
from tasktui.domain.wire_events import actor_of_object, event_object

HELD: Final = "imported: release it if it should run"
INTERRUPTED: Final = "it had not ended when it was exported"
MOST: Final = 1 << 53
"""The largest number that is kept: what JSON readers agree on."""
_LONG_NUMBER: Final = re.compile(rb"\d{16}")


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of a task that has been elsewhere."""

    task_id: str
    events: tuple[NewEvent, ...]
    """Its log from `task.created` on; their positions are given anew."""
    live: tuple[NewEvent, ...] = ()
    """Last values that stand outside of the log: progress, tokens, sizes of files."""
    origin: str = ""
    """From where it comes, in words."""

    @property
    def created(self) -> TaskCreated:
        """The first fact.

        Raises:
            InvalidError: it is another one.
        """
        data = self.events[0].data if self.events else None
        if not isinstance(data, TaskCreated):
            raise InvalidError(f"A task begins with task.created: {self.task_id}", id=self.task_id)
        return data


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a history."""

    task_id: str
    outcome: Literal["restored", "known", "refused"]
    """`known`: there is a task of this id already, which stays as it is."""
    detail: str = ""


def row_of(history: History) -> TaskRow:
    """Return where the task stands after its facts.

    Raises:
        InvalidError: it does not begin with its creation.
        IllegalTransitionError: what it tells cannot have been.
    """
    assert history.created is not None  # noqa: S101  # raises where the first fact is another one
    return reducer.fold(reducer.created(history.events[0], 0), history.events[1:])


def at_rest(history: History) -> History:
    """Return the history with an end for what ran and a hold for what waited, so that nothing starts by it.

    Raises:
        InvalidError: it does not begin with its creation, or holds a number that no store can keep.
        IllegalTransitionError: what it tells cannot have been.
    """
    row = row_of(history)
    for event in (*history.events, *history.live):
        if event.task_id != history.task_id or not _keepable(event):
            raise InvalidError(f"{event.type} cannot be kept: {history.task_id}", id=history.task_id)
    if row.status in TERMINAL or (row.status is Status.QUEUED and row.held and row.held_until is None):
        return history
    last = max(event.ts for event in history.events)
    rest: Data = TaskHeld(reason=HELD)
    if row.status is not Status.QUEUED:
        duration_ms = max(0, last - (row.started_at or last))
        rest = TaskFinished(
            status=Status.INTERRUPTED, reason=Reason.PROCESS_RESTART, source="import", evidence=INTERRUPTED,
            duration_ms=duration_ms,
        )  # fmt: skip
    end = NewEvent(history.task_id, row.run_no, last, rest, "manager:import")
    return replace(history, events=(*history.events, end))


def _keepable(event: NewEvent) -> bool:
    """Whether the numbers of a fact fit into a database, with room to add them up."""
    if not 0 <= event.run <= MOST or abs(event.ts) > MOST:
        return False
    raw = event.encoded()
    return _LONG_NUMBER.search(raw) is None or _bounded(json.loads(raw))


def _bounded(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_bounded, value.values()))
    if isinstance(value, list):
        return all(map(_bounded, value))
    return not isinstance(value, int) or abs(value) <= MOST


def history_object(history: History) -> JsonObject:
    """Return a history as an object."""
    return {
        "task_id": history.task_id,
        "events": [event_object(event) for event in history.events],
        "live": [event_object(event) for event in history.live],
        "origin": history.origin,
    }


def history_from_object(made: Mapping[str, Any]) -> History:
    """Return the history of an object; a fact that this version does not know becomes a warning.

    Raises:
        InvalidError: it is none.
    """
    task_id = made.get("task_id")
    if not isinstance(task_id, str) or not is_task_id(task_id):
        raise InvalidError(f"This cannot be the id of a task: {task_id!r}")
    told, live = made.get("events"), made.get("live") or ()
    if not isinstance(told, list) or not isinstance(live, list | tuple):
        raise InvalidError(f"A history has a list of events: {task_id}", id=task_id)
    return History(
        task_id,
        tuple([fact(task_id, one, durability="persisted") for one in told]),
        tuple([fact(task_id, one, durability="transient") for one in live]),
        str(made.get("origin") or ""),
    )


def history_or_refusal(made: Mapping[str, Any]) -> History | Restored:
    """Return the history of an object, or why it is none: one of many that is broken costs only itself."""
    try:
        return history_from_object(made)
    except InvalidError as exc:
        return Restored(str(made.get("task_id")), "refused", exc.message)


def fact(
    task_id: str, made: object, *, durability: Literal["persisted", "transient"] = "persisted"
) -> NewEvent:
    """Return a fact of an envelope, with its data as it came.

    Raises:
        InvalidError: it is none, or one of the other kind.
    """
    try:
        assert isinstance(made, Mapping)  # noqa: S101  # the type checker's; a wrong one is an error below
        name, raw = str(made["type"]), encode(made["data"])
        run, at, actor = int(made["run"]), time_value(made["ts"]), actor_of_object(made)
    except (AssertionError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise InvalidError(f"Not an event of {task_id}: {exc!r}", id=task_id) from exc
    model = EVENTS.get(name)
    if model is None:
        unknown = TaskWarning(message=f"not imported: unknown event type {name[:80]!r}", code="UNKNOWN_EVENT")
        return NewEvent(task_id, run, at, unknown, actor)
    if durability != model.DURABILITY:
        raise InvalidError(f"{name} is not {durability}: {task_id}", id=task_id)
    return NewEvent(task_id, run, at, parse(name, raw), actor, raw)
