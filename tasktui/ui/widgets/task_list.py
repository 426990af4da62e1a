"""The list of tasks: reads what is seen, takes in what changed, marks, says where the cursor is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import events, work
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer

from tasktui.domain.errors import OwnerError, TasktuiError
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import Counts, Page, TaskRow
from tasktui.domain.status import Group
from tasktui.ui.host import host
from tasktui.ui.keymap import Context, bindings
from tasktui.ui.messages import TaskOpened
from tasktui.ui.newest import Newest
from tasktui.ui.totals import totals_of
from tasktui.ui.widgets.resting_view import RestingView
from tasktui.ui.window import Load, Window, read_all

if TYPE_CHECKING:
    from tasktui.domain.requests import ChangeSet
    from tasktui.ui.widgets.list_head import ListHead

REREAD_S: Final = 0.25
"""Least time between two readings of what could not be followed."""
EXPECTED_S: Final = 2.0
"""How long a task that was just made may take to be listed, if the cursor is to go there."""
MOST_MARKED: Final = 1000
"""Rows that «mark all» reads at most."""


class TaskList(RestingView, inherit_bindings=False):
    """All tasks in their groups. Posts `TaskSelected` when the cursor rests and `TaskOpened` on enter."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", "options")]
    contexts: ClassVar[tuple[Context, ...]] = ("list", "act", "answer", "options", "views", "everywhere")
    """Which keys hold."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._reread: Timer | None = None
        self._totals: Mapping[Group | None, int] = {}
        self._wanted = self.window
        self._readings = 0
        self._again = False
        """Whether to read once more after the reading under way."""
        self._expected = ("", 0.0)
        """The task to go to if it is listed before that moment and the person does nothing else meanwhile."""
        self._newest = Newest()

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The tasks to which an action goes: the marked ones, or the one under the cursor."""
        return tuple(self.marks) or ((self.row,) if self.row else ())

    # Reading

    class Listed(Message):
        """The list was read, or tasks came or went: how many fit it, of all."""

        def __init__(self, fit: int, total: int) -> None:
            super().__init__()
            self.fit = fit
            self.total = total

        def can_replace(self, message: Message) -> bool:
            """Only the newest figures count."""
            return isinstance(message, TaskList.Listed)

    def show(self, query: TaskQuery, *, grouped: bool) -> None:
        """Show another listing; the cursor stays on its task if that is in it."""
        self._wanted = Window(query, grouped=grouped)
        self._read_anew(self._wanted)

    def put(self, pages: Sequence[tuple[Group, Page[TaskRow]]], counts: Counts) -> None:
        """Show rows that were read elsewhere, for the first frame."""
        for number, section in enumerate(self.window.sections):
            for group, page in pages:
                if section.group is group:
                    self.window.took(Load(number, section.query, "anew"), page)
        self._totals = totals_of(counts)
        self.window.set_totals(self._totals)
        self.restructured()

    def apply(self, changes: ChangeSet) -> None:
        """Take in what changed and repaint only that."""
        before = self._figures
        self.window.follow(changes)
        self._newest.put(changes)
        for row in changes.rows:
            self.marks.update(row)
        self.marks.remove(changes.removed)
        if changes.counts is not None:
            self._totals = totals_of(changes.counts)
            if self._counted:
                self.window.set_totals(self._totals)
        self.restructured()
        if before != self._figures:
            self._tell_listed()
        self._go_to_expected()
        if changes.reread or self.window.stale:
            self._reread_soon()
        self.fill_if_needed()

    @property
    def _counted(self) -> bool:
        """Whether the counters know this listing's sizes."""
        return not (self.window.query.terms or self.window.query.archived)

    def fill_if_needed(self) -> None:
        """Read what is seen but not held."""
        top = self.scroll_offset.y
        if self.window.needed(top, top + self.size.height) is not None:
            self.fill()

    @work(exclusive=True, group="rows")
    async def fill(self) -> None:
        """Read what the visible lines and their neighbours need."""
        window = self.window
        with suppress(TasktuiError):
            while host(self).manager is not None:
                top = self.scroll_offset.y
                load = window.needed(top, top + self.size.height)
                if load is None:
                    return
                begun = self._newest.count
                window.took(load, await self._page(load))
                self._catch_up(window, begun)
                self.restructured()

    @work(exclusive=True, group="listing")
    async def _read_anew(self, window: Window) -> None:
        """Read a listing's held rows; the old ones stay in sight until the new ones are there.

        A manager that does not answer is the connection's business, which tells the person and reads again.
        """
        begun = self._newest.count
        self._again = False
        self._readings += 1
        try:
            await self._count(window)
            for load in window.again():
                window.took(load, await self._page(load))
        except TasktuiError:
            return
        finally:
            self._readings -= 1
        self.window = window
        window.stale = False
        self._catch_up(window, begun)
        if self._again:
            self._reread_soon()
        self.restructured()
        self._tell_listed()
        self.fill()

    def _catch_up(self, window: Window, begun: int) -> None:
        """Take in what came since a reading began; where that was too much, read once more."""
        for changes in self._newest.since(begun):
            window.follow(changes)
        if window.stale or not self._newest.keeps(begun):
            self._reread_soon()

    @property
    def _figures(self) -> tuple[int, int]:
        """How many tasks fit, of all."""
        total = self.window.total
        return total, self._totals.get(None, total)

    def _tell_listed(self) -> None:
        self.post_message(self.Listed(*self._figures))

    async def _count(self, window: Window) -> None:
        """Count what the counters don't know."""
        manager, query = host(self).manager, window.query
        if manager is None or not (query.terms or query.archived):
            window.set_totals(self._totals)
            return
        window.set_totals({section.group: await manager.count(section.query) for section in window.sections})

    def _reread_soon(self) -> None:
        if self._reread is None:
            self._reread = self.set_timer(REREAD_S, self._reread_now)

    def _reread_now(self) -> None:
        self._reread = None
        if self._readings:
            # it comes to its end first: a slow link would never show a list that changes all the time
            self._again = True
        else:
            self._read_anew(self._wanted)

    async def _page(self, load: Load) -> Page[TaskRow]:
        manager = host(self).manager
        if manager is None:
            raise OwnerError
        after, before = (load.cursor if load.way == way else None for way in ("after", "before"))
        return await manager.page(load.query, after=after, before=before, skip=load.skip, limit=load.limit)

    def fit(self) -> None:
        """Let the headings stand above their columns."""
        super().fit()
        for head in self.screen.query("ListHead"):
            cast("ListHead", head).columns = self._columns

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.fill_if_needed()

    # The cursor

    def landed(self, row: TaskRow | None) -> None:
        """Nobody waits for another task to be listed any more."""
        self._expected = ("", 0.0)
        super().landed(row)

    def on_key(self) -> None:
        """Whatever a person does next, they do it to the task they see."""
        self._expected = ("", 0.0)

    def go_to(self, task_id: str) -> None:
        """Put the cursor on a task that the list holds."""
        line = self.window.line_of(task_id)
        if line is not None:
            self.go(line)

    def expect(self, task_id: str) -> None:
        """Go to a task that was just made, as soon as the list has it; not while a range is marked."""
        if not self.marking:
            self._expected = (task_id, monotonic() + EXPECTED_S)
            self._go_to_expected()

    def _go_to_expected(self) -> None:
        task_id, until = self._expected
        if task_id and self.has_focus and monotonic() < until:
            self.go_to(task_id)

    def on_click(self, event: events.Click) -> None:
        """Go to the row that was clicked; a second click opens it."""
        line = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if line < self.window.height:
            self.go(line)
        if event.chain == 2:
            self.action_task_open()

    def action_task_open(self) -> None:
        """Show the task large."""
        if self.row is not None:
            self.post_message(TaskOpened(self.row.id))

    # Marks

    @work(exclusive=True, group="marks")
    async def action_mark_all(self) -> None:
        """Mark every task of the listing, up to a bound."""
        before = tuple(self.marks)
        with suppress(TasktuiError):
            self.marks.add(await self._all_rows())
        self.remarked(before)

    @work(exclusive=True, group="marks")
    async def action_mark_invert(self) -> None:
        """Mark what isn't marked of the listing, and the reverse."""
        before = tuple(self.marks)
        with suppress(TasktuiError):
            self.marks.invert(await self._all_rows())
        self.remarked(before)

    async def _all_rows(self) -> list[TaskRow]:
        begun = self._newest.count
        rows = await read_all(self.window.sections, self._page, MOST_MARKED)
        rows = self._newest.brought_up(rows, begun)
        if len(rows) > MOST_MARKED:
            self.notify(f"Only the first {MOST_MARKED:,} are marked.", severity="warning")
        return rows[:MOST_MARKED]
