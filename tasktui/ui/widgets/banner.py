"""A line that says what is wrong with the whole: disk full, disconnected, fenced, a fault of the screen."""

from __future__ import annotations

from typing import Final

from textual.reactive import reactive
from textual.widgets import Static

from tasktui.ui.text import joined

ORDER: Final = ("fault", "connection", "store")
"""What is said first when there is more than one."""


class Banner(Static):
    """Hidden while all is well."""

    shown: reactive[bool] = reactive(False, toggle_class="-shown")
    """Whether it says anything."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._said: dict[str, str] = {}

    def say(self, source: str, text: str | None) -> None:
        """Say something about one of the sources in `ORDER`, or that it is well again."""
        before = dict(self._said)
        if text is None:
            self._said.pop(source, None)
        else:
            self._said[source] = text
        if self._said != before:
            said = [self._said[name] for name in ORDER if name in self._said]
            self.update(joined("!", *said, separator=" "))
            self.shown = bool(said)
