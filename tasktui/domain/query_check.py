"""Whether a listing can be asked for: what comes over the API may be made of anything that fits the types."""

from __future__ import annotations

from typing import Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.query import Cursor, TaskQuery, Term
from tasktui.domain.status import Attention, Kind, Status

_INT64: Final = 2**63
_OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "since": (">",),
    "before": ("<",),
    "age": ("<", ">"),
    "duration": ("<", ">"),
    "word": ("contains",),
    "text": ("contains",),
}
"""All other fields are compared with `is`."""
_NUMBERS: Final = ("since", "before", "age", "duration", "undelivered", "unacked", "acked")
_WORDS: Final[dict[str, frozenset[str]]] = {
    "status": frozenset(map(str, Status)),
    "kind": frozenset(map(str, Kind)),
    "needs": frozenset(map(str, Attention)),
}


def check_query(query: TaskQuery, *places: Cursor | None) -> None:
    """See that a filter could have said this.

    Args:
        query: the listing.
        places: in it.

    Raises:
        InvalidError: one of the terms says nothing.
    """
    for term in query.terms:
        what = _wrong(term)
        if what:
            raise InvalidError(f"body.query.terms: {term.field}: {what}", field=term.field)
    numbers = [query.now, *(place.created_seq for place in places if place is not None)]
    keys = [place.key for place in places if place is not None and isinstance(place.key, int)]
    if not all(_fits(number) for number in (*numbers, *keys)):
        raise InvalidError("body: a number has more than 64 bits")


def _wrong(term: Term) -> str | None:
    operators = _OPERATORS.get(term.field, ("is",))
    if term.operator not in operators:
        return f"it is compared by {' or '.join(operators)}"
    if not term.values:
        return "it needs a value"
    if term.field in _NUMBERS:
        return None if all(map(_fits, term.values)) else "its values are numbers of 64 bits"
    if not all(isinstance(value, str) for value in term.values):
        return "its values are words"
    unknown = set(map(str, term.values)) - _WORDS.get(term.field, set(map(str, term.values)))
    return f"no such value: {', '.join(sorted(unknown))[:100]}" if unknown else None


def _fits(value: object) -> bool:
    return isinstance(value, int) and -_INT64 <= value < _INT64
