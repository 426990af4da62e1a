"""The names of the list's columns, above it where there is room."""

from __future__ import annotations

from typing import Final

from textual.reactive import reactive

from tasktui.ui.widgets.one_line import OneLine, Piece
from tasktui.ui.widgets.task_line import GUTTER, Columns

_NAMES: Final = {
    "age": "age", "title": "task", "host": "host", "kind": "kind", "lane": "lane", "tools": "tools",
    "outcome": "how it stands",
}  # fmt: skip
_RIGHT: Final = frozenset({"age", "tools"})


class ListHead(OneLine):
    """One line; hidden unless the screen is wide."""

    columns: reactive[Columns | None] = reactive[Columns | None](None)
    """Those of the list below."""

    def watch_columns(self, columns: Columns | None) -> None:
        """Show their names where they stand."""
        if columns is not None:
            names = (
                f"{_NAMES.get(at.name, ''):{'>' if at.name in _RIGHT else '<'}{at.width}.{at.width}}"
                for at in columns.columns
            )
            self.show([Piece(" " * GUTTER + " ".join(names))])
