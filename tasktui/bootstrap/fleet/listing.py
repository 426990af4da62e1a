"""One listing made of those of several machines: pages by keyset, in the listing's own order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

from tasktui.domain.query import Cursor, TaskQuery, Term
from tasktui.domain.rows import Page, TaskRow
from tasktui.domain.selection import order_of

MOST: Final = 1_000
"""Rows that one machine is asked for at once, at most."""
_LAST: Final = 2**62
"""More than any number of creation."""


class Source(Protocol):
    """The listing of one machine, its rows with the machine in them."""

    @property
    def name(self) -> str:
        """What the machine is called."""
        ...

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """Return a stretch of it, as `Manager.page`; with nothing at all where the machine fails."""
        ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one machine is asked for."""

    query: TaskQuery
    after: Cursor | None = None
    before: Cursor | None = None


async def merged_page(
    sources: Sequence[Source],
    query: TaskQuery,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    skip: int = 0,
    limit: int = 64,
) -> Page[TaskRow]:
    """Return a page over all machines.

    Args:
        sources: the machines.
        query: which tasks, in what order.
        after: the row above the page, of any machine.
        before: the row below it.
        skip: rows to pass over, from the top or from `before` upward.
        limit: rows of the page; no more than one machine gives at once.
    """
    limit = min(limit, MOST - len(sources))
    places = {source.name: stretch(query, after, before, source.name) for source in sources}
    passed = dict.fromkeys(places, 0)
    if skip + limit > MOST:
        skip = await _pass_over(sources, places, passed, skip, MOST - limit)
    most = min(MOST, skip + limit)
    pages = await asyncio.gather(*(_read(one, places[one.name], passed[one.name], most) for one in sources))
    rows = _in_order([row for page in pages for row in page.items], query)
    more = any(page.more for page in pages) or len(rows) > skip + limit
    if before is None:
        return Page(tuple(rows[skip : skip + limit]), more)
    end = max(0, len(rows) - skip)
    return Page(tuple(rows[max(0, end - limit) : end]), more)


def stretch(query: TaskQuery, after: Cursor | None, before: Cursor | None, name: str) -> Stretch:
    """Return what a machine is asked for that goes on beside a row of any machine.

    Machines are ordered by name among rows with the same key. The machine of the row has its own place in it.
    In the others that place is a key alone, and for `created` an instant: their numbers say nothing here.
    """
    cursor = after or before
    if cursor is None:
        return Stretch(query)
    rising = query.reverse == (after is not None)
    includes_equal = (name > cursor.host) == rising
    if name == cursor.host:
        key = cursor.created_seq if query.sort == "created" else cursor.key
        place = Cursor(key, cursor.created_seq)
    elif query.sort == "created":
        edge = int(cursor.key or 0) + (includes_equal != rising)
        term = Term("since", ">", (edge,)) if rising else Term("before", "<", (edge,))
        far = Cursor(0, 0) if rising else Cursor(_LAST, _LAST)
        query, place = replace(query, terms=(*query.terms, term)), far
    else:
        place = Cursor(cursor.key, -1 if includes_equal == rising else _LAST)
    return Stretch(query, after=place) if after is not None else Stretch(query, before=place)


async def _pass_over(
    sources: Sequence[Source], places: dict[str, Stretch], passed: dict[str, int], skip: int, enough: int
) -> int:
    """Move `passed` on until no more than `enough` rows are left to pass over, and return how many.

    Of the rows that stand `step` further on in each machine, the nearest one and all before it there are
    among the next `step * machines` rows of the whole: so many are passed over without being read.
    """
    while skip > enough:
        step = skip // len(sources)
        reached = await asyncio.gather(
            *(_read(one, places[one.name], passed[one.name] + step - 1, 1) for one in sources)
        )
        found = {page.items[0].id: one.name for page, one in zip(reached, sources, strict=True) if page.items}
        if not found:
            return skip
        at = places[sources[0].name]
        rows = _in_order([row for page in reached for row in page.items], at.query)
        passed[found[rows[0 if at.before is None else -1].id]] += step
        skip -= step
    return skip


def _read(source: Source, at: Stretch, skip: int, limit: int) -> Awaitable[Page[TaskRow]]:
    return source.page(at.query, after=at.after, before=at.before, skip=skip, limit=limit)


def _in_order(rows: list[TaskRow], query: TaskQuery) -> list[TaskRow]:
    return sorted(rows, key=partial(order_of, query=query), reverse=not query.reverse)
