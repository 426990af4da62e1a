"""Textual's command palette, for keys that come faster than it draws."""

from __future__ import annotations

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit

from tasktui.ui.screens.leaving_once import LeavingOnce


class PaletteScreen(CommandPalette, LeavingOnce[None]):
    """The palette; it carries no id, so that one on a screen which failed does not keep the next away."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave once, and do once what was chosen."""
        if self.app.screen is not self:
            self._selected_command = DiscoveryHit("", _nothing)
        return super().dismiss(result)

    def _action_command_list(self, action: str) -> None:
        # to page, Textual looks up the line of a row that it has not laid out yet
        with suppress(KeyError):
            super()._action_command_list(action)


def _nothing() -> None:
    """Do nothing: it was done."""
