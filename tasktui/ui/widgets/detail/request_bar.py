"""The question that a task waits with, at the bottom of the pane, and the keys that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tasktui.domain.records import RequestRow
from tasktui.ui.host import host, key_of
from tasktui.ui.task_words import elapsed
from tasktui.ui.text import joined, safe_line
from tasktui.ui.widgets.detail.asking import options_of, place_of

_APPROVAL: Final = {
    "approve": "allow once", "approve.always": "for this task",
    "deny": "deny", "deny.reason": "deny and say why",
}  # fmt: skip
_INPUT: Final = {"approve": "answer"}


class RequestBar(Widget):
    """Shown while a question waits; what it says is never more than three lines."""

    asked: reactive[RequestRow | None] = reactive[RequestRow | None](None, layout=True)
    """The question."""
    others: reactive[int] = reactive(0)
    """How many more wait behind it."""

    def watch_asked(self, asked: RequestRow | None) -> None:
        """Be there only while something waits."""
        self.set_class(asked is not None, "-waiting")

    def render(self) -> Content:
        """What is asked, since when, and the keys."""
        asked = self.asked
        if asked is None:
            return Content()
        waited = elapsed(host(self).now() - asked.requested_at)
        more = f" · {self.others} more" if self.others else ""
        tool = f"{asked.tool}: " if asked.tool else ""
        head = "! approval" if asked.kind == "approval" else "? question"
        first = joined((head, "bold"), (f"  waits for you {waited}{more}", "dim"))
        place = place_of(asked)
        words = joined(safe_line(f"  {tool}{asked.summary}"), (f"  in {place}" if place else "", "dim"))
        options = " · ".join(f"{number} {word}" for number, word in enumerate(options_of(asked), 1))
        keys = self._keys(_INPUT) + f": {options}" * bool(options)
        if asked.kind == "approval":
            keys = self._keys(_APPROVAL)
        return Content("\n").join([first, words, joined((f"  {keys}", ""))])

    def _keys(self, words: Mapping[str, str]) -> str:
        return "  ".join(f"[{key_of(self, name)}] {word}" for name, word in words.items())
