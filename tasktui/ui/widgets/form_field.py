"""A labeled field of a form, with a note beside it and what is wrong with it below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Checkbox, Input, Label, TextArea

from tasktui.ui.text import joined, safe_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.content import Content


class Lines(TextArea):
    """A field for a command or a prompt; `enter` ends the line only where lines are expected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", "Next field", show=False, priority=True)
    ]

    one_line: reactive[bool] = reactive(True)
    """Whether `enter` goes on to the next field."""

    def action_next(self) -> None:
        """Go on."""
        self.screen.focus_next()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `enter` to the text where it may have lines."""
        return self.one_line if action == "next" else True


class Tick(Checkbox):
    """A checkbox that says by its sign whether it is on, not by colour alone."""

    def render(self) -> Content:
        """Draw the sign and the label."""
        return joined(("[x] " if self.value else "[ ] ", "bold"), self.label)


class FormField(Vertical):
    """One field of a form."""

    problem: reactive[str] = reactive("")
    """What is wrong, a sentence; empty: nothing."""

    class Edited(Message):
        """Somebody typed into the field."""

        def __init__(self, field: FormField) -> None:
            super().__init__()
            self.field = field

    def __init__(self, name: str, label: str, entry: Input | Lines) -> None:
        """Make a field that answers to `name`."""
        super().__init__(name=name, id=f"field-{name}")
        self._label = label
        self.entry = entry
        """The widget that is typed into."""
        # a cursor that blinks sends bytes to an idle terminal
        entry.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Label, entry and note; the problem stands below them."""
        with Horizontal():
            yield Label(safe_line(self._label), classes="label")
            yield self.entry
            yield Label(classes="beside")
        yield Label(classes="problem")

    @property
    def value(self) -> str:
        """What is typed."""
        return self.entry.value if isinstance(self.entry, Input) else self.entry.text

    def rename(self, label: str) -> None:
        """Call it otherwise."""
        self._label = label
        self.query_one(".label", Label).update(safe_line(label))

    def note(self, text: str, *, bad: bool = False) -> None:
        """Say something beside the field."""
        label = self.query_one(".beside", Label)
        label.update(safe_line(text))
        label.set_class(bad, "-bad")

    def watch_problem(self, problem: str) -> None:
        """Show it, or nothing."""
        self.set_class(bool(problem), "-wrong")
        if self.is_mounted:
            self.query_one(".problem", Label).update(joined(problem))

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _edited(self, event: Message) -> None:
        event.stop()
        self.problem = ""
        self.post_message(self.Edited(self))
