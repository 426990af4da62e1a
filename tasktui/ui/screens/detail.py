"""One task on the whole screen, where the dashboard is too narrow to show it beside the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.screen import Screen

from tasktui.ui.host import host
from tasktui.ui.keymap import bindings
from tasktui.ui.messages import RequestDone, TalkWanted
from tasktui.ui.styles import sheets
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.footer import Footer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow


class DetailScreen(Screen[None]):
    """The same pane as on the dashboard, larger."""

    CSS_PATH = sheets("detail")
    AUTO_FOCUS = "LineView"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("everywhere")]

    def __init__(self, task_id: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._task_id = task_id
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """The pane and the keys."""
        yield DetailPane(id="detail")
        yield Footer(self._keymap, id="footer")

    def on_mount(self) -> None:
        """Show the task."""
        self.query_one(Footer).contexts = ("detail", "act", "answer", "everywhere")
        host(self).look_at(self._task_id)
        self.pane.show(self._task_id)

    @property
    def pane(self) -> DetailPane:
        """The pane."""
        return self.query_one(DetailPane)

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The task to which actions go."""
        return () if self.pane.row is None else (self.pane.row,)

    def apply_to_task(self, changes: ChangeSet) -> None:
        """Take in what changed of the task."""
        self.pane.apply(changes)

    async def on_talk_wanted(self, event: TalkWanted) -> None:
        """Let the person write, answer or deny."""
        if event.way == "message":
            await self.pane.action_intervene()
        else:
            self.pane.open_dialog(denying=event.way == "deny")

    def on_request_done(self, event: RequestDone) -> None:
        """Tell the pane what became of its message."""
        self.pane.done(event)

    def action_back(self) -> None:
        """Back to the dashboard."""
        self.dismiss()
