"""Every question and approval that waits, over all tasks, with its context; below, what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tasktui.domain.clean import split_lines
from tasktui.domain.errors import TasktuiError
from tasktui.domain.status import Group
from tasktui.ui.deciding import Deciding, Decision, Scope
from tasktui.ui.host import host, keymap_of
from tasktui.ui.inbox import Asked, answered, history, verdict, waiting
from tasktui.ui.keymap import BY_ID, Context, bindings
from tasktui.ui.messages import AnswerRequested, RequestDone
from tasktui.ui.rereading import Rereading, Turn
from tasktui.ui.screens.view import Rows, View
from tasktui.ui.task_words import elapsed
from tasktui.ui.text import joined, safe_line
from tasktui.ui.widgets.detail.asking import context_of, options_of
from tasktui.ui.widgets.detail.clock import clock
from tasktui.ui.widgets.footer import Footer

if TYPE_CHECKING:
    from textual.widget import Widget

    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow

_CONTEXT_LINES = 200
_NOTHING = "Nobody waits for you."


class InboxView(Deciding, View):
    """A list of questions, and the one under the cursor with all that is known about it."""

    NAME = "Inbox"
    CONTEXTS: ClassVar[tuple[Context, ...]] = ("rows", "answer", "options", "views", "everywhere")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("answer", "options")]

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[Asked] = []
        self._answered: list[Asked] = []
        self._reading = Rereading()
        self._wants_history = False

    def body(self) -> Iterable[Widget]:
        """The questions, and beside or below them the chosen one."""
        with_context = VerticalScroll(Static(id="question"), id="question-place", can_focus=True)
        yield Container(Rows(), with_context, id="inbox")

    def on_mount(self) -> None:
        """Read all."""
        super().on_mount()
        self._read(history=True)

    @property
    def chosen(self) -> Asked | None:
        """The question under the cursor."""
        here = self.rows.chosen
        return next((asked for asked in (*self._waiting, *self._answered) if asked.id == here), None)

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The task whose question it is."""
        return () if self.chosen is None else (self.chosen.row,)

    def apply(self, changes: ChangeSet) -> None:
        """Read again when a task begins or ceases to wait."""
        known = {asked.row.id for asked in self._waiting}
        if changes.reread or any(row.id in known or row.group is Group.NEEDS_YOU for row in changes.rows):
            self._read()

    def connected(self) -> None:
        """Read all through the manager that is there now."""
        self._read(history=True)

    def on_request_done(self, done: RequestDone) -> None:
        """What was answered moves into the history."""
        if isinstance(done.request, AnswerRequested):
            self._read(history=True)

    def _read(self, *, history: bool = False) -> None:
        self._wants_history = self._wants_history or history
        if (turn := self._reading.ask()) is not None:
            self._read_all(turn)

    @work(group="inbox")
    async def _read_all(self, turn: Turn) -> None:
        await self._reading.until_read(turn, self._read_once)

    async def _read_once(self) -> None:
        """Read what waits; the history too when it is asked for, or when somewhere something was answered."""
        manager, known = host(self).manager, {asked.id for asked in self._waiting}
        if manager is None:
            self.say("Not connected.")
            return
        try:
            self._waiting = await waiting(manager)
            self._show()
            gone = known - {asked.id for asked in self._waiting}
            if self._wants_history or gone or not self._answered:
                self._wants_history = False
                self._answered = await answered(manager)
                self._show()
        except TasktuiError as problem:
            self._wants_history = True
            self.say(problem.message)

    def _show(self) -> None:
        self.rows.replace(self._options(), keep=self.rows.chosen)
        number = len(self._waiting)
        self.say(_NOTHING if not number else f"! {number} {'waits' if number == 1 else 'wait'} for you")
        self._show_question()

    def _options(self) -> Iterable[Option]:
        if not self._waiting and not self._answered:
            yield Option(joined(("Questions and approvals of your tasks appear here.", "dim")), disabled=True)
        yield from _section("WAITING", [self._waits(asked) for asked in self._waiting])
        yield from _section("ANSWERED", [self._was_answered(asked) for asked in self._answered])

    def _waits(self, asked: Asked) -> Option:
        approval = asked.request.kind == "approval"
        age = elapsed(host(self).now() - asked.request.requested_at)
        first = joined(("! " if approval else "? ", "bold"), (asked.row.title, "bold"), (f"  {age}", "dim"))
        tool = f"{asked.request.tool}: " if asked.request.tool else ""
        return Option(Content("\n").join([first, safe_line(f"  {tool}{asked.request.summary}")]), id=asked.id)

    def _was_answered(self, asked: Asked) -> Option:
        said = verdict(asked)
        sign = {"denied": "✗", "expired": "⊘"}.get(said, "✓")
        words = joined(f"{sign} ", (asked.request.summary, "dim"))
        by = f" by {asked.request.decided_by}" if asked.request.decided_by else ""
        told = joined((f"  {said}{by} · {asked.row.title}", "dim"))
        return Option(Content("\n").join([words, told]), id=asked.id)

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._show_question()

    def _show_question(self) -> None:
        asked = self.chosen
        shown = joined("") if asked is None else Content("\n").join(self._told(asked))
        self.query_one("#question", Static).update(shown)
        self.query_one("#footer", Footer).targets = self.targets

    def _told(self, asked: Asked) -> Iterable[Content]:
        request = asked.request
        yield joined((asked.row.title, "bold"), (f"  {asked.row.id}", "dim"))
        yield joined((f"asked at {clock(request.requested_at)}{self._expiry(asked)}", "dim"))
        yield joined("")
        yield joined(*((f"{request.tool}: ",) if request.tool else ()), (request.summary, "bold"))
        for name, value in context_of(request):
            lines = split_lines(value)[:_CONTEXT_LINES]
            yield from (
                joined((f"{name if at == 0 else '':<10} ", "dim"), part) for at, part in enumerate(lines)
            )
        yield joined("")
        if request.state != "waiting":
            yield joined((verdict(asked), "bold"), history(asked))
            if request.reason:
                yield joined(("why        ", "dim"), request.reason)
            return
        approval = request.kind == "approval"
        # the numbers are keys, but not of an approval
        offered = [] if approval else options_of(request)
        yield from (joined((f" {at} ", "bold"), word) for at, word in enumerate(offered, 1))
        yield joined((self._keys(approval=approval), "dim"))

    def _expiry(self, asked: Asked) -> str:
        """How long it waits yet, where that has an end."""
        request = asked.request
        if request.expires_at is None or request.state != "waiting":
            return ""
        return f", expires in {elapsed(request.expires_at - host(self).now())}"

    def _keys(self, *, approval: bool) -> str:
        own = keymap_of(self)
        words = {"row.open": "opens it to answer"}
        if approval:
            words |= {"approve": "allow once", "approve.always": "for this task", "deny": "deny"}
        return " · ".join(f"{BY_ID[name].shown(own)[0]} {word}" for name, word in words.items())

    # Keys

    @on(OptionList.OptionSelected)
    def _opened(self) -> None:
        self.ask()

    def action_intervene(self) -> None:
        """Write to the task, in its own screen."""
        if self.chosen is not None:
            from tasktui.ui.screens.detail import DetailScreen

            self.app.push_screen(DetailScreen(self.chosen.row.id, keymap_of(self)))

    def action_option(self, number: int) -> None:
        """Answer with the option of this number."""
        asked = self.chosen
        waits = asked is not None and asked.request.state == "waiting" and asked.request.kind != "approval"
        options = options_of(asked.request) if asked is not None and waits else []
        if asked is None or not 1 <= number <= len(options):
            self.notify(f"No question waits here that has an answer {number}.", severity="warning")
        else:
            answer = AnswerRequested(asked.row.id, asked.request.request_id, "answer", options[number - 1])
            self.app.post_message(answer)

    def decide(self, decision: Decision, scope: Scope) -> None:
        """Decide the approval under the cursor; open the dialog of a question."""
        asked = self.chosen
        if asked is None or asked.request.state != "waiting":
            self.notify("That one waits no longer." if asked else _NOTHING)
        elif asked.request.kind == "approval":
            request = AnswerRequested(asked.row.id, asked.request.request_id, decision, scope=scope)
            self.app.post_message(request)
        else:
            self.ask()

    def ask(self, *, denying: bool = False) -> None:
        """Open the dialog of what is under the cursor; of what waits no longer, the task."""
        from tasktui.ui.screens.answer_dialog import AnswerDialog

        asked = self.chosen
        if asked is None:
            return
        if asked.request.state == "waiting":
            self.app.push_screen(AnswerDialog(asked.row, asked.request, denying=denying))
        else:
            self.action_intervene()


def _section(name: str, options: Sequence[Option]) -> Iterable[Option]:
    if options:
        yield Option(joined((f"{name} {len(options)}", "bold")), disabled=True)
        yield from options
