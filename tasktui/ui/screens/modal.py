"""What all dialogs share: a titled frame in the middle, a body that scrolls, a row of buttons, esc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen

from tasktui.ui.keymap import BY_ID
from tasktui.ui.screens.leaving_once import LeavingOnce
from tasktui.ui.styles import sheets
from tasktui.ui.text import joined

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.content import Content
    from textual.widget import Widget

R = TypeVar("R")

_STILL: Final = ("redraw", "suspend")
"""Actions of the app that a dialog doesn't stand in the way of."""


class Buttons(Horizontal):
    """A row of buttons; left and right go along it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", "Previous button", show=False),
        Binding("right", "app.focus_next", "Next button", show=False),
    ]


class Body(VerticalScroll, can_focus=False):
    """What a dialog says and asks; scrolls where the screen is too low for it."""


class Modal(ModalScreen[R | None], LeavingOnce[R | None]):
    """A dialog that ends with an answer, or None for «never mind»."""

    CSS_PATH = sheets("dialogs")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "never_mind", "Never mind", id="back", show=False),
        Binding("pageup", "scroll(-1)", "Scroll up", show=False),
        Binding("pagedown", "scroll(1)", "Scroll down", show=False),
        *(
            Binding(
                BY_ID[name].keys, f"app.{BY_ID[name].action}", BY_ID[name].description, id=name, show=False
            )
            for name in _STILL
        ),
    ]

    def compose(self) -> ComposeResult:
        """The frame, with what the dialog puts into it."""
        with Vertical(id="dialog") as frame:
            frame.border_title = self.heading()
            frame.border_subtitle = self.hint()
            with Body(id="dialog-body"):
                yield from self.body()
            buttons = tuple(self.buttons())
            if buttons:
                with Buttons(id="dialog-buttons"):
                    yield from buttons

    def heading(self) -> Content:
        """Return what stands in the frame's upper edge."""
        raise TypeError(f"{type(self).__name__} has no heading")

    def hint(self) -> Content:
        """Return what stands in the frame's lower edge."""
        return joined((self.key("back"), "bold"), " never mind")

    def body(self) -> Iterable[Widget]:
        """Return what the frame holds."""
        return ()

    def buttons(self) -> Iterable[Widget]:
        """Return the buttons, from left to right."""
        return ()

    def key(self, action: str) -> str:
        """Return the key of an action as the person has it."""
        own: Mapping[str, str] = getattr(self.app, "keymap", {})
        return BY_ID[action].shown(own)[0]

    def action_never_mind(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def action_scroll(self, pages: int) -> None:
        """Show more of the body."""
        body = self.query_one("#dialog-body", Body)
        body.scroll_relative(y=pages * max(1, body.size.height - 1), animate=False)


class Ending(Modal[R]):
    """A dialog that ends work: what was typed before it came does not answer it, nobody had read it then."""

    def __init__(self) -> None:
        super().__init__()
        self.came_at = monotonic()
        """As the time of an event."""
