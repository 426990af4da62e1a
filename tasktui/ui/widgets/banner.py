"""A line that says what is wrong with the whole: disk full, disconnected, fenced, a fault of the screen."""

from __future__ import annotations

from typing import Final

from textual.reactive import reactive
from textual.widgets import Static

from tasktui.ui.host import Notice
from tasktui.ui.text import joined

ORDER: Final = ("fault", "connection", "store", "notice")
"""What is said first when there is more than one."""


class Banner(Static):
    """Hidden while all is well."""

    shown: reactive[bool] = reactive(False, toggle_class="-shown")
    """Whether it says anything."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._notice: Notice | None = None
        self._said: dict[str, str] = {}

    def tell(self, notice: Notice | None, key: str) -> None:
        """Say what has to be told once, until it was read: by this key or a click."""
        self._notice = notice
        sentence = notice.unread() if notice is not None else None
        self.say("notice", sentence and f"{sentence} ({key}: read)")

    def take_as_read(self) -> bool:
        """Forget what had to be told once; False when there is nothing of the kind."""
        if self._notice is None or "notice" not in self._said:
            return False
        self._notice.was_read()
        self.say("notice", None)
        return True

    def on_click(self) -> None:
        """Take it as read."""
        self.take_as_read()

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
