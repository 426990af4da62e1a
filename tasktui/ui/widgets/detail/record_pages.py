"""The tabs that are made of a task's records: Artifacts, Checks, Info."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantFocus, Resize
from textual.timer import Timer
from textual.widgets import Static

from tasktui.domain.errors import TasktuiError
from tasktui.domain.records import Artifact
from tasktui.domain.status import Status
from tasktui.ui.host import host
from tasktui.ui.rereading import Turn
from tasktui.ui.text import joined, safe_line
from tasktui.ui.widgets.detail.around import Around, read_around
from tasktui.ui.widgets.detail.artifacts import ArtifactsSource, preview
from tasktui.ui.widgets.detail.checks import checks_lines, concerns_checks
from tasktui.ui.widgets.detail.fixed import FixedLines
from tasktui.ui.widgets.detail.info import info_lines
from tasktui.ui.widgets.detail.line_view import LineView
from tasktui.ui.widgets.detail.pages import TabPage
from tasktui.ui.widgets.queue_view import LOOK_S

if TYPE_CHECKING:
    from textual.content import Content

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet, TaskDetail
    from tasktui.domain.rows import TaskRow

_NARROW = 76
CHANGES_INFO = frozenset(
    {"task.finished", "task.edited", "task.started", "task.requeued", "task.held", "task.released"}
)
"""Events after which more has changed than the row."""


class ArtifactsPage(TabPage):
    """Tab 5: list and preview, beside each other where there is room."""

    source: ArtifactsSource
    _used = "#artifact-list"
    _badge: Content | None = None
    """Where files are looked for; None until the task's spec is read."""

    def compose(self) -> ComposeResult:
        """What is watched, the list, the preview."""
        yield Static(id="watching")
        with Container(id="artifacts"):
            yield LineView(id="artifact-list")
            yield LineView(points=False, id="preview")

    @property
    def view(self) -> LineView:
        """The one that had the focus last, at first the list."""
        return self.query_one(self._used, LineView)

    @property
    def artifact(self) -> Artifact | None:
        """The one under the cursor."""
        listed = self.query_one("#artifact-list", LineView)
        value = listed.window.value(listed.cursor)
        return value if isinstance(value, Artifact) else None

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """From the first by name."""
        self.source = ArtifactsSource(manager, row.id, host(self))
        self._badge = None
        for view in self.query(LineView):
            view.detach()
        self._read(self.source, row.id)

    def catch_up(self, row: TaskRow) -> None:
        """Files may have come, changed or gone."""
        self._read(self.source, row.id)

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Read the list again when a file came, changed or went."""
        if changes.reread or any(event.type.startswith("artifact.") for event in changes.tail):
            self.catch_up(row)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Remember which of the two is used; the rule before the preview is lit while that has the keys."""
        self._used = f"#{event.widget.id}"
        self.set_class(event.widget.id == "preview", "-reading")

    def on_descendant_blur(self) -> None:
        """Neither has the keys."""
        self.remove_class("-reading")

    def on_resize(self, event: Resize) -> None:
        """Below each other where it is narrow."""
        self.set_class(event.size.width < _NARROW, "-stacked")

    def _read(self, source: ArtifactsSource, task_id: str) -> None:
        if (turn := self.reading.ask(source)) is not None:
            self._read_all(turn, source, task_id)

    @work(group="artifacts", exclusive=True)
    async def _read_all(self, turn: Turn, source: ArtifactsSource, task_id: str) -> None:
        await self.reading.until_read(turn, partial(self._try_once, source, task_id))

    async def _try_once(self, source: ArtifactsSource, task_id: str) -> None:
        """Read the list; what cannot be read is said where else it is said what is watched."""
        try:
            await (self._again(source) if self._badge is not None else self._open(source, task_id))
        except TasktuiError as problem:
            if source is self.source:
                self.query_one("#watching", Static).update(safe_line(problem.message))

    async def _open(self, source: ArtifactsSource, task_id: str) -> None:
        manager = host(self).manager
        if manager is None:
            return
        await source.reach()
        spec = (await manager.get(task_id)).spec
        if source is not self.source:
            return
        self._badge = joined("watching ● ", ", ".join(spec.watch)) if spec.watch else joined("its own files")
        self._tell(source)
        self.query_one("#artifact-list", LineView).attach(source, at_end=False)
        await self._show_first(source)

    async def _again(self, source: ArtifactsSource) -> None:
        view, had = self.query_one("#artifact-list", LineView), source.stop
        await source.reach()
        self._tell(source)
        view.grow()
        view.reread()
        if not had:
            await self._show_first(source)

    async def _show_first(self, source: ArtifactsSource) -> None:
        first = (await source.load(0, 1)).get(0)
        if isinstance(first, Artifact) and source is self.source:
            self._preview(first)

    def _tell(self, source: ArtifactsSource) -> None:
        """Say where files are looked for, and whether there are any; nothing before that is read."""
        if self._badge is not None:
            told = self._badge if source.stop else joined("No files yet · ", self._badge)
            self.query_one("#watching", Static).update(told)

    @on(LineView.Chosen)
    def _chosen(self, event: LineView.Chosen) -> None:
        if isinstance(event.value, Artifact):
            self._preview(event.value)

    @on(LineView.Entered)
    def _entered(self, event: LineView.Entered) -> None:
        # somebody may have gone elsewhere meanwhile
        if event.view.has_focus:
            self.query_one("#preview", LineView).focus()

    @work(group="preview", exclusive=True)
    async def _preview(self, artifact: Artifact) -> None:
        manager = host(self).manager
        if manager is not None:
            source = await preview(manager, artifact)
            self.query_one("#preview", LineView).attach(source, at_end=False)


