"""Asks what becomes of the work when the screen is left; keeping it is one key away, canceling it two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tasktui.ui.dialogs import Leaving
from tasktui.ui.keymap import BY_ID
from tasktui.ui.screens.modal import Ending
from tasktui.ui.text import joined

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget

_WAYS: Final[tuple[tuple[Leaving, str, str, str], ...]] = (
    (
        "detach",
        "b",
        "Keep them in the background",
        "They go on without a screen; `tasktui` comes back.",
    ),
    ("wait", "w", "Wait for them, then leave", "The screen closes when the last one has ended."),
    ("cancel", "x", "Cancel them and leave", "Asked to stop, then killed; what they wrote stays."),
)


class QuitDialog(Ending[Leaving]):
    """Keep, wait, or cancel; letters choose, `enter` confirms, `q` keeps at once."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(BY_ID["quit"].keys, "keep", "Keep them and leave", id="quit", show=False),
        *(Binding(key, f"choose({at})", words, show=False) for at, (_, key, words, _) in enumerate(_WAYS)),
        Binding("j", "step(1)", "Down", show=False),
        Binding("k", "step(-1)", "Up", show=False),
    ]

    def __init__(self, busy: int) -> None:
        super().__init__()
        self._busy = busy

    def heading(self) -> Content:
        """Say what it is about."""
        return joined("Leave tasktui?")

    def hint(self) -> Content:
        """Say what confirms."""
        return joined(
            ("enter", "bold"), " confirms · ", (self.key("quit"), "bold"), " keeps them · ",
            (self.key("back"), "bold"), " stays",
        )  # fmt: skip

    def body(self) -> Iterator[Widget]:
        """How many there are, and the three ways."""
        are = "1 task is" if self._busy == 1 else f"{self._busy:,} tasks are"
        yield Static(joined(f"{are} queued or running."), classes="task")
        options = [Option(self._option(*way), id=way[0]) for way in _WAYS]
        yield OptionList(*options, compact=True)

    def _option(self, _: str, key: str, words: str, meaning: str) -> Content:
        return joined(joined((f"{key}  ", "bold"), (words, "bold")), f"   {meaning}", separator="\n")

    def action_keep(self) -> None:
        """Leave, and let the work go on."""
        self.dismiss("detach")

    def action_choose(self, at: int) -> None:
        """Point at a way; nothing is done yet."""
        self.query_one(OptionList).highlighted = at

    def action_step(self, by: int) -> None:
        """Point at the next or the previous way."""
        options = self.query_one(OptionList)
        options.highlighted = ((options.highlighted or 0) + by) % len(_WAYS)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(_WAYS[event.option_index][0])
