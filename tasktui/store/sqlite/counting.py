"""What the maintained counters know, and which listings they can count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.rows import Counts
from tasktui.domain.status import Attention, Group, Status, group_of

COUNTER_COLUMNS: Final = "lane, status, needs_you, held, archived, number"
"""Of the table `counters`, in the order of a `Counter`."""
_COUNTED: Final = frozenset({"status", "lane"})


class Counter(NamedTuple):
    """How many tasks agree in these points."""

    lane: str
    status: str
    needs_you: int
    held: int
    archived: int
    number: int

    @property
    def group(self) -> Group:
        """The section of the list in which they stand."""
        return group_of(self.status, Attention.INPUT if self.needs_you else Attention.NONE)


def is_counted(query: TaskQuery) -> bool:
    """Whether the counters know how many tasks a listing has."""
    return all(term.field in _COUNTED for term in query.terms)


def counts_in(query: TaskQuery, counter: Counter) -> bool:
    """Whether the tasks of a counter belong to a listing that is counted."""
    if bool(counter.archived) != query.archived or query.group not in {None, counter.group}:
        return False
    return all(_fits(term, counter) for term in query.terms)


def _fits(term: Term, counter: Counter) -> bool:
    have = counter.status if term.field == "status" else counter.lane
    return (have in term.values) != term.negated


def summed(counters: Iterable[Counter]) -> Counts:
    """Return the figures of the screen's head."""
    by_status: dict[Status, int] = {}
    needs_you = held = archived = 0
    for counter in counters:
        if counter.archived:
            archived += counter.number
            continue
        status = Status(counter.status)
        by_status[status] = by_status.get(status, 0) + counter.number
        needs_you += counter.number * counter.needs_you
        held += counter.number * counter.held
    ordered = tuple((status, by_status[status]) for status in Status if by_status.get(status))
    return Counts(ordered, needs_you, held, archived)
