"""The keys that hold in a place, made from the table of actions; the person's own are marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from tasktui.ui.keymap import BY_ID, TABLE, Context, Key
from tasktui.ui.screens.modal import Modal
from tasktui.ui.text import fit, joined

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget

_PLACES: Final[Mapping[Context, str]] = {"list": "the task list", "search": "a search", "detail": "a task"}
_OWN: Final = "*"


class HelpDialog(Modal[None]):
    """One column, or two where there is room."""

    AUTO_FOCUS = "Keys"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(BY_ID["help"].keys, "never_mind", "Close", id="help", show=False),
        Binding(BY_ID["quit"].keys, "never_mind", "Close", id="quit", show=False),
    ]

    def __init__(self, contexts: Sequence[Context], keymap: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._contexts = tuple(contexts)
        self._keymap = keymap or {}

    def heading(self) -> Content:
        """Say for which place."""
        place = next((words for context, words in _PLACES.items() if context in self._contexts), "this place")
        return joined(f"Keys in {place}")

    def hint(self) -> Content:
        """Say how to close, and what the mark means."""
        own = any(key.id in self._keymap for key in self._keys())
        mark = joined((_OWN, "bold"), " yours · ") if own else joined("")
        return joined(mark, (self.key("palette"), "bold"), " by name · ",
                      (self.key("back"), "bold"), " closes")  # fmt: skip

    def body(self) -> Iterator[Widget]:
        """The groups, spread over two columns of about the same length."""
        columns = _spread(self._groups())
        with_keys = [Static(joined(*map(self._group, column), separator="\n\n")) for column in columns]
        yield Keys(Horizontal(*with_keys))

    def _keys(self) -> Iterator[Key]:
        return (key for key in TABLE if key.context in self._contexts)

    def _groups(self) -> list[tuple[str, list[Key]]]:
        groups: dict[str, list[Key]] = {}
        for key in self._keys():
            groups.setdefault(key.group, []).append(key)
        return sorted(groups.items(), key=lambda group: group[0] == "App")

    def _group(self, group: tuple[str, list[Key]]) -> Content:
        name, keys = group
        width = max(cell_len(self._shown(key)) for key in self._keys())
        lines = [joined((fit(self._shown(key), width), "bold"), f"  {key.description}") for key in keys]
        return joined((name, "bold underline"), *lines, separator="\n")

    def _shown(self, key: Key) -> str:
        mark = _OWN if key.id in self._keymap else ""
        return mark + " ".join(key.shown(self._keymap))


class Keys(VerticalScroll):
    """Scrolls by the keys that move in lists, too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(BY_ID[name].keys, action, BY_ID[name].description, id=name, show=False)
        for name, action in (
            ("list.down", "scroll_down"),
            ("list.up", "scroll_up"),
            ("list.page_down", "page_down"),
            ("list.page_up", "page_up"),
            ("list.top", "scroll_home"),
            ("list.bottom", "scroll_end"),
        )
    ]


def _spread(groups: Sequence[tuple[str, list[Key]]]) -> list[list[tuple[str, list[Key]]]]:
    """Part the groups in two where the columns come out most alike."""
    lengths = [len(keys) + 2 for _, keys in groups]
    at = min(range(len(groups) + 1), key=lambda cut: abs(sum(lengths[:cut]) - sum(lengths[cut:])))
    return [list(part) for part in (groups[:at], groups[at:]) if part]
