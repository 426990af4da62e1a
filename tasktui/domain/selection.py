"""Whether a row belongs to a listing, and where in it: the meaning of a query, which every store keeps to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from tasktui.domain.query import Cursor, Sort, TaskQuery, Term
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.status import TERMINAL, Attention

NEVER: Final = -1
"""The sort key of what has not happened: before everything else."""


class Beyond(Protocol):
    """What a term may ask that the row does not hold."""

    def prompt(self) -> str:
        """Return what the task was asked to do."""
        ...

    def tools(self) -> Sequence[str]:
        """Return the names of the tools it used."""
        ...

    def said(self, text: str) -> bool:
        """Whether the text stands in anything the task said."""
        ...


def folded(text: str) -> str:
    """Return the text with ASCII letters small, as SQLite's `lower` does."""
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)


def holds(text: str, needle: str) -> bool:
    """Whether the text contains another, in any case of letters."""
    return needle.casefold() in text.casefold()


def _compare(have: float | None, term: Term) -> bool:
    if have is None:
        return False
    limit = float(term.values[0])
    return have >= limit if term.operator == ">" else have < limit


def _ran_ms(row: TaskRow, now: UnixMs) -> int | None:
    if row.duration_ms is not None or row.started_at is None:
        return row.duration_ms
    return max(0, now - row.started_at)


def _has_result_for_client(row: TaskRow) -> bool:
    return row.status in TERMINAL and row.client_id is not None


def _named(column: str) -> Callable[[TaskRow, Term, UnixMs], bool]:
    return lambda row, term, now: getattr(row, column) in term.values


_TESTS: Final[dict[str, Callable[[TaskRow, Term, UnixMs], bool]]] = {
    "status": _named("status"),
    "kind": _named("kind"),
    "lane": _named("lane"),
    "owner": _named("owner"),
    "client": _named("client_id"),
    "request": _named("request_id"),
    "session": _named("session_id"),
    "conversation": _named("conversation_id"),
    "agent": _named("agent_id"),
    "host": lambda row, term, now: row.agent_id in term.values or (row.host or None) in term.values,
    "key": _named("exclusive_key"),
    "needs": lambda row, term, now: row.attention in term.values and row.status not in TERMINAL,
    "tag": lambda row, term, now: any(f" {value} " in row.tags for value in term.values),
    "id": lambda row, term, now: row.id.startswith(tuple(map(str, term.values))),
    "since": lambda row, term, now: _compare(row.created_at, term),
    "before": lambda row, term, now: _compare(row.created_at, term),
    "age": lambda row, term, now: _compare(now - row.created_at, term),
    "duration": lambda row, term, now: _compare(_ran_ms(row, now), term),
    "undelivered": lambda row, term, now: (
        (_has_result_for_client(row) and row.delivered_at is None) == bool(term.values[0])
    ),
    "unacked": lambda row, term, now: (
        (_has_result_for_client(row) and row.acked_at is None) == bool(term.values[0])
    ),
    "acked": lambda row, term, now: (row.acked_at is not None) == bool(term.values[0]),
}


def _asks_beyond(row: TaskRow, term: Term, beyond: Beyond) -> bool:
    texts = [str(value) for value in term.values]
    if term.field == "word":
        return any(holds(row.title, text) or holds(beyond.prompt(), text) for text in texts)
    if term.field == "tool":
        used = {name.casefold() for name in beyond.tools()}
        return any(text.casefold() in used for text in texts)
    return any(beyond.said(text) for text in texts)


def matches(row: TaskRow, terms: Sequence[Term], now: UnixMs, *, beyond: Beyond | None = None) -> bool:
    """Whether a row fits every term.

    Args:
        row: the task.
        terms: as parsed.
        now: the instant from which ages count.
        beyond: where to look for what the row does not hold; without it, a term that needs it is passed over.
    """
    for term in terms:
        test = _TESTS.get(term.field)
        if test is not None:
            fits = test(row, term, now)
        elif beyond is not None:
            fits = _asks_beyond(row, term, beyond)
        else:
            continue
        if fits == term.negated:
            return False
    return True


def selects(query: TaskQuery, row: TaskRow, *, beyond: Beyond | None = None) -> bool:
    """Whether a row belongs to a listing; `beyond` as for `matches`."""
    if (row.archived_at is not None) != query.archived:
        return False
    if query.group is not None and row.group != query.group:
        return False
    return matches(row, query.terms, query.now, beyond=beyond)


_KEYS: Final[dict[Sort, Callable[[TaskRow], str | int]]] = {
    "created": lambda row: row.created_seq,
    "updated": lambda row: row.updated_at,
    "finished": lambda row: NEVER if row.finished_at is None else row.finished_at,
    "duration": lambda row: NEVER if row.duration_ms is None else row.duration_ms,
    "priority": lambda row: row.priority,
    "title": lambda row: folded(row.title),
}


def cursor_of(row: TaskRow, query: TaskQuery) -> Cursor:
    """Return the place of a row in a listing, for the page after or before it.

    Numbers of creation are each machine's own, so over several machines the time of creation counts.
    """
    if row.host and query.sort == "created":
        return Cursor(row.created_at, row.created_seq, row.host)
    return Cursor(_KEYS[query.sort](row), row.created_seq, row.host)


def order_of(row: TaskRow, query: TaskQuery) -> tuple[Any, str, int]:
    """Return by what rows of a listing are ordered, the smallest first: a store's, or several machines'."""
    place = cursor_of(row, query)
    return place.key, place.host, place.created_seq


def is_open(row: TaskRow) -> bool:
    """Whether the task waits for a person now."""
    return row.attention != Attention.NONE and row.status not in TERMINAL
