"""The line at the bottom: the keys that do something here, as many as fit, from the one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.reactive import reactive

from tasktui.domain.rows import TaskRow
from tasktui.ui.eligible import fitting
from tasktui.ui.keymap import BY_ID, TABLE, Context, Key, footer
from tasktui.ui.widgets.one_line import OneLine, Piece

PLACES: Final = {"views": 1, "everywhere": 2}
"""Contexts whose keys stand behind the others."""


class Footer(OneLine):
    """Keys and words, clickable."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key", "footer--marked"}

    contexts: reactive[tuple[Context, ...]] = reactive(())
    """Which keys hold now."""
    targets: reactive[tuple[TaskRow, ...]] = reactive(())
    """The tasks that an action would go to; keys that fit none of them are left out."""
    marked: reactive[int] = reactive(0)
    """How many tasks are marked."""

    class Pressed(Message):
        """An action of the footer was clicked."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self, keymap: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keymap = keymap
        self._spans: list[tuple[int, int, str]] = []

    def watch_contexts(self) -> None:
        """Show other keys."""
        self._draw()

    def watch_targets(self) -> None:
        """Show what fits them."""
        self._draw()

    def watch_marked(self) -> None:
        """Say how many."""
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many as fit."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Do what the word under the pointer says."""
        for start, end, action in self._spans:
            if start <= event.x < end:
                self.post_message(self.Pressed(BY_ID[action]))

    def _draw(self) -> None:
        count = f" {self.marked} marked " if self.marked else ""
        keys = self._chosen(self.size.width - cell_len(count) - 1)
        pieces, x = ([Piece(count, "footer--marked")] if count else []), cell_len(count)
        self._spans = []
        for key in keys:
            shown = self._keys(key)
            pieces += [Piece(f" {shown}", "footer--key"), Piece(f" {key.word} ")]
            width = cell_len(shown) + cell_len(key.word) + 3
            self._spans.append((x, x + width, key.id))
            x += width
        self.show(pieces)

    def _chosen(self, room: int) -> Sequence[Key]:
        """The most important keys that fit, in the table's order; those of larger places stand last."""
        chosen: list[Key] = []
        for key in filter(self._useful, footer(self.contexts)):
            room -= cell_len(self._keys(key)) + cell_len(key.word) + 3
            if room < 0:
                break
            chosen.append(key)
        return sorted(chosen, key=lambda key: (PLACES.get(key.context, 0), TABLE.index(key)))

    def _useful(self, key: Key) -> bool:
        """Whether the key would do something on this screen and, if it is for tasks, to the chosen ones."""
        of_screen = key.action.removeprefix("screen.")
        if of_screen != key.action and not hasattr(self.screen, f"action_{of_screen}"):
            return False
        for_tasks = key.context in {"act", "answer"} or key.id in {"task.open", "mark"}
        return not for_tasks or bool(fitting(key.id, self.targets))

    def _keys(self, key: Key) -> str:
        return key.shown(self._keymap)[0]
