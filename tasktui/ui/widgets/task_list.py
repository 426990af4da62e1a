"""The list of tasks: reads what is seen, takes in what changed, marks, says where the cursor is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, work
from textual.binding import BindingType
from textual.reactive import var
from textual.timer import Timer

from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import Counts, Page, TaskRow
from tasktui.domain.status import Group
from tasktui.ui.host import host
from tasktui.ui.keymap import bindings
from tasktui.ui.messages import TaskOpened, TaskSelected
from tasktui.ui.totals import totals_of
from tasktui.ui.widgets.window_view import WindowView
from tasktui.ui.window import PAGE, Load, Window

if TYPE_CHECKING:
    from tasktui.domain.requests import ChangeSet

REST_S: Final = 0.08
"""How long the cursor rests on a row before its details are read."""
REREAD_S: Final = 0.25
"""Least time between two readings of what could not be followed."""
MOST_MARKED: Final = 1000
"""Rows that «mark all» reads at most."""


class TaskList(WindowView, inherit_bindings=False):
    """All tasks in their groups. Posts `TaskSelected` when the cursor rests and `TaskOpened` on enter."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]

    marking: var[bool] = var(False, toggle_class="-marking")
    """Whether moving the cursor marks what it passes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rest: Timer | None = None
        self._reread: Timer | None = None

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The tasks to which an action goes: the marked ones, or the one under the cursor."""
        return tuple(self.marks) or ((self.row,) if self.row else ())

    # Reading

    def show(self, query: TaskQuery, *, grouped: bool, totals: Mapping[Group | None, int]) -> None:
        """Show another listing; the cursor stays on its task if that is in it."""
        self.window = Window(query, grouped=grouped)
        self.window.set_totals(totals)
        self.restructured()
        self.fill()

    def put(self, pages: Sequence[tuple[Group, Page[TaskRow]]], counts: Counts) -> None:
        """Show rows that were read elsewhere, for the first frame."""
        for number, section in enumerate(self.window.sections):
            for group, page in pages:
                if section.group is group:
                    self.window.took(Load(number, section.query, "anew"), page)
        self.window.set_totals(totals_of(counts))
        self.restructured()

    def apply(self, changes: ChangeSet) -> None:
        """Take in what changed and repaint only that."""
        for row in changes.rows:
            self.window.apply(row)
            self.marks.update(row)
        for task_id in changes.removed:
            self.window.remove(task_id)
        self.marks.remove(changes.removed)
        if changes.counts is not None and not self.window.query.terms:
            self.window.set_totals(totals_of(changes.counts))
        self.restructured()
        if changes.reread or self.window.stale:
            self._reread_soon()
        self.fill_if_needed()

    def fill_if_needed(self) -> None:
        """Read what is seen but not held."""
        top = self.scroll_offset.y
        if self.window.needed(top, top + self.size.height) is not None:
            self.fill()

    @work(exclusive=True, group="rows")
    async def fill(self) -> None:
        """Read what the visible lines and their neighbours need."""
        window = self.window
        while host(self).manager is not None:
            top = self.scroll_offset.y
            load = window.needed(top, top + self.size.height)
            if load is None:
                return
            window.took(load, await self._page(load))
            self.restructured()

    @work(exclusive=True, group="rows")
    async def reread(self) -> None:
        """Read the held rows again: more changed than could be followed."""
        window = self.window
        window.stale = False
        for load in window.again():
            window.took(load, await self._page(load))
        self.restructured()
        self.fill()

    def _reread_soon(self) -> None:
        if self._reread is None:
            self._reread = self.set_timer(REREAD_S, self._reread_now)

    def _reread_now(self) -> None:
        self._reread = None
        self.reread()

    async def _page(self, load: Load) -> Page[TaskRow]:
        manager = host(self).manager
        if manager is None:
            return Page((), more=True)
        after, before = (load.cursor if load.way == way else None for way in ("after", "before"))
        return await manager.page(load.query, after=after, before=before, skip=load.skip, limit=load.limit)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.fill_if_needed()

    # The cursor

    def landed(self, row: TaskRow | None) -> None:
        """Tell the others once the cursor rests."""
        if self.marking and row is not None:
            self.marks.add([row])
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._rested)

    def _rested(self) -> None:
        self._rest = None
        self.post_message(TaskSelected(self.row))

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

    def action_mark(self) -> None:
        """Mark or unmark the task and go on to the next one."""
        if self.row is not None:
            self.marks.toggle(self.row)
            self.action_list_down()
            self.repaint()

    def action_mark_range(self) -> None:
        """Begin to mark what the cursor passes, or stop."""
        self.marking = not self.marking
        if self.marking and self.row is not None:
            self.marks.add([self.row])
        self.repaint()

    @work(exclusive=True, group="marks")
    async def action_mark_all(self) -> None:
        """Mark every task of the listing, up to a bound."""
        self.marks.add(await self._all_rows())
        self.repaint()

    @work(exclusive=True, group="marks")
    async def action_mark_invert(self) -> None:
        """Mark what isn't marked of the listing, and the reverse."""
        self.marks.invert(await self._all_rows())
        self.repaint()

    def clear_marks(self) -> bool:
        """Unmark all; return whether anything was marked."""
        self.marking = False
        cleared = self.marks.clear()
        self.repaint()
        return bool(cleared)

    async def _all_rows(self) -> list[TaskRow]:
        rows: list[TaskRow] = []
        for number, section in enumerate(self.window.sections):
            more = section.total > 0
            while more and len(rows) < MOST_MARKED:
                page = await self._page(Load(number, section.query, "anew", skip=0, limit=PAGE * 4))
                rows += page.items
                more = False
        return rows[:MOST_MARKED]
