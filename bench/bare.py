"""The least that a Textual program can be: the reference for time, memory and CPU."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """An `App` with one `Static`."""

    def compose(self) -> ComposeResult:
        """Show one line."""
        yield Static("bare app stands")


if __name__ == "__main__":
    Bare().run()
