"""What is known of a machine that is away, what each is asked, how searches of several are put together."""

from __future__ import annotations

import asyncio
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tasktui.bootstrap.fleet import known as memory
from tasktui.bootstrap.fleet.known import Known
from tasktui.bootstrap.fleet.pages import at_host
from tasktui.bootstrap.fleet.searches import Searches
from tasktui.bootstrap.fleet.totals import own_lane
from tasktui.domain.query import Sort, TaskQuery, Term
from tasktui.domain.rows import Page, SearchHit, TaskRow
from tasktui.domain.selection import cursor_of
from tasktui.domain.status import Kind, Status
from tasktui.store.memory_reads import Contents, Reads, TaskContents


def _row(number: int, priority: int = 0, **more: object) -> TaskRow:
    row = TaskRow(
        f"task_{number}", number, Kind.SHELL, f"title {priority}", "default", Status.QUEUED,
        number, number, number, priority=priority,
    )  # fmt: skip
    return row._replace(**more)  # type: ignore[arg-type]  # fields of a row


@given(
    st.lists(st.integers(-1, 1), max_size=9),
    st.sampled_from(get_args(Sort)),
    st.booleans(),
    st.integers(0, 3),
    st.integers(1, 4),
)
def test_what_is_known_is_listed_as_the_machine_would(
    priorities: list[int], sort: Sort, reverse: bool, skip: int, limit: int
) -> None:
    rows = [_row(number, priority) for number, priority in enumerate(priorities, 1)]
    known, store = Known(), Reads(Contents(tasks={row.id: TaskContents(row) for row in rows}))
    known.put(rows)
    query = TaskQuery(sort=sort, reverse=reverse)
    for place in (None, *(cursor_of(row, query) for row in rows)):
        for beside in ("after", "before"):
            asked = {beside: place}
            expected = asyncio.run(store.page(query, **asked, skip=skip, limit=limit))
            assert known.page(query, **asked, skip=skip, limit=limit) == expected
    assert known.counts() == asyncio.run(store.counts())
    assert known.count(query) == len(rows)


def test_only_the_newest_of_a_task_and_so_many_tasks_are_known() -> None:
    known = Known()
    known.put([_row(1, last_seq=5), _row(1, last_seq=3)])
    assert (found := known.get("task_1")) is not None
    assert found.last_seq == 5
    known.put(_row(number) for number in range(2, memory.MOST + 2))
    assert "task_1" not in known
    known.remove(["task_2", "never there"])
    assert "task_2" not in known
    assert known.count(TaskQuery((Term("text", "contains", ("title",)),))) == memory.MOST - 1
    assert known.count(TaskQuery((Term("tool", "is", ("bash",)),))) == 0


def test_a_machine_is_asked_for_what_can_be_there() -> None:
    def asked(*names: str, negated: bool = False) -> TaskQuery | None:
        return at_host(TaskQuery((Term("host", "is", names, negated),)), "box")

    assert asked("box", "gpu") == TaskQuery()
    assert asked("box", negated=True) is None
    other = asked("gpu")
    assert other is not None
    assert other.terms == (Term("host", "is", ("gpu",)),), "an agent there may run on it"


def test_hits_of_machines_go_on_where_each_stood() -> None:
    def hits(name: str, *times: int) -> dict[int, SearchHit]:
        return {
            place: SearchHit(f"{name}{ts}", "t", "prompt", "x", 1, ts, place)
            for place, ts in enumerate(reversed(times), 1)
        }

    machines = {"a": hits("a", 90, 70, 50, 30), "b": hits("b", 80, 60)}
    searches, found, before, more = Searches(), list[str](), None, True
    while more:
        at = searches.before(before)
        pages = []
        for name, all_hits in machines.items():
            left = [hit for place, hit in reversed(all_hits.items()) if place < at.get(name, 99)]
            pages.append((name, Page(tuple(left[:2]), more=len(left) > 2)))
        page = searches.merged(pages, before, 2)
        found += [hit.task_id for hit in page.items]
        before, more = page.items[-1].place, page.more
    assert found == ["a90", "b80", "a70", "b60", "a50", "a30"]


def test_a_lane_is_named_with_its_machine_or_is_the_usual_ones() -> None:
    assert own_lane("gpu/a/b", {"gpu", "box"}, "box") == ("gpu", "a/b")
    assert own_lane("a/b", {"gpu", "box"}, "box") == ("box", "a/b")
    assert own_lane("default", {"gpu", "box"}, "box") == ("box", "default")
