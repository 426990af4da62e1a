"""One task in full: a headline, seven tabs, the question that waits, and a line to talk to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer

from tasktui.domain.errors import TasktuiError
from tasktui.ui.host import host
from tasktui.ui.keymap import bindings
from tasktui.ui.messages import RequestDone
from tasktui.ui.widgets.detail.answering import Answering, question_of
from tasktui.ui.widgets.detail.headline import Headline, agent_of
from tasktui.ui.widgets.detail.line_scroll import LineScroll
from tasktui.ui.widgets.detail.line_view import IN_DETAIL
from tasktui.ui.widgets.detail.pages import (
    MessagesPage,
    OutputPage,
    TabPage,
    TimelinePage,
    ToolsPage,
    ticking,
)
from tasktui.ui.widgets.detail.record_pages import ArtifactsPage, ChecksPage, InfoPage
from tasktui.ui.widgets.detail.request_bar import RequestBar
from tasktui.ui.widgets.detail.search_bar import SearchBar
from tasktui.ui.widgets.detail.status_line import StatusLine
from tasktui.ui.widgets.detail.tabs import NAMES, TabStrip, counts_of
from tasktui.ui.widgets.intervene_bar import InterveneBar

if TYPE_CHECKING:
    from tasktui.domain.records import Artifact
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow

_PAGES: Final[tuple[type[TabPage], ...]] = (
    TimelinePage, ToolsPage, MessagesPage, OutputPage, ArtifactsPage, ChecksPage, InfoPage,
)  # fmt: skip


class DetailPane(Answering):
    """One task; only the open tab reads and draws."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("answer", "detail")]
    contexts = IN_DETAIL
    """Which keys hold."""

    tab: reactive[int] = reactive(1)
    """The open tab, from 1."""

    class Shown(Message):
        """The task that was asked for is on the screen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock: Timer | None = None
        self._written: tuple[tuple[str, str], ...] = ()
        """What running tool calls wrote, for a tab that is opened later: it is not stored."""
        self._meanwhile: ChangeSet | None = None
        """What changed while the row is read: what is read may be from before that."""

    def compose(self) -> ComposeResult:
        """The frame; a tab joins when it is first opened."""
        yield Headline()
        yield TabStrip()
        yield Container(id="pages")
        yield RequestBar()
        yield SearchBar()
        yield StatusLine()
        yield InterveneBar()

    def on_mount(self) -> None:
        """Be ready to tick; nothing ticks once the task has ended."""
        self._clock = self.set_interval(1, self._tick, pause=True)

    # What the screen hands in

    def show(self, task_id: str | None) -> None:
        """Show a task, or none; its row is read first."""
        self._task_id = task_id
        self._written = ()
        self._meanwhile = None
        self.query_one(Headline).instead = "No task chosen."
        if task_id is None:
            self.row = None
        else:
            self._load(task_id)

    def turn_to(self, row: TaskRow) -> None:
        """Be about a task at once; what its tabs say is read meanwhile."""
        if self.row is None or self.row.id != row.id:
            self.query_one(Headline).agent = ""
            self.row = row
            self._empty()

    @property
    def talked_to(self) -> TaskRow | None:
        """The task that somebody types to."""
        bar = self.query_one(InterveneBar)
        return bar.row if bar.has_focus_within else None

    def apply(self, changes: ChangeSet) -> None:
        """Take in what changed of the shown task; changes of others are left out."""
        changes = changes.about(self._task_id)
        self._written = changes.written or self._written
        fresh = next((row for row in changes.rows if row.id == self._task_id), None)
        if self.row is None or self.row.id != self._task_id:
            self._keep(replace(changes, rows=() if fresh is None else (fresh,)))
            return
        if self._task_id in changes.removed:
            self.show(None)
            return
        if fresh is not None:
            self.row = fresh
        page = self.page
        tail = tuple(event for event in changes.tail if event.task_id == self._task_id)
        if any(event.type.startswith(("input.", "approval.")) for event in tail):
            self.learn_question(self.row)
        elif not changes.lost:
            self.learn_what_is_unread()
        if page is not None and page.task_id == self._task_id:
            page.apply(replace(changes, tail=tail), self.row)
        self.query_one(InterveneBar).take_events(tail)

    def _keep(self, changes: ChangeSet) -> None:
        if self._task_id is not None:
            self._meanwhile = changes if self._meanwhile is None else self._meanwhile.then(changes)

    def done(self, event: RequestDone) -> None:
        """A request of this pane was carried out, or refused."""
        self.query_one(InterveneBar).answered(event)

    @property
    def artifact(self) -> Artifact | None:
        """The artifact under the cursor, where the open tab shows artifacts."""
        return self.page.artifact if isinstance(self.page, ArtifactsPage) else None

    @property
    def page(self) -> TabPage | None:
        """The open tab, once it stands."""
        found = self.query(f"#tab-{self.tab}").results(TabPage)
        return next((page for page in found if page.ready), None)

    # What follows from state

    def watch_row(self, old: TaskRow | None, row: TaskRow | None) -> None:
        """Say everything that is said about the row."""
        self.query_one(Headline).row = row
        self.query_one(InterveneBar).row = row
        if self._clock is not None:
            (self._clock.resume if ticking(row) else self._clock.pause)()
        if question_of(row) != question_of(old):
            self.learn_question(row)
        self.query_one(TabStrip).counts = counts_of(row)
        if row is None:
            self._empty()

    def _empty(self) -> None:
        for page in self.query(TabPage):
            if page.ready:
                page.empty()

    async def watch_tab(self, tab: int) -> None:
        """Show the tab, and let it catch up; make it when it is opened first."""
        self.query_one(TabStrip).open = tab
        if not self.query(f"#tab-{tab}"):
            await self.query_one("#pages").mount(_PAGES[tab - 1](id=f"tab-{tab}"))
        # asked once it stands: somebody may have gone elsewhere meanwhile
        had_focus = any(page.ready and page.view.has_focus for page in self.query(TabPage))
        for page in self.query(TabPage):
            page.display = page.id == f"tab-{tab}"
        self._open_page()
        if had_focus:
            self.focus_view()

    def focus_view(self) -> None:
        """Give the keys to the open tab."""
        if self.page is not None:
            self.page.view.focus()

    @work(group="load", exclusive=True)
    async def _load(self, task_id: str) -> None:
        manager = host(self).manager
        if manager is None:
            return
        try:
            task = await manager.get(task_id)
        except TasktuiError as problem:
            self.row = None
            self.query_one(Headline).instead = problem.message
            return
        if task_id == self._task_id:
            self._task_id = task.row.id
            self.query_one(Headline).agent = agent_of(task.spec)
            shown = self.row
            if shown is None or shown.id != task.row.id or shown.last_seq <= task.row.last_seq:
                self.row = task.row
            self._open_page()
            self._catch_up(task.row)
            self.post_message(self.Shown())

    def _catch_up(self, read: TaskRow) -> None:
        """Take in what changed while the row was read; its row may be as old, or older."""
        missed, self._meanwhile = self._meanwhile, None
        if missed is not None:
            rows = tuple(row for row in missed.rows if row.last_seq >= read.last_seq)
            self.apply(replace(missed, rows=rows))

    def _open_page(self) -> None:
        manager, page = host(self).manager, self.page
        if manager is not None and page is not None and self.row is not None:
            page.show(manager, self.row)
            if isinstance(page, ToolsPage):
                page.source.took(self._written)
            self._tell()

    def _tick(self) -> None:
        self.query_one(Headline).refresh()
        if self.query_one(RequestBar).asked is not None:
            self.query_one(RequestBar).refresh()
        page, row = self.page, self.row
        if page is not None and row is not None and page.task_id == row.id:
            page.tick(row)

    # What its widgets say

    @on(TabStrip.Picked)
    def _picked(self, event: TabStrip.Picked) -> None:
        self.tab = event.tab

    @on(LineScroll.Moved)
    def _tell(self) -> None:
        if self.page is not None:
            self.query_one(StatusLine).tell(self.page.view)

    @on(SearchBar.Wanted)
    def _search(self, event: SearchBar.Wanted) -> None:
        if self.page is not None:
            self.page.view.search(event.text)
            self.focus_view()

    # Keys

    def action_tab(self, tab: int) -> None:
        """Open a tab."""
        self.tab = tab

    def action_tab_next(self) -> None:
        """Open the next tab."""
        self.tab = self.tab % len(NAMES) + 1

    def action_tab_previous(self) -> None:
        """Open the tab before."""
        self.tab = (self.tab - 2) % len(NAMES) + 1

    def action_run_previous(self) -> None:
        """Show the output of the run before."""
        self._turn_run(-1)

    def action_run_next(self) -> None:
        """Show the output of the run after."""
        self._turn_run(1)

    def _turn_run(self, step: int) -> None:
        page, manager = self.page, host(self).manager
        if not isinstance(page, OutputPage) or manager is None or self.row is None:
            self.notify("Runs are chosen in the Output tab.")
        elif not page.turn_run(manager, self.row, step):
            self.notify("It ran once." if self.row.run_no < 2 else "There is no such run.")

    def action_search(self) -> None:
        """Type what to search for."""
        self.query_one(SearchBar).open()

    async def action_intervene(self) -> None:
        """Type a message to the task."""
        await self.query_one(InterveneBar).open()
