"""A screen that is left once, however often the person says so."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

R = TypeVar("R")


class LeavingOnce(Screen[R]):
    """A screen whose second farewell does nothing.

    A key that is held, or a key behind a click, comes when the screen is gone already: Textual would then
    take away the screen below it, or fail where there is none. Name it after a kind of Textual's own: the
    first base is where Textual takes the looks from.
    """

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Leave with a result, unless the person has left."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
