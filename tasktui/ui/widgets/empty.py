"""What stands where the list would be when it has no task."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Static

from tasktui.ui.host import key_of
from tasktui.ui.text import joined, safe


class EmptyList(Static):
    """Says what to do next: start something, or drop the filter."""

    filter: reactive[str | None] = reactive(None)
    """What the list is filtered by; None before it was read."""

    def watch_filter(self, text: str | None) -> None:
        """Say what fits."""
        if text is None:
            self.update(joined("Reading…"))
        elif text:
            self.update(
                joined(("No task matches", "bold"), "  ", text, "\u2003", ("esc", "bold"), " shows all")
            )
        else:
            new, palette = (key_of(self, name) for name in ("task.new", "palette"))
            self.update(safe(_NOTHING.format(new=new, palette=palette)))


_NOTHING = """Nothing here yet.

{new:<4} start a task
{palette:<4} every action by name

tasktui run -- make test
tasktui demo   (sample work)"""
