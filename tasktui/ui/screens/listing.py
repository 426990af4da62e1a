"""Which tasks the dashboard lists and in what order: the filter, the sections, the sorting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from textual import on, work
from textual.screen import Screen

from tasktui.domain.query import EVERYTHING, Sort
from tasktui.ui.dialogs import MENU, Choice
from tasktui.ui.host import host
from tasktui.ui.widgets.place import Alike
from tasktui.ui.widgets.task_list import TaskList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasktui.domain.rows import TaskRow
    from tasktui.ui.widgets.empty import EmptyList
    from tasktui.ui.widgets.filter_bar import FilterBar

SORTS: Final = (
    Choice("created", "Newest first"),
    Choice("updated", "Changed last"),
    Choice("finished", "Ended last"),
    Choice("duration", "Longest first"),
    Choice("priority", "Priority"),
    Choice("title", "Title"),
)
"""Orders of the list; the same one again turns it round."""
STATUSES: Final = (
    Choice("", "All"),
    Choice("needs:you", "Needs you"),
    Choice("status:active", "Running"),
    Choice("status:queued", "Queued"),
    Choice("status:completed", "Done"),
    Choice("status:failed,timed_out,lost", "Failed"),
    Choice("status:canceled,interrupted", "Canceled"),
)
"""Filters by status."""


def choices(saved: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return the filters that are offered: by status, and the saved ones by name."""
    return (*STATUSES, *(Choice(f"@{name}", name, text) for name, text in saved.items()))


class Listing(Alike, Screen[None], inherit_bindings=False):
    """A screen with a list of tasks and its filter bar."""

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.query_shown = EVERYTHING
        self._grouped = True

    @property
    def list(self) -> TaskList:
        """The list of tasks."""
        return self.query_one(TaskList)

    @property
    def filter(self) -> FilterBar:
        """The filter above it."""
        return cast("FilterBar", self.query_one("#filter"))

    @property
    def selected(self) -> TaskRow | None:
        """The task under the cursor."""
        return self.list.row

    def relist(self) -> None:
        """Read the list anew."""
        self.list.show(self.query_shown, grouped=self._grouped)

    @on(TaskList.Listed)
    def _listed(self, event: TaskList.Listed) -> None:
        self.filter.shown = (event.fit, event.total)
        self.set_class(event.fit == 0, "-empty")
        cast("EmptyList", self.query_one("#empty")).filter = self.filter.text

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """List what fits."""
        self.query_shown = replace(self.query_shown, terms=event.terms, now=host(self).now())
        self.relist()

    def on_filter_bar_left(self) -> None:
        """Go back to the list."""
        self.set_class(bool(self.filter.text), "-filtered")
        self.list.focus()

    def action_list_filter(self) -> None:
        """Type a filter."""
        self.add_class("-filtered")
        self.filter.open()

    def action_list_group(self) -> None:
        """Show sections, or one list."""
        self._grouped = not self._grouped
        self.relist()

    @work(exclusive=True, group="menu")
    async def action_list_sort(self) -> None:
        """Choose the order."""
        query = self.query_shown
        chosen = await MENU.ask(self.app, "Sort by", SORTS, query.sort)
        if chosen is not None:
            reverse = chosen == query.sort and not query.reverse
            self.query_shown = replace(query, sort=cast("Sort", chosen), reverse=reverse)
            self.relist()

    @work(exclusive=True, group="menu")
    async def action_list_status(self) -> None:
        """Choose a status or a saved filter; it becomes the filter."""
        chosen = await MENU.ask(self.app, "Show", choices(host(self).filters), self.filter.text)
        if chosen is not None:
            self.set_class(bool(chosen), "-filtered")
            self.filter.put(chosen)
