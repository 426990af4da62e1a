"""Everything about one waiting question, and every way to answer it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Button, Input, Static

from tasktui.domain.clean import split_lines
from tasktui.domain.errors import TasktuiError
from tasktui.ui.host import host, key_of
from tasktui.ui.inbox import why_settled
from tasktui.ui.keymap import Context, bindings
from tasktui.ui.messages import AnswerRequested, RequestDone
from tasktui.ui.rereading import Rereading
from tasktui.ui.screens.leaving_once import LeavingOnce
from tasktui.ui.styles import sheets
from tasktui.ui.text import joined, safe, safe_line, safe_str
from tasktui.ui.widgets.detail.asking import context_of, diff_of, options_of, since_when
from tasktui.ui.widgets.detail.code import FILL, painted
from tasktui.ui.widgets.detail.diff_view import CHANGE_ROLES, diff_lines

if TYPE_CHECKING:
    from tasktui.domain.records import RequestRow
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow

Scope = Literal["once", "task", "always"]

_CONTEXT_LINES: Final = 200
_FIRST_LINES: Final = 10
"""Of a diff that was not opened."""


class AnswerDialog(ModalScreen[None], LeavingOnce[None]):
    """Full screen where it is narrow, a window in the middle where there is room.

    What is typed stays with the question; once that is answered elsewhere, this says so and takes nothing.
    """

    CSS_PATH = sheets("answer")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("asked")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{role}" for role in CHANGE_ROLES}
    contexts: ClassVar[tuple[Context, ...]] = ("asked",)
    """Which keys hold."""

    settled: reactive[str] = reactive("")
    """Why nothing can be answered any more, a sentence; empty: it waits."""

    def __init__(self, row: TaskRow, asked: RequestRow, *, denying: bool = False) -> None:
        super().__init__()
        self._row = row
        self._asked = asked
        self._line = f"{row.id}/{asked.request_id}"
        """Names what is typed here among all that is typed."""
        self._options = options_of(asked)
        self._denying = denying
        self._diff = diff_of(asked)
        self._whole = False
        self._sent: AnswerRequested | None = None
        """The answer that is on its way."""
        self._reading = Rereading()

    @property
    def is_approval(self) -> bool:
        """Whether permission is asked, not an answer."""
        return self._asked.kind == "approval"

    def compose(self) -> ComposeResult:
        """Question, context, options, text, keys."""
        with Vertical(id="answer"):
            yield Static(id="waiting")
            yield Static(safe(self._asked.summary, "bold"), id="asked")
            with VerticalScroll(id="context", can_focus=True):
                yield Static(self._told())
                yield Static(id="change")
            if self._options and not self.is_approval:
                yield Static(self._offered(), id="offered")
            host(self).typed.arrive()
            draft = host(self).typed.line(self._line)
            said = safe_str(draft, limit=len(draft))
            yield Input(said, placeholder=self._placeholder(), compact=True, id="text", select_on_focus=False)
            yield Static(id="said")
            with Horizontal(id="buttons"):
                yield from self._buttons()

    def on_mount(self) -> None:
        """Put the keys where they are expected."""
        word = "Approval" if self.is_approval else "Question"
        self.query_one("#answer").border_title = joined((f"{word} — ", ""), (self._row.title, "bold"))
        self._tick()
        self.set_interval(1, self._tick)
        self._show_change()
        text = self.query_one("#text", Input)
        text.display = not self.is_approval or self._denying or bool(text.value)
        wants_text = self._denying or (not self.is_approval and not self._options)
        (text if wants_text else self.query_one("#context")).focus()
        self._look()

    def apply(self, changes: ChangeSet) -> None:
        """Look whether it still waits: somebody may have answered it elsewhere."""
        if changes.reread or self._row.id in {*changes.removed, *(row.id for row in changes.rows)}:
            self._look()

    async def on_key(self, event: events.Key) -> None:
        """A digit takes the option of this number, unless text is being typed."""
        if isinstance(self.focused, Input) or not event.key.isdigit():
            return
        number = int(event.key)
        if self.is_approval and 1 <= number <= len(_CHOICES):
            event.stop()
            await self.run_action(_ACTIONS[_CHOICES[number - 1]])
        elif not self.is_approval and 1 <= number <= len(self._options):
            event.stop()
            self._send("answer", text=self._options[number - 1])

    def action_whole(self) -> None:
        """Show all that would change, or its first lines."""
        self._whole = not self._whole
        self._show_change()

    def action_later(self) -> None:
        """Leave the question waiting."""
        self.dismiss()

    def action_allow(self, scope: Scope) -> None:
        """Allow what is asked; for a question, go to the text."""
        if self.is_approval:
            self._send("allow", scope=scope)
        else:
            self.query_one("#text").focus()

    def action_deny(self) -> None:
        """Deny what is asked."""
        if self.is_approval:
            self._send("deny", text=self.query_one("#text", Input).value)

    def action_reason(self) -> None:
        """Say why not."""
        if self.is_approval:
            self._denying = True
            text = self.query_one("#text", Input)
            text.display = True
            text.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Keep it for when the question is opened again."""
        event.stop()
        host(self).typed.keep(self._line, event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_approval:
            self._send("deny", text=event.value)
        elif event.value.strip():
            self._send("answer", text=event.value)

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        await self.run_action(_ACTIONS[event.button.id or ""])

    def action_submit(self) -> None:
        """Send the text."""
        value = self.query_one("#text", Input).value
        if value.strip():
            self._send("answer", text=value)

    def on_request_done(self, done: RequestDone) -> None:
        """Close when the answer was taken; else say why not."""
        if done.request is not self._sent:
            return
        self._sent = None
        if done.error is None:
            host(self).typed.keep(self._line, "")
            self.dismiss()
        else:
            self.query_one("#said", Static).update(safe_line(done.error, "bold"))
            self._look()

    def watch_settled(self, settled: str) -> None:
        """Say it, and offer nothing but to leave; what was typed can still be copied."""
        if settled:
            self.query_one("#said", Static).update(safe_line(settled, "bold"))
            for button in self.query(Button):
                button.display = button.id == "later"
                button.disabled = not button.display
            self.query_one("#later", Button).label = joined("esc Close")
            for offered in self.query("#offered"):
                offered.display = False
            text = self.query_one("#text", Input)
            text.display = bool(text.value)
            self._tick()

    def _look(self) -> None:
        if not self.settled and (turn := self._reading.ask()) is not None:
            self.run_worker(self._reading.until_read(turn, self._look_once), group="settled")

    async def _look_once(self) -> None:
        """Learn whether it still waits; who cannot know that now learns it when the answer is refused."""
        manager = host(self).manager
        if manager is not None:
            with suppress(TasktuiError):
                settled = await why_settled(manager, self._asked)
                if self._sent is None:  # else the answer to that says it
                    self.settled = settled

    def _send(
        self, decision: Literal["allow", "deny", "answer"], *, text: str = "", scope: Scope = "once"
    ) -> None:
        if self.settled or self._sent is not None:
            return
        request = AnswerRequested(self._row.id, self._asked.request_id, decision, text, scope)
        self._sent = request
        self.query_one("#said", Static).update(joined(("sending…", "dim")))
        self.app.post_message(request)

    def _tick(self) -> None:
        facts = since_when(self._asked, host(self).now(), settled=bool(self.settled))
        self.query_one("#waiting", Static).update(joined(*((part, "dim") for part in facts), separator=" · "))

    def _told(self) -> Content:
        lines = [
            joined((f"{name:<10} ", "dim"), part) if index == 0 else joined(" " * 11, part)
            for name, value in context_of(self._asked)
            for index, part in enumerate(split_lines(value)[:_CONTEXT_LINES])
        ]
        nothing = "" if self._diff else "Nothing more was said about it."
        return Content("\n").join(lines) if lines else joined((nothing, "dim"))

    def _show_change(self) -> None:
        """The diff, its first lines or all of it."""
        shown = self._diff[: _CONTEXT_LINES if self._whole else _FIRST_LINES]
        rest = len(self._diff) - len(shown)
        flat = self.app.native_ansi_color
        lines = [
            joined(*((text, self._style_of(role)) for span in made.spans
                     for text, role in painted(*span, flat=flat)))
            for made in diff_lines(shown)
        ]  # fmt: skip
        if rest and self._whole:
            lines.append(joined((f"… {rest:,} more lines", "dim")))
        elif rest:
            lines.append(
                joined((f"… {rest:,} more lines · {key_of(self, 'question.whole')} shows them", "dim"))
            )
        change = self.query_one("#change", Static)
        change.display = bool(lines)
        change.update(Content("\n").join(lines))

    def _style_of(self, role: str) -> Style:
        name, _, change = role.partition(FILL)
        style = self.get_visual_style(f"line--{name}", partial=True)
        return style + self.get_visual_style(f"line--{change}-line", partial=True) if change else style

    def _offered(self) -> Content:
        lines = [joined((f" {number} ", "bold"), option) for number, option in enumerate(self._options, 1)]
        return Content("\n").join(lines)

    def _placeholder(self) -> str:
        if self.is_approval:
            return "why not; enter denies"
        return "your answer; enter sends" if not self._options else "another answer; enter sends"

    def _buttons(self) -> ComposeResult:
        if self.is_approval:
            yield Button(joined("1 Allow once"), id="once", variant="success", compact=True)
            yield Button(joined("2 This task"), id="task", compact=True)
            yield Button(joined("3 Always"), id="always", compact=True)
            yield Button(joined("4 Deny"), id="deny", variant="error", compact=True)
            yield Button(joined("5 Say why"), id="reason", compact=True)
        else:
            yield Button(joined("Send"), id="submit", variant="success", compact=True)
        yield Button(joined("esc Later"), id="later", compact=True)


_CHOICES: Final = ("once", "task", "always", "deny", "reason")
_ACTIONS: Final = {
    "once": "allow('once')",
    "task": "allow('task')",
    "always": "allow('always')",
    "deny": "deny",
    "reason": "reason",
    "submit": "submit",
    "later": "later",
}
