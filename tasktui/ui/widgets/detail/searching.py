"""Search inside a long view: every match marked, `n` and `N` from one to the next, a count."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from textual import work
from textual.reactive import var

from tasktui.domain.errors import TasktuiError
from tasktui.ui.text import safe_str
from tasktui.ui.widgets.detail.line_canvas import LineCanvas
from tasktui.ui.widgets.detail.source import Match

MOST_MATCHES: Final = 10_000
"""Matches that are counted and gone to."""


class Searching(LineCanvas):
    """A long view that can be searched."""

    match_at: var[int] = var(-1)
    """Which match the cursor stands on, -1 for none."""
    searching: var[bool] = var(False)
    """Whether the source is still being read for matches."""

    def __init__(self, *, points: bool = True, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(points=points, id=id, classes=classes)
        self.matches: list[Match] = []

    def search(self, wanted: str) -> None:
        """Mark a text wherever it stands and go to its nearest place; an empty one ends the search."""
        self.query_text = wanted.lower()
        self.matches = []
        self.match_at = -1
        self.refresh()
        if wanted:
            self._gather(wanted)
        else:
            self.searching = False
            self.workers.cancel_group(self, "search")
        self.post_message(self.Moved())

    def search_words(self) -> str:
        """Return where the search stands: `3/17`, `0 matches`."""
        count = len(self.matches)
        going = "…" if self.searching else "+" if count >= MOST_MATCHES else ""
        if not count:
            return "searching…" if self.searching else "no match"
        return f"{self.match_at + 1}/{count:,}{going}"

    def action_search_next(self) -> None:
        """To the next match."""
        self._to_match(1)

    def action_search_previous(self) -> None:
        """To the match before."""
        self._to_match(-1)

    @work(group="search", exclusive=True)
    async def _gather(self, wanted: str) -> None:
        self.searching = True
        try:
            async for found in self.window.source.find(wanted):
                self.matches += found
                self._first_match()
                if len(self.matches) >= MOST_MATCHES:
                    break
        except TasktuiError as problem:
            self.notify(safe_str(problem.message), severity="error", markup=False)
        self.searching = False
        self.post_message(self.Moved())

    def _first_match(self) -> None:
        if self.match_at < 0 and self.matches:
            self._go(min(bisect_left(self.matches, self._here()), len(self.matches) - 1))
        self.post_message(self.Moved())

    def _here(self) -> Match:
        return Match(self.cursor) if self.points else Match(*self._anchor())

    def _to_match(self, step: int) -> None:
        if self.matches:
            self._go((self.match_at + step) % len(self.matches))

    def _go(self, index: int) -> None:
        self.match_at = index
        found = self.matches[index]
        self.following = False
        if self.points:
            self.cursor = found.item
        top = self.window.layout.top(found.item) + found.sub
        self._place(max(0, top - self.size.height // 3))
        self.refresh()
        self.post_message(self.Moved())
