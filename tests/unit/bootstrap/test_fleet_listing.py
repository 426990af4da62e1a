"""One listing of several machines: whatever the pages, they are the sorted union."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktui.bootstrap.fleet import listing
from tasktui.bootstrap.fleet.listing import merged_page
from tasktui.domain.hosted import HostRow, hosted
from tasktui.domain.query import Cursor, Sort, TaskQuery
from tasktui.domain.rows import Page, TaskRow
from tasktui.domain.selection import cursor_of, order_of
from tasktui.domain.status import Group, Kind, Status
from tasktui.store.memory_reads import Contents, Reads, TaskContents

NAMES = ("box", "gpu", "lab")


class Machine:
    """The listing of one machine, read as its store reads it."""

    def __init__(self, name: str, rows: Sequence[TaskRow]) -> None:
        self.name = name
        self._reads = Reads(Contents(tasks={row.id: TaskContents(row) for row in rows}))
        self.asked = 0

    def all(self, query: TaskQuery) -> list[TaskRow]:
        page = asyncio.run(self._reads.page(query, limit=10**6))
        return [hosted(row, self.name) for row in page.items]

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        self.asked += limit
        assert limit <= listing.MOST
        page = await self._reads.page(query, after=after, before=before, skip=skip, limit=limit)
        return replace(page, items=tuple(hosted(row, self.name) for row in page.items))


def _row(name: str, number: int, created: int, ended: int | None, priority: int, title: str) -> TaskRow:
    status = Status.COMPLETED if ended is not None else Status.QUEUED
    return TaskRow(
        f"task_{name}{number}", number, Kind.SHELL, title, "default", status, created, created, created,
        finished_at=ended, duration_ms=ended, priority=priority,
    )  # fmt: skip


@st.composite
def machines(draw: st.DrawFn) -> list[Machine]:
    made = []
    for name in NAMES[: draw(st.integers(1, 3))]:
        times = sorted(draw(st.lists(st.integers(0, 9), max_size=12)))
        made.append(
            Machine(
                name,
                [
                    _row(
                        name, number, created, draw(st.none() | st.integers(0, 4)),
                        draw(st.integers(-1, 1)), draw(st.sampled_from("aBcé")),
                    )
                    for number, created in enumerate(times, 1)
                ],
            )
        )  # fmt: skip
    return made


def _union(sources: Sequence[Machine], query: TaskQuery) -> list[TaskRow]:
    rows = [row for one in sources for row in one.all(query)]
    return sorted(rows, key=lambda row: order_of(row, query), reverse=not query.reverse)


queries = st.builds(
    TaskQuery,
    sort=st.sampled_from(get_args(Sort)),
    reverse=st.booleans(),
    group=st.sampled_from([None, Group.QUEUED, Group.FINISHED]),
)


@settings(deadline=None, max_examples=150)
@given(machines(), queries, st.integers(1, 7))
def test_pages_one_after_the_other_are_the_sorted_union(
    sources: list[Machine], query: TaskQuery, limit: int
) -> None:
    expected = _union(sources, query)
    for backward in (False, True):
        got: list[TaskRow] = []
        beside: Cursor | None = None
        while True:
            if backward:
                beside = beside or cursor_of(_beyond_the_end(query), query)
                page = asyncio.run(merged_page(sources, query, before=beside, limit=limit))
                got = [*page.items, *got]
            else:
                page = asyncio.run(merged_page(sources, query, after=beside, limit=limit))
                got = [*got, *page.items]
            if not page.more:
                break
            assert len(page.items) == limit
            beside = cursor_of(page.items[0 if backward else -1], query)
        assert got == expected


def _beyond_the_end(query: TaskQuery) -> TaskRow:
    """A row that stands below all others in the listing."""
    number = 10**6 if query.reverse else -5
    row = _row("z", number, number, number, number, "￿￿" if query.reverse else "")
    return hosted(row._replace(updated_at=number), "zzz" if query.reverse else "0")


@settings(deadline=None, max_examples=100)
@given(machines(), queries, st.integers(0, 40), st.integers(1, 7), st.integers(10, 50))
def test_rows_passed_over_are_the_first_of_the_union(
    sources: list[Machine], query: TaskQuery, skip: int, limit: int, most: int
) -> None:
    expected = _union(sources, query)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(listing, "MOST", most)
        page = asyncio.run(merged_page(sources, query, skip=skip, limit=limit))
    assert list(page.items) == expected[skip : skip + limit]
    assert page.more == (len(expected) > skip + limit)


def test_a_place_deep_in_long_lists_is_reached_without_reading_what_stands_above() -> None:
    sources = [
        Machine(name, [_row(name, at, at * step, None, 0, "x") for at in range(1, 4_001)])
        for name, step in zip(NAMES, (1, 3, 7), strict=True)
    ]
    expected = _union(sources, TaskQuery())
    for one in sources:
        one.asked = 0
    for skip in (3_000, 9_000, 11_990):
        page = asyncio.run(merged_page(sources, TaskQuery(), skip=skip, limit=64))
        assert list(page.items) == expected[skip : skip + 64]
    assert sum(one.asked for one in sources) < 12_000
    assert not asyncio.run(merged_page(sources, TaskQuery(), skip=50_000, limit=64)).items


def test_a_row_of_one_machine_is_a_place_in_all() -> None:
    row = hosted(_row("gpu", 4, 70, None, 0, "x"), "gpu")
    assert isinstance(row, HostRow)
    assert cursor_of(row, TaskQuery()) == Cursor(70, 4, "gpu")
    assert cursor_of(row, TaskQuery(sort="priority")) == Cursor(0, 4, "gpu")
