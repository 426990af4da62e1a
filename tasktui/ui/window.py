"""The part of a long list that a screen holds: sections of rows around what is seen, read by keyset pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from tasktui.domain.query import EVERYTHING, Cursor, Sort, TaskQuery
from tasktui.domain.rows import Page, TaskRow
from tasktui.domain.selection import cursor_of, order_of, selects
from tasktui.domain.status import Group

if TYPE_CHECKING:
    from tasktui.domain.requests import ChangeSet

PAGE: Final = 64
"""Rows read at once."""
KEPT: Final = 4 * PAGE
"""Most rows that one section holds."""


class Heading(NamedTuple):
    """The line above a section."""

    group: Group
    total: int


Line: TypeAlias = "Heading | TaskRow | None"
"""What stands on a line; None: not read yet."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Load:
    """A page to read for a section."""

    section: int
    query: TaskQuery
    way: Literal["after", "before", "anew"]
    cursor: Cursor | None = None
    skip: int = 0
    limit: int = PAGE


@dataclass(slots=True, eq=False, repr=False)
class Section:
    """One group of the list: how many tasks it has, and a contiguous stretch of them."""

    group: Group | None
    query: TaskQuery
    total: int = 0
    start: int = 0
    """Position of the first row held."""
    rows: list[TaskRow] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Position after the last row held."""
        return self.start + len(self.rows)

    @property
    def headed(self) -> int:
        """Lines that the heading takes."""
        return int(self.group is not None)

    @property
    def height(self) -> int:
        """Lines of the section; an empty one has none."""
        return self.total + self.headed if self.total else 0

    def line(self, offset: int) -> Line:
        """Return what stands `offset` lines below the section's top."""
        index = offset - self.headed
        if index < 0 and self.group is not None:
            return Heading(self.group, self.total)
        return self.rows[index - self.start] if self.start <= index < self.end else None

    def place(self, row: TaskRow) -> int | None:
        """Return where among the rows held this one belongs, None when it lies outside of them."""
        at = sum(before(held, row, self.query) for held in self.rows)
        if (at == 0 and self.start > 0) or (at == len(self.rows) and self.end < self.total):
            return None
        return at

    def trim(self, *, keep_end: bool) -> None:
        """Forget the rows farthest from where the last page was put."""
        excess = len(self.rows) - KEPT
        if excess > 0 and keep_end:
            del self.rows[:excess]
            self.start += excess
        elif excess > 0:
            del self.rows[KEPT:]


