"""One task on the whole screen, where the dashboard is too narrow to show it beside the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on, work
from textual.binding import BindingType
from textual.widgets import Static

from tasktui.ui.attention import next_waiting
from tasktui.ui.host import contexts_here, host, key_of
from tasktui.ui.keymap import Context, bindings
from tasktui.ui.messages import RequestDone, TalkWanted
from tasktui.ui.screens.leaving_once import LeavingOnce
from tasktui.ui.styles import sheets
from tasktui.ui.text import joined
from tasktui.ui.widgets.detail.line_view import IN_DETAIL
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.footer import Footer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import Artifact
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow


_OUTPUT_TAB: Final = 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a task that is gone to when it is shown."""

    text: str
    """What is searched for and marked."""
    seq: int | None
    """The event; None: it stands in the output."""


class DetailScreen(LeavingOnce[None]):
    """The same pane as on the dashboard, larger."""

    CSS_PATH = sheets("detail")
    AUTO_FOCUS = "LineView"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("everywhere", "views")]

    def __init__(self, task_id: str, keymap: Mapping[str, str], *, spot: Spot | None = None) -> None:
        super().__init__()
        self._task_id = task_id
        self._keymap = keymap
        self._spot = spot
        self._through: Manager | None = None
        """Through whom it was read."""

    def compose(self) -> ComposeResult:
        """Which task it is, the pane and the keys."""
        yield Static(id="title")
        yield DetailPane(id="detail")
        yield Footer(self._keymap, id="footer")

    def on_mount(self) -> None:
        """Show the task."""
        self.query_one(Footer).contexts = IN_DETAIL
        if self._spot is not None and self._spot.seq is None:
            self.pane.tab = _OUTPUT_TAB
        self._show(self._task_id)

    def connected(self) -> None:
        """The manager is there, perhaps another one: read through it."""
        if self.is_active and self.is_mounted:
            self._show(self._task_id)

    @on(events.ScreenResume)
    def _resumed(self) -> None:
        """Look here again: who stood above may have looked at another task, or there is another manager."""
        seen = host(self)
        if self.is_mounted and (seen.looked_at != self._task_id or seen.manager is not self._through):
            self._show(self._task_id)

    def _show(self, task_id: str) -> None:
        self._through = host(self).manager
        host(self).look_at(task_id)
        self.pane.show(task_id)

    @property
    def contexts(self) -> tuple[Context, ...]:
        """Which keys hold where the focus is."""
        return self.query_one(Footer).contexts

    @property
    def artifact(self) -> Artifact | None:
        """The artifact under the cursor."""
        return self.pane.artifact

    def on_descendant_focus(self) -> None:
        """Show the keys that hold where the focus is now; who types stays with the task that they saw."""
        self.query_one(Footer).contexts = contexts_here(self)
        row = self.pane.talked_to
        if row is not None and row.id != self._task_id:  # another one is on its way
            self._task_id = row.id
            self._show(row.id)

    def on_line_scroll_moved(self) -> None:
        """Go to the spot once something is there; show the keys that hold."""
        self._go_to_spot()
        self.query_one(Footer).contexts = contexts_here(self)
        self.query_one(Footer).targets = self.targets

    def _go_to_spot(self) -> None:
        spot, page = self._spot, self.pane.page
        if spot is None or page is None or page.view.window.source.stop <= page.view.window.source.first:
            return
        self._spot = None
        if spot.seq is not None:
            page.view.following = False
            page.view.go_to(spot.seq)
        page.view.search(spot.text)
        page.view.focus()

    @property
    def pane(self) -> DetailPane:
        """The pane."""
        return self.query_one(DetailPane)

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The task to which actions go."""
        return () if self.pane.row is None else (self.pane.row,)

    @on(DetailPane.Shown)
    def _entitle(self) -> None:
        row = self.pane.row
        if row is not None:
            rest = f"  {row.id} · {key_of(self, 'back')} goes back"
            title = joined((" tasktui ▸ ", "dim"), (row.title, "bold"), (rest, "dim"))
            self.query_one("#title", Static).update(title)

    def apply_to_task(self, changes: ChangeSet) -> None:
        """Take in what changed of the task."""
        self.pane.apply(changes)
        self.query_one(Footer).targets = self.targets

    async def on_talk_wanted(self, event: TalkWanted) -> None:
        """Let the person write, answer or deny."""
        if event.way == "message":
            await self.pane.action_intervene()
        else:
            self.pane.ask(denying=event.way == "deny")

    def on_request_done(self, event: RequestDone) -> None:
        """Tell the pane what became of its message."""
        self.pane.done(event)

    def action_back(self) -> None:
        """Back to where the person came from."""
        self.dismiss()

    @work(exclusive=True, group="attention")
    async def action_attention_next(self) -> None:
        """Show the next task that needs somebody."""
        manager, at = host(self).manager, self.focused
        found = None if manager is None else await next_waiting(manager, self._task_id)
        if found is None:
            self.notify("Nobody else waits for you.")
        elif self.pane.talked_to is None or self.focused is at:  # else somebody began to type meanwhile
            self._task_id = found
            self._show(found)