class ChecksPage(TabPage):
    """Tab 6."""

    POINTS = False

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """Read all that was recorded."""
        self.source = FixedLines()
        self.view.attach(self.source, at_end=False)
        self._read(row.id)

    def catch_up(self, row: TaskRow) -> None:
        """Read it again."""
        self._read(row.id)

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Read it again when something was recorded."""
        if changes.reread or concerns_checks(changes.tail):
            self._read(row.id)

    def _read(self, task_id: str) -> None:
        if (turn := self.reading.ask(task_id)) is not None:
            self._read_all(turn, task_id)

    @work(group="checks", exclusive=True)
    async def _read_all(self, turn: Turn, task_id: str) -> None:
        await self.reading.until_read(turn, partial(self._read_once, task_id))

    async def _read_once(self, task_id: str) -> None:
        detail = await read_detail(self, task_id)
        if detail is not None and task_id == self.task_id:
            changed = self.source.replace(checks_lines(detail))
            self.view.redraw(changed)
            self.view.grow(changed)


class InfoPage(TabPage):
    """Tab 7."""

    POINTS = False
    detail: TaskDetail | None = None
    around: Around | None = None
    _soon: Timer | None = None
    _row: TaskRow | None = None
    """As it was last told: what is read may be older."""

    def begin(self, manager: Manager, row: TaskRow) -> None:
        """First what the row says, then the rest."""
        self.detail = self.around = None
        self._row = row
        self.source = FixedLines(info_lines(row, None, host(self).now()))
        self.view.attach(self.source, at_end=False)
        self._read(row)

    def catch_up(self, row: TaskRow) -> None:
        """Read it again."""
        self.tick(row)
        self._read(row)

    def apply(self, changes: ChangeSet, row: TaskRow) -> None:
        """Draw the lines that differ."""
        self.tick(row)
        if changes.reread or any(event.type in CHANGES_INFO for event in changes.tail):
            self._read(row)
        elif row.status is Status.QUEUED and self._soon is None:
            # what it waits for changes with other tasks
            self._soon = self.set_timer(LOOK_S, self._look_again)

    def _look_again(self) -> None:
        self._soon = None
        if self._row is not None and self._row.id == self.task_id:
            self._read(self._row)

    def tick(self, row: TaskRow) -> None:
        """Time left, time run."""
        self._row = row
        changed = self.source.replace(info_lines(row, self.detail, host(self).now(), self.around))
        self.view.redraw(changed)
        self.view.grow(changed)

    def _read(self, row: TaskRow) -> None:
        if (turn := self.reading.ask(row.id)) is not None:
            self._read_all(turn, row.id)

    @work(group="info", exclusive=True)
    async def _read_all(self, turn: Turn, task_id: str) -> None:
        await self.reading.until_read(turn, partial(self._read_once, task_id))

    async def _read_once(self, task_id: str) -> None:
        detail = await read_detail(self, task_id)
        around = None if detail is None else await around_of(self, detail.task.row)
        if detail is None or task_id != self.task_id:
            return
        self.detail, self.around = detail, around
        told, read = self._row, detail.task.row
        self.tick(told if told is not None and told.last_seq >= read.last_seq else read)


async def around_of(page: TabPage, row: TaskRow) -> Around | None:
    """Return what stands around a task, None when it cannot be read."""
    manager = host(page).manager
    if manager is None:
        return None
    try:
        return await read_around(manager, row, host(page).now())
    except TasktuiError:
        return None


async def read_detail(page: TabPage, task_id: str) -> TaskDetail | None:
    """Return a task with what belongs to it, None when it cannot be read."""
    manager = host(page).manager
    if manager is None:
        return None
    try:
        return await manager.detail(task_id)
    except TasktuiError as problem:
        page.view.trouble = problem.message
        return None
