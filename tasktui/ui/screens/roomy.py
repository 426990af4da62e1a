"""A list of tasks that needs some room; below the least size a notice stands in its place."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.widgets import Static

from tasktui.ui.screens.listing import Listing
from tasktui.ui.text import joined
from tasktui.ui.widgets.header import Header

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 15


class Roomy(Listing):
    """Shows what it needs and how many tasks stand where while it has less."""

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size show a notice and the counts instead."""
        self.set_class(event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT, "-too-small")
        self.say_too_small()

    def say_too_small(self) -> None:
        """Say what is needed and what there is."""
        if not self.has_class("-too-small"):
            return
        for notice in self.query("#too-small").results(Static):
            needs = f"tasktui needs {LEAST_WIDTH}×{LEAST_HEIGHT} (now {self.size.width}×{self.size.height})."
            notice.update(joined(needs, self.query_one(Header).summary, separator="\n"))
