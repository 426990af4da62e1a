"""The seven tabs: which source each shows, and how it takes in what changes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical

from tasktui.domain.errors import TasktuiError
from tasktui.domain.status import TERMINAL
from tasktui.ui.host import key_of
from tasktui.ui.rereading import Rereading, Turn
from tasktui.ui.widgets.detail.line_view import LineView
from tasktui.ui.widgets.detail.messages_tab import MessagesSource
from tasktui.ui.widgets.detail.output import OutputSource
from tasktui.ui.widgets.detail.timeline import TimelineSource
from tasktui.ui.widgets.detail.tools import ToolsSource, touches_tools

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow


class TabPage(Vertical):
    """One tab of one task; works only while it is open."""

    POINTS: ClassVar[bool] = True
    """Whether there is a cursor."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.task_id: str | None = None
        self._through: Manager | None = None
        """Whom its source asks."""
        self.reading = Rereading()

    def compose(self) -> ComposeResult:
        """One long view."""
        yield LineView(points=self.POINTS)

    @property
    def ready(self) -> bool:
        """Whether what it is made of is there."""
        return bool(self.query(LineView))

    @property
    def view(self) -> LineView:
        """The long view that keys go to."""
        return self.query_one(LineView)

    def show(self, manager: Manager, row: TaskRow) -> None:
        """Show a task, from its end or as it was left."""
        if row.id != self.task_id or manager is not self._through:
            self.task_id, self._through = row.id, manager
            self.begin(manager, row)
        else:
            self.catch_up(row)

    def empty(self) -> None:
        """Show no task."""
        self.task_id = None
        self.view.detach()

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """Show a task for the first time."""

    def catch_up(self, row: TaskRow) -> None:
        """The tab is open again: show what came meanwhile."""

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Take in what changed."""

    def tick(self, row: TaskRow) -> None:
        """A second has gone by."""


class TimelinePage(TabPage):
    """Tab 1."""

    source: TimelineSource

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """From the end."""
        self.source = TimelineSource(manager, row.id, row.last_seq)
        self.view.attach(self.source)

    def catch_up(self, row: TaskRow) -> None:
        """Only the number of events has to be known."""
        self.source.take((), row.last_seq)
        self.view.grow()

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Append what came."""
        if changes.tail or row.last_seq >= self.source.stop:
            self.view.grow(self.source.take(changes.tail, row.last_seq))


class ToolsPage(TabPage):
    """Tab 2."""

    source: ToolsSource

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """From the end."""
        self.source = ToolsSource(manager, row.id, row.tool_calls)
        self.view.attach(self.source)

    def catch_up(self, row: TaskRow) -> None:
        """Calls may have ended meanwhile."""
        self.source.stop = row.tool_calls + 1
        self.view.grow()
        self.view.reread()

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Read the calls in sight again when one of them may have changed."""
        wrote = self.source.took(changes.written)
        if changes.reread or touches_tools(changes.tail):
            self.catch_up(row)
        else:
            self.view.redraw({item: value for item in wrote if (value := self.view.window.value(item))})


class MessagesPage(TabPage):
    """Tab 3."""

    source: MessagesSource
    _coming: MessagesSource
    """The one that is shown once it knows the newest messages."""

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """From the end; older ones when somebody goes there."""
        self.source = self._coming = MessagesSource(manager, row.id)
        self.view.detach()
        self._open(self.reading.anew(row.id), manager, row.id)

    def catch_up(self, row: TaskRow) -> None:
        """Find them again, for those that came meanwhile are not known; the old stay in sight until then."""
        if row.status in TERMINAL:
            self.source.live = ()
        if self._through is not None and (turn := self.reading.ask(row.id)) is not None:
            self._open(turn, self._through, row.id)

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Append messages, show verdicts, and what is being written."""
        if changes.reread:
            self.catch_up(row)
            return
        if self._coming is not self.source:
            self._coming.take(changes.tail, changes.live)
        fresh = self.source.take(changes.tail, changes.live)
        if self.view.window.source is not self.source:
            return
        self.view.grow(fresh)
        self.view.redraw(fresh)
        if any(event.type.startswith(("intervention.", "input.", "approval.")) for event in changes.tail):
            self.view.redo()

    @work(group="messages", exclusive=True)
    async def _open(self, turn: Turn, manager: Manager, task_id: str) -> None:
        await self.reading.until_read(turn, partial(self._open_once, manager, task_id))

    async def _open_once(self, manager: Manager, task_id: str) -> None:
        self._coming = source = MessagesSource(manager, task_id, self.source.live)
        try:
            await source.open()
        except TasktuiError as problem:
            self.view.trouble = problem.message
            return
        if source is self._coming and task_id == self.task_id:
            self.source = source
            self.view.attach(source)

    def on_line_scroll_moved(self) -> None:
        """At the first message that is known, look for older ones."""
        if self.task_id is not None and self.source.older and self.view.at_top and self.source.first < 0:
            self._reach_back(self.source)

    @work(group="older", exclusive=True)
    async def _reach_back(self, source: MessagesSource) -> None:
        if await source.reach_back() and source is self.source:
            self.view.grow()


class OutputPage(TabPage):
    """Tab 4."""

    POINTS = False
    source: OutputSource

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._reading = False
        self._grown = False
        self._run: int | None = None

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """From the end."""
        self._begin(OutputSource(manager, row.id), row, None)

    def catch_up(self, row: TaskRow) -> None:
        """There may be more, or another run."""
        self._say_run(row)
        self._more()

    def turn_run(self, manager: Manager, row: TaskRow, step: int) -> bool:
        """Show the output of a former or later run; return whether there is one."""
        run = (self._run or row.run_no) + step
        if not 1 <= run <= row.run_no:
            return False
        wanted = None if run == row.run_no else run
        self._begin(OutputSource(manager, row.id, wanted), row, wanted)
        return True

    def _begin(self, source: OutputSource, row: TaskRow, run: int | None) -> None:
        self.source, self._run = source, run
        self._say_run(row)
        self.view.detach()
        self._more()

    def _say_run(self, row: TaskRow) -> None:
        if row.run_no > 1:
            keys = f"{key_of(self, 'run.previous')} {key_of(self, 'run.next')}"
            self.source.about = f"run {self._run or row.run_no} of {row.run_no} · {keys} other runs"

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Read on where the output ended."""
        if changes.output or changes.reread:
            self._more()

    def _more(self) -> None:
        """Read on; what comes meanwhile is read after that."""
        self._grown = True
        if not self._reading:
            self._reading = True
            self._read_on()

    @work(group="output")
    async def _read_on(self) -> None:
        try:
            while self._grown:
                self._grown = False
                await self._try_once(self.source)
        finally:
            self._reading = False

    async def _try_once(self, source: OutputSource) -> None:
        """Read on; that one source fails keeps nobody from reading the next one."""
        try:
            await self._read_once(source)
        except TasktuiError as problem:
            if source is self.source:
                self.view.trouble = problem.message
                self.view.refresh()

    async def _read_once(self, source: OutputSource) -> None:
        last = max(0, source.stop - 1)
        await source.measure()
        values = dict(await source.load(last, min(last + 1, source.stop)))
        if self.view.following and source.stop > last + 1:
            values |= await source.load(max(last + 1, source.stop - 3), source.stop)
        if source is not self.source:
            return
        if self.view.window.source is not source:
            self.view.attach(source)
        self.view.redraw(values)
        self.view.grow(values)


def ticking(row: TaskRow | None) -> bool:
    """Whether what is shown of a task changes every second: how long it runs, or waits."""
    return row is not None and row.finished_at is None and row.unheard_since is None
