"""The one screen that is always there: tasks at the left or above, the chosen one beside or below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual import events, on, work

from tasktui.domain.rows import Counts
from tasktui.ui.attention import next_waiting
from tasktui.ui.host import Pane, contexts_here, host, key_of
from tasktui.ui.keymap import Context
from tasktui.ui.messages import RequestDone, TalkWanted, TaskOpened, TaskSelected
from tasktui.ui.screens.roomy import Roomy
from tasktui.ui.text import joined
from tasktui.ui.widgets.footer import Footer
from tasktui.ui.widgets.header import Header
from tasktui.ui.widgets.place import Place
from tasktui.ui.widgets.task_list import TaskList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from textual.app import ComposeResult

    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow
    from tasktui.ui.first_page import FirstPage
    from tasktui.ui.widgets.banner import Banner
    from tasktui.ui.widgets.detail.pane import DetailPane

FAULT_S: Final = 20.0
"""How long a failure of the screen is talked about."""


class Dashboard(Roomy):
    """Tasks and the chosen one; wires its widgets, and shows what the app hands it."""

    AUTO_FOCUS = ""

    def __init__(
        self,
        keymap: Mapping[str, str],
        first: Callable[[], FirstPage] | None = None,
        *,
        classes: Iterable[str] = (),
    ) -> None:
        """Make the dashboard.

        Args:
            keymap: The person's own keys.
            first: Reads what is shown before the manager is there.
            classes: Those of the size, so that the first frame is laid out once.
        """
        super().__init__(classes=" ".join(classes))
        self._keymap = keymap
        self._first = first
        self._shown_id: str | None = None
        self.is_complete = False
        """Whether all is built that changes are shown in."""

    def compose(self) -> ComposeResult:
        """What the first frame shows; `complete` adds the rest."""
        yield Header(id="header")
        with Place(id="tasks"):
            yield TaskList(id="list")
        yield Place(id="detail-place")
        yield Footer(self._keymap, id="footer")

    def on_mount(self) -> None:
        """Show what is known before the manager is there."""
        self.query_one("#tasks").border_title = joined("Tasks")
        self.query_one(Footer).contexts = TaskList.contexts
        self.query_one(Header).place = "connecting…"
        if self._first is not None:
            page = self._first()
            self.list.put(page.pages, page.counts)
            self.show_counts(page.counts)

    async def complete(self) -> None:
        """Build what the first frame does without, once."""
        if self.is_complete:
            return
        from tasktui.ui.screens.dashboard_rest import mount_rest

        await mount_rest(self)
        self.is_complete = True
        self.list.focus()
        self.say_too_small()
        self._show_selected()

    # What the app hands in

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The tasks to which actions go."""
        return self.list.targets

    @property
    def contexts(self) -> tuple[Context, ...]:
        """Which keys hold where the focus is."""
        return self.query_one(Footer).contexts

    @property
    def _banner(self) -> Banner:
        return cast("Banner", self.query_one("#banner"))

    def connected(self) -> None:
        """The manager is there: read through it, once there is where to show it."""
        if not self.is_complete:
            return
        self._banner.say("connection", None)
        self._banner.tell(host(self).notice, key_of(self, "back"))
        from tasktui.ui.machines import several

        self.list.with_hosts = several(host(self).manager) is not None
        self.relist()
        if self.is_active:
            self._show_selected()
        self.query_one(Header).look_for_place()

    def found_again(self) -> None:
        """The manager answers again, perhaps in another process."""
        self.query_one(Header).look_for_place(again=True)

    def disconnected(self, why: str) -> None:
        """The manager is gone; what was read stays."""
        self.query_one(Header).lose_place()
        if self.is_complete:
            self._banner.say("connection", why)

    def say_fault(self, why: str) -> None:
        """Say for a while what failed."""
        self._banner.say("fault", why)
        self.set_timer(FAULT_S, partial(self._banner.say, "fault", None))

    def show_counts(self, counts: Counts) -> None:
        """Show how many tasks stand where."""
        self.query_one(Header).counts = counts
        self.say_too_small()

    def apply(self, changes: ChangeSet) -> None:
        """Take in what changed in the list; a dashboard that is still being built will read it all."""
        if not self.is_complete:
            return
        self.list.apply(changes)
        if changes.counts is not None:
            self.show_counts(changes.counts)
        if changes.hosts is not None:
            self.query_one(Header).stand(changes.hosts)
        if changes.lost:
            self.query_one(Header).lose_place()
        self._banner.say("store", changes.degraded)
        self._aim_footer()

    def apply_to_task(self, changes: ChangeSet) -> None:
        """Take in what changed in the task that is shown."""
        for pane in self._panes():
            pane.apply(changes)

    def focus_for(self, context: Context) -> None:
        """Put the focus where keys of this context hold."""
        if context == "list":
            self.set_focus(self.list)
        elif context in {"detail", "search"} and "list" in self.contexts:
            for pane in self._details():
                self.set_focus(pane.page.view if pane.page else None)

    # What its widgets say

    @on(TaskSelected)
    def _rested(self, event: TaskSelected) -> None:
        self._aim_footer()
        if self.is_active:  # else it is shown when this screen comes back: another one looks at its own task
            self._show_selected()

    @property
    def _talked_to(self) -> TaskRow | None:
        return next((pane.talked_to for pane in self._details()), None)

    def _show_selected(self) -> None:
        """Who types to a task stays with it, wherever the list takes the cursor meanwhile."""
        self._show(self._talked_to or self.selected)

    def _show(self, row: TaskRow | None) -> None:
        title = joined("No task") if row is None else joined((row.title, "bold"), (f"  {row.id}", "dim"))
        self.query_one("#detail-place").border_title = title
        self._shown_id = row.id if row else None
        host(self).look_at(self._shown_id)
        for pane in self._panes():
            pane.show(self._shown_id)

    def _panes(self) -> Iterator[Pane]:
        """The detail pane and the context column, where they stand."""
        places = self.query("#detail-place > *, #context-place > *")
        return (cast("Pane", widget) for widget in places)

    def _details(self) -> Iterator[DetailPane]:
        return (cast("DetailPane", widget) for widget in self.query("DetailPane"))

    @on(TaskOpened)
    def _opened(self, event: TaskOpened) -> None:
        if self.has_class("-narrow") or self.has_class("-tiny"):
            from tasktui.ui.screens.detail import DetailScreen

            self.app.push_screen(DetailScreen(event.task_id, self._keymap))
        for pane in self._details():
            pane.focus_view()

    @on(events.ScreenResume)
    def _resumed(self) -> None:
        if self.is_mounted:
            self._show_selected()

    @on(TalkWanted)
    async def _talk(self, event: TalkWanted) -> None:
        """With the task that was meant: the cursor may not have come to rest, a marked one is elsewhere."""
        self.list.go_to(event.row.id)
        if event.row.id != self._shown_id:
            self._show(event.row)
        for pane in self._details():
            pane.turn_to(event.row)
            if event.way == "message":
                await pane.action_intervene()
            else:
                pane.ask(denying=event.way == "deny")

    @on(RequestDone)
    def _done(self, event: RequestDone) -> None:
        if event.made:
            self.list.expect(event.made)
        for pane in self._details():
            pane.done(event)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the keys that hold where the focus is now, and what was chosen while somebody typed."""
        self.query_one(Footer).contexts = contexts_here(self)
        chosen = self._talked_to or self.selected
        if chosen is not None and chosen.id != self._shown_id:
            self._show(chosen)

    def on_line_scroll_moved(self) -> None:
        """Others hold while there is a search, or lines are selected."""
        self.query_one(Footer).contexts = contexts_here(self)

    def _aim_footer(self) -> None:
        footer = self.query_one(Footer)
        footer.targets = self.targets
        footer.marked = len(self.list.marks)

    # Keys

    def action_pane_maximize(self) -> None:
        """Let the focused pane fill the screen, or end that."""
        if self.has_class("-max-list") or self.has_class("-max-detail"):
            self.remove_class("-max-list", "-max-detail")
        else:
            self.add_class("-max-list" if "list" in self.contexts else "-max-detail")

    def action_option(self, number: int) -> None:
        """Answer the question of the task that is shown, by the number of an option."""
        for pane in self._details():
            pane.take_option(number)

    def action_back(self) -> None:
        """Leave, step by step: what had to be read, the marks, the filter, the large pane, the detail."""
        if self._banner.take_as_read():
            pass
        elif self.list.clear_marks():
            self._aim_footer()
        elif self.has_class("-filtered") and "detail" not in self.contexts:
            self.filter.action_filter_clear()
        else:
            self.remove_class("-max-list", "-max-detail")
            self.list.focus()

    @work(exclusive=True, group="attention")
    async def action_attention_next(self) -> None:
        """Go to the next task that needs somebody."""
        manager = host(self).manager
        here, at = self.selected.id if self.selected else "", self.focused
        found = None if manager is None else await next_waiting(manager, here)
        if found is not None:
            if self._talked_to is not None:
                if self.focused is not at:  # somebody began to type meanwhile
                    return
                self.list.focus()
            self.list.go_to(found)
        elif manager is not None:
            self.notify("Nobody waits for you.")
