"""ui/window.py: any order of pages and changes shows what a full reading would."""

from __future__ import annotations

from dataclasses import replace
from functools import cmp_to_key

from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.query import EVERYTHING, TaskQuery, Term
from tasktui.domain.rows import Page, TaskRow
from tasktui.domain.selection import cursor_of, selects
from tasktui.domain.status import Attention, Group, Kind, Status
from tasktui.ui.window import KEPT, PAGE, Heading, Load, Window, before


def task(number: int, status: Status = Status.RUNNING, **other: object) -> TaskRow:
    row = TaskRow(
        f"t{number}", number, Kind.SHELL, f"task {number}", "default", status, number, number, number
    )
    return row._replace(**other)  # type: ignore[arg-type]  # test shorthand


def page_of(rows: list[TaskRow], load: Load) -> Page[TaskRow]:
    """What a store answers, by the book."""
    fits = in_order(rows, load.query)
    if load.cursor is not None:
        seen = next(at for at, row in enumerate(fits) if cursor_of(row, load.query) == load.cursor)
        if load.way == "before":
            return Page(tuple(fits[max(0, seen - load.limit) : seen]), more=seen > load.limit)
        fits = fits[seen + 1 :]
    fits = fits[load.skip :]
    return Page(tuple(fits[: load.limit]), more=len(fits) > load.limit)


def in_order(rows: list[TaskRow], query: TaskQuery) -> list[TaskRow]:
    mine = [row for row in rows if selects(query, row)]

    def compare(row: TaskRow, other: TaskRow) -> int:
        return -1 if before(row, other, query) else 1

    return sorted(mine, key=cmp_to_key(compare))


def fill(window: Window, rows: list[TaskRow], top: int, height: int) -> None:
    for _ in range(20):
        load = window.needed(top, top + height)
        if load is None:
            return
        window.took(load, page_of(rows, load))
    raise AssertionError("reads without end")


def totals(rows: list[TaskRow]) -> dict[Group | None, int]:
    return {group: sum(row.group is group for row in rows) for group in Group} | {None: len(rows)}


def whole(rows: list[TaskRow], query: TaskQuery = EVERYTHING) -> list[object]:
    """Every line of the list."""
    lines: list[object] = []
    for section in Window(query).sections:
        mine = in_order(rows, section.query)
        if mine and section.group is not None:
            lines += [Heading(section.group, len(mine)), *mine]
    return lines


def shown(window: Window, top: int, height: int) -> list[object]:
    return [window.line(y) for y in range(top, min(window.height, top + height))]


def test_headings_stand_above_their_rows_and_empty_sections_have_none() -> None:
    rows = [task(1), task(2, attention=Attention.INPUT), task(3, Status.COMPLETED, finished_at=9)]
    window = Window()
    window.set_totals(totals(rows))
    fill(window, rows, 0, 20)
    assert shown(window, 0, 20) == whole(rows)
    assert [line.group for line in shown(window, 0, 20) if isinstance(line, Heading)] == [
        Group.NEEDS_YOU, Group.RUNNING, Group.FINISHED,
    ]  # fmt: skip


def test_a_long_list_holds_a_few_pages_and_shows_every_place() -> None:
    rows = [task(number) for number in range(5000)]
    window = Window()
    window.set_totals(totals(rows))
    expected = whole(rows)
    for top in [*range(0, 1000, 37), 4000, 4980, 4500, 4470, 4400, 4300, 0]:
        fill(window, rows, top, 30)
        assert shown(window, top, 30) == expected[top : top + 30]
        assert sum(1 for _ in window.rows()) <= KEPT + 2 * PAGE


def test_going_down_reads_by_keyset_and_a_jump_by_skipping() -> None:
    rows = [task(number) for number in range(5000)]
    window = Window()
    window.set_totals(totals(rows))
    fill(window, rows, 0, 30)
    near = window.needed(120, 150)
    far = window.needed(3000, 3030)
    assert near is not None
    assert (near.way, near.skip) == ("after", 0)
    assert far is not None
    assert (far.way, far.skip > 2800) == ("anew", True)


def test_a_task_that_ends_moves_to_the_finished() -> None:
    rows = [task(1), task(2)]
    window = Window()
    window.set_totals(totals(rows))
    fill(window, rows, 0, 20)
    rows[0] = rows[0]._replace(status=Status.FAILED, finished_at=50)
    window.apply(rows[0])
    window.set_totals(totals(rows))
    assert shown(window, 0, 20) == whole(rows)


def test_with_a_filter_a_stranger_is_not_guessed_at() -> None:
    window = Window(replace(EVERYTHING, terms=(Term("kind", "is", ("shell",)),)))
    window.apply(task(1))
    assert window.stale
    assert window.height == 0


def test_with_a_filter_what_no_longer_fits_goes() -> None:
    rows = [task(1), task(2)]
    window = Window(replace(EVERYTHING, terms=(Term("status", "is", ("running",)),)))
    window.set_totals(totals(rows))
    fill(window, rows, 0, 9)
    window.apply(rows[0]._replace(status=Status.COMPLETED, finished_at=9))
    assert [row.id for row in window.rows()] == ["t2"]


def test_archived_tasks_leave_the_list() -> None:
    rows = [task(1, Status.COMPLETED, finished_at=5)]
    window = Window()
    window.set_totals(totals(rows))
    fill(window, rows, 0, 9)
    window.apply(rows[0]._replace(archived_at=7))
    assert window.height == 0


CHANGES = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from([Status.QUEUED, Status.RUNNING, Status.COMPLETED])),
    max_size=60,
)


@given(CHANGES, st.integers(0, 250))
def test_the_window_agrees_with_a_full_reading_after_any_changes(
    changes: list[tuple[int, Status]], top: int
) -> None:
    rows = {number: task(number) for number in range(200)}
    window = Window()
    window.set_totals(totals(list(rows.values())))
    fill(window, list(rows.values()), top, 25)
    for at, (number, status) in enumerate(changes):
        ended = 1000 + at if status is Status.COMPLETED else None
        rows[number] = task(number, status, finished_at=ended)
        window.apply(rows[number])
        window.set_totals(totals(list(rows.values())))
    everything = list(rows.values())
    if window.stale:
        for load in window.again():
            window.took(load, page_of(everything, load))
    fill(window, everything, top, 25)
    assert shown(window, top, 25) == whole(everything)[top : top + 25]


def test_a_task_that_moves_while_its_sections_are_read_stands_in_one_of_them() -> None:
    """It runs when that section is read, and has ended when the last one is; then its end is told."""
    window = Window()
    running, ended = task(1), task(1, Status.COMPLETED, finished_at=9)
    for number, section in enumerate(window.sections):
        row = ended if section.group is Group.FINISHED else running
        load = Load(number, section.query, "anew")
        window.took(load, page_of([row], load))
    window.apply(ended)
    assert list(window.rows()) == [ended]
    assert window.total == 1
