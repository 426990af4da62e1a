"""A message to a running task: one line that grows, what sending it will do, and what became of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final, Literal
from uuid import uuid4

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widgets import Button, Static

from tasktui.domain.errors import TasktuiError
from tasktui.domain.status import TERMINAL, Kind, Status
from tasktui.ui.host import host
from tasktui.ui.keymap import Context, bindings
from tasktui.ui.messages import InterveneRequested, RequestDone
from tasktui.ui.text import joined, safe_str
from tasktui.ui.widgets.detail.verdicts import state_words

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from tasktui.domain.records import StoredEvent
    from tasktui.domain.requests import Intervene
    from tasktui.domain.rows import TaskRow

Mode = Literal["steer", "queue", "interrupt"]

_MODES: Final[tuple[Mode, ...]] = ("steer", "queue", "interrupt")
_SAYS: Final[dict[Mode, str]] = {
    "steer": "joins after the running tool",
    "queue": "becomes the next turn",
    "interrupt": "interrupts what it does",
}
_MODES_OF: Final[dict[Mode, tuple[Mode, ...]]] = {
    "steer": _MODES,
    "queue": ("queue", "interrupt"),
    "interrupt": ("interrupt", "queue"),
}
"""What an agent can be told to do with a message, by what it does by itself, which is the first."""
_DEAF: Final = "This task takes no messages while it works."
_STDIN: Final = "goes to the program's standard input, with a newline"


class InterveneBar(Vertical):
    """Hidden until it is opened; the text stays with its task, also when sending fails."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("talk", priority=True)]
    contexts: ClassVar[tuple[Context, ...]] = ("talk",)
    """Which keys hold while typing."""

    row: reactive[TaskRow | None] = reactive["TaskRow | None"](None)
    """The task that is talked to."""
    takes: reactive[Intervene | None] = reactive["Intervene | None"](None)
    """What the task does with messages; None while that is not known."""
    mode: reactive[Mode] = reactive[Mode]("steer")
    """What sending does to an agent."""
    said: reactive[str] = reactive("")
    """What became of the last message."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._known = ""
        """What stood in the line when it was last kept or put there."""

    def compose(self) -> ComposeResult:
        """The frame; the editor joins when the bar is first opened."""
        with Horizontal(id="message"):
            yield Static(joined(("❯ ", "bold")), id="prompt")
            yield Button(joined("Send"), id="send", compact=True)
        yield Static(id="hint")

    async def open(self) -> None:
        """Let a person type, or say why not."""
        refusal = refused(self.row, self.takes)
        if refusal:
            self._refuse(refusal)
            return
        self.add_class("-open")
        if self.takes is None and self.row is not None:
            self._learn(self.row.id)
        host(self).typed.arrive()
        editor = self._found()
        if editor is None:
            await self._begin(self.row)
        else:
            self._put_line()
            self.screen.set_focus(editor)
        self._hint()

    async def _begin(self, row: TaskRow | None) -> None:
        """Make the editor; what is typed while it is being built waits for it, and is no command."""
        from tasktui.ui.widgets.message_editor import MessageEditor

        editor = MessageEditor()
        editor.text = self._known = host(self).typed.line(row.id) if row is not None else ""
        built = self.query_one("#message").mount(editor, before="#send")
        self.screen.set_focus(editor)
        await built

    def action_close(self) -> None:
        """Put the bar away; the text stays for the next time."""
        self.remove_class("-open")
        self.screen.focus_next("DetailPane LineView")

    def action_mode(self) -> None:
        """The next way of sending."""
        if self.row is not None and self.row.kind is Kind.AGENT:
            modes = modes_of(self.takes)
            self.mode = modes[(modes.index(self.mode) + 1) % len(modes)]

    def action_send(self) -> None:
        """Send what was typed."""
        editor = self._found()
        if editor is None or self.row is None or not editor.text.strip():
            return
        self._keep_line(self.row)
        text = editor.text.rstrip("\n")
        if host(self).typed.send(self.row.id, text):
            self.said = "sending…"
            self.post_message(InterveneRequested(self.row.id, text, self.mode, uuid4().hex))

    def answered(self, done: RequestDone) -> None:
        """The manager took the message, or did not."""
        request = done.request
        if not isinstance(request, InterveneRequested):
            return
        self._keep_line(self.row)
        host(self).typed.answered(request.task_id, request.text, taken=done.error is None)
        if self.row is not None and self.row.id == request.task_id:
            self.said = done.error or state_words("queued", None)
            self._put_line()

    def take_events(self, tail: tuple[StoredEvent, ...]) -> None:
        """Show the verdict on the last message as it comes."""
        from tasktui.domain.facts import Facts

        for event in tail:
            kind, _, verdict = event.type.partition(".")
            if kind == "intervention" and verdict != "queued":
                facts = Facts(event.data)
                state = "unknown" if facts.flag("unknown") else verdict
                self.said = state_words(state, facts.text("detail"))

    def watch_row(self, old: TaskRow | None, row: TaskRow | None) -> None:
        """Another task: another conversation, with what was typed in it."""
        if old is None or row is None or old.id != row.id:
            self._keep_line(old)
            host(self).typed.arrive()
            self._put_line()
            self.said = ""
            self.takes = None
            self.mode = "steer"
            if self.has_focus_within:
                self.action_close()
            self.remove_class("-open")
        elif refused(row, self.takes) and self.has_class("-open"):
            self.said = refused(row, self.takes)
        self._hint()

    def watch_takes(self, takes: Intervene | None) -> None:
        """The way that the task takes messages is the one that is chosen; one that takes none refuses."""
        if takes is None:
            return
        if takes != "none":
            self.mode = modes_of(takes)[0]
        elif self._is_typed_in:
            self.said = refused(self.row, takes)  # were it put away, the next letters would be commands
        elif self.has_class("-open"):
            self.action_close()
            self._refuse(refused(self.row, takes))
        self._hint()

    def watch_mode(self) -> None:
        """Say what sending does now."""
        self._hint()

    def watch_said(self) -> None:
        """Say what became of it."""
        self._hint()

    def on_key(self, event: events.Key) -> None:
        """Enter sends one line; up and down walk through what was sent."""
        editor = self._found()
        if editor is None or "\n" in editor.text:
            return
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.action_send()
        elif event.key in {"up", "down"}:
            event.stop()
            event.prevent_default()
            self._keep_line(self.row)
            if host(self).typed.walk(1 if event.key == "up" else -1):
                self._put_line()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_send()

    @work(group="takes", exclusive=True)
    async def _learn(self, task_id: str) -> None:
        """Ask what the task does with messages; what cannot be known now is said when one is sent."""
        manager = host(self).manager
        if manager is None:
            return
        with suppress(TasktuiError):
            detail = await manager.detail(task_id)
            if self.row is not None and self.row.id == detail.task.id:
                self.takes = detail.intervene

    def _refuse(self, why: str) -> None:
        self.notify(safe_str(why), severity="warning", markup=False)

    def on_text_area_changed(self) -> None:
        """Keep it for every line of this task."""
        self._keep_line(self.row)

    def _keep_line(self, row: TaskRow | None) -> None:
        """Keep what stands in the line, if that is news: a line that nobody typed in may be behind."""
        editor = self._found()
        if editor is not None and row is not None and editor.text != self._known:
            self._known = editor.text
            host(self).typed.keep(row.id, editor.text)

    def _put_line(self) -> None:
        """Let the line say what stands in it for this task."""
        editor = self._found()
        if editor is None:
            return
        self._known = host(self).typed.line(self.row.id) if self.row is not None else ""
        if editor.text != self._known:
            editor.text = self._known
            editor.move_cursor(editor.document.end)

    def _hint(self) -> None:
        if self.row is not None and self.is_attached:
            verdict = f" · {self.said}" if self.said else ""
            hint = joined((says(self.row, self.mode, self.takes) + verdict, "dim"))
            line = self.query_one("#hint", Static)
            if line.content != hint:
                line.update(hint)

    @property
    def _is_typed_in(self) -> bool:
        editor = self._found()
        return editor is not None and editor.has_focus and bool(editor.text.strip())

    def _found(self) -> TextArea | None:
        from textual.widgets import TextArea

        return next(iter(self.query(TextArea)), None)


def refused(row: TaskRow | None, takes: Intervene | None = None) -> str:
    """Return why no message can be sent to a task, empty when one can."""
    if row is None:
        return "Choose a task first."
    if row.status in TERMINAL:
        return "This task has ended and cannot take a message; run it again with `r`."
    if row.status is Status.QUEUED:
        return "This task waits in the queue; a message can be sent once it runs."
    return _DEAF if takes == "none" else ""


def modes_of(takes: Intervene | None) -> tuple[Mode, ...]:
    """Return what sending can do to an agent that does this with messages, its own way first."""
    return _MODES_OF["steer" if takes is None or takes == "none" else takes]


def says(row: TaskRow, mode: Mode, takes: Intervene | None) -> str:
    """Return what sending a message to this task will do."""
    if row.kind is Kind.AGENT:
        if takes is None:
            return "what it does with messages is not known yet · ↑ history"
        return f"{mode}: {_SAYS[mode]} · ^t changes · ↑ history"
    return f"{_STDIN} · ↑ history" if row.kind is Kind.SHELL else "is handed to the task · ↑ history"