class Window:
    """Sections of a listing, and what to read for the lines that are seen."""

    def __init__(self, query: TaskQuery = EVERYTHING, *, grouped: bool = True) -> None:
        groups: Iterable[Group | None] = Group if grouped else (None,)
        self.sections = [Section(group, section_query(query, group)) for group in groups]
        self.query = query
        self.stale = False
        """Whether rows changed that the window could not place by itself."""

    @property
    def height(self) -> int:
        """Lines of the whole list."""
        return sum(section.height for section in self.sections)

    @property
    def total(self) -> int:
        """Tasks in the whole list."""
        return sum(section.total for section in self.sections)

    def set_totals(self, totals: Mapping[Group | None, int]) -> None:
        """Take each section's size from counters; where it surprises, rows came or went unseen."""
        for section in self.sections:
            total = max(totals.get(section.group, section.total), len(section.rows))
            self.stale = self.stale or (bool(section.rows) and total != section.total)
            section.total = total
            section.start = min(section.start, total - len(section.rows))

    def rows(self) -> Iterator[TaskRow]:
        """Every row held, from the top."""
        for section in self.sections:
            yield from section.rows

    def line(self, y: int) -> Line:
        """Return what stands on a line of the list."""
        for section in self.sections:
            if y < section.height:
                return section.line(y)
            y -= section.height
        return None

    def find(self, task_id: str) -> tuple[Section, int] | None:
        """Return the section that holds a task, and where among its rows."""
        for section in self.sections:
            for index, row in enumerate(section.rows):
                if row.id == task_id:
                    return section, index
        return None

    def line_of(self, task_id: str) -> int | None:
        """Return the line on which a task stands, None when it isn't held."""
        found = self.find(task_id)
        return None if found is None else self.top_of(found[0]) + found[0].headed + found[0].start + found[1]

    def top_of(self, wanted: Section) -> int:
        """Return the line on which a section begins."""
        y = 0
        for section in self.sections:
            if section is wanted:
                break
            y += section.height
        return y

    def needed(self, top: int, bottom: int) -> Load | None:
        """Return the page to read next for these lines: first what is missing there, then its neighbours."""
        for margin in (0, PAGE // 2):
            for number, section in enumerate(self.sections):
                first = top - self.top_of(section) - section.headed - margin
                last = bottom - self.top_of(section) - section.headed + margin
                load = _missing(number, section, max(0, first), min(section.total, last))
                if load is not None:
                    return load
        return None

    def again(self) -> list[Load]:
        """Return what to read to know the held stretches anew; what was seen stays in its place."""
        return [
            Load(number, section.query, "anew", skip=section.start, limit=max(PAGE, len(section.rows)))
            for number, section in enumerate(self.sections)
        ]

    def took(self, load: Load, page: Page[TaskRow]) -> None:
        """Put a page that was read where it belongs."""
        section = self.sections[load.section]
        if load.query != section.query:
            return
        self._forget_elsewhere(section, {row.id for row in page.items})
        if load.way == "before":
            new = _unknown(section, page)
            section.rows[:0] = new
            section.start = max(0, section.start - len(new)) if page.more else 0
            section.trim(keep_end=False)
            return
        if load.way == "anew":
            section.rows = list(page.items)
            section.start = load.skip
        else:
            section.rows.extend(_unknown(section, page))
        section.total = max(section.total, section.end + 1) if page.more else section.end
        section.trim(keep_end=True)

    def apply(self, row: TaskRow) -> None:
        """Take in the newest state of a task."""
        found = self.find(row.id)
        if found is not None and self._stays(*found, row):
            found[0].rows[found[1]] = row
            return
        if found is not None:
            self._take_out(*found)
        if not selects(self.query, row):
            return
        if self.query.terms:
            self.stale = True
        else:
            self._put_in(row)

    def follow(self, changes: ChangeSet) -> None:
        """Take in the rows of a change set, and those that it says are gone."""
        for row in changes.rows:
            self.apply(row)
        for task_id in changes.removed:
            self.remove(task_id)

    def remove(self, task_id: str) -> None:
        """Forget a task that was deleted."""
        found = self.find(task_id)
        if found is not None:
            self._take_out(*found)

    def _forget_elsewhere(self, section: Section, task_ids: Collection[str]) -> None:
        """Take tasks out of the other sections: they were read before, and the tasks have moved since."""
        for other in self.sections:
            moved = [row for row in other.rows if row.id in task_ids] if other is not section else []
            if moved:
                other.rows = [row for row in other.rows if row.id not in task_ids]
                other.total -= len(moved)

    def _stays(self, section: Section, index: int, row: TaskRow) -> bool:
        query = section.query
        return cursor_of(section.rows[index], query) == cursor_of(row, query) and selects(query, row)

    def _take_out(self, section: Section, index: int) -> None:
        del section.rows[index]
        section.total -= 1

    def _put_in(self, row: TaskRow) -> None:
        section = next(section for section in self.sections if section.group in {None, row.group})
        at = section.place(row)
        if at is None:
            self.stale = True
            return
        section.rows.insert(at, row)
        section.total += 1
        section.trim(keep_end=False)


def before(row: TaskRow, other: TaskRow, query: TaskQuery) -> bool:
    """Whether a row stands above another one in a listing."""
    above, below = order_of(row, query), order_of(other, query)
    return above < below if query.reverse else above > below


async def read_all(
    sections: Sequence[Section], read: Callable[[Load], Awaitable[Page[TaskRow]]], most: int
) -> list[TaskRow]:
    """Return every row of some sections from the top, ending soon after there are more than `most`."""
    rows: list[TaskRow] = []
    for number, section in enumerate(sections):
        page: Page[TaskRow] = Page((), more=section.total > 0)
        while page.more and len(rows) <= most:
            after = cursor_of(page.items[-1], section.query) if page.items else None
            page = await read(Load(number, section.query, "after", after, limit=PAGE * 4))
            rows += page.items
    return rows


def section_query(query: TaskQuery, group: Group | None) -> TaskQuery:
    """Return what a section lists: of the finished, what ended last stands first unless sorted otherwise."""
    sort: Sort = "finished" if group is Group.FINISHED and query.sort == "created" else query.sort
    return replace(query, group=group, sort=sort)


def _missing(number: int, section: Section, first: int, last: int) -> Load | None:
    if first >= last or section.start <= first <= last <= section.end:
        return None
    query = section.query
    if not section.rows or first > section.end + PAGE or last < section.start - PAGE:
        return Load(number, query, "anew", skip=max(0, first - PAGE // 2), limit=2 * PAGE)
    if last > section.end:
        return Load(number, query, "after", cursor_of(section.rows[-1], query))
    return Load(number, query, "before", cursor_of(section.rows[0], query))


def _unknown(section: Section, page: Page[TaskRow]) -> list[TaskRow]:
    held = {row.id for row in section.rows}
    return [row for row in page.items if row.id not in held]
