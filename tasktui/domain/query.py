"""What a list shows: which tasks, in which order, from which place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from tasktui.domain.rows import UnixMs
from tasktui.domain.status import Group

Field = Literal[
    "status", "kind", "lane", "tag", "tool", "host", "owner", "id", "client", "request", "session",
    "conversation", "agent", "since", "before", "age", "duration", "needs", "word", "text", "undelivered",
    "unacked", "acked", "key",
]  # fmt: skip
Operator = Literal["is", "contains", "<", ">"]
Sort = Literal["created", "updated", "finished", "duration", "priority", "title"]


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; the terms of a filter are and-ed, the values of one term or-ed."""

    field: Field
    operator: Operator
    values: tuple[str | int, ...]
    """Words, statuses as stored, milliseconds for durations, Unix milliseconds for instants."""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """One listing; newest first by creation unless `sort` says otherwise."""

    terms: tuple[Term, ...] = ()
    group: Group | None = None
    """Only this section of the list."""
    archived: bool = False
    """Archived tasks instead of the others."""
    sort: Sort = "created"
    reverse: bool = False
    """Oldest, smallest or first in the alphabet first."""
    now: UnixMs = 0
    """The instant from which ages count."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a listing: the sort key and creation order of a row that was seen."""

    key: str | int | float | None
    created_seq: int
    host: str = ""
    """The machine of the row, in a listing over several: there the key of `created` is the time of that."""


EVERYTHING: Final = TaskQuery()
