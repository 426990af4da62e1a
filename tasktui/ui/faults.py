"""When a widget or an action fails: the screen starts over, the tasks don't notice."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from textual._context import active_message_pump
from textual.app import App
from textual.dom import NoScreen
from textual.worker import Worker, WorkerFailed, get_current_worker

from tasktui.ui.dialogs import Leaving

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.screen import Screen

log = logging.getLogger(__name__)
MOST: Final = 3
CALM_S: Final = 10.0
"""A screen that stood for so long counts as well again; a slow machine fails slowly, too."""


class Faults:
    """Counts failures; more than a few with no calm between them are not worth another start."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._last = float("-inf")
        self.total = 0
        """All failures of this app."""
        self.starts = 0
        """How often the screen has started over; two failures at once are two of them."""

    def bearable(self) -> bool:
        """Count one more, and return whether to start over."""
        now = monotonic()
        self.total += 1
        self._in_a_row = self._in_a_row + 1 if now - self._last < CALM_S else 1
        self._last = now
        return self._in_a_row <= MOST


class FailSafe(App[Leaving], inherit_bindings=False):
    """An app that outlives its widgets' failures."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self.faults = Faults()

    @abstractmethod
    async def start_over(self, why: str) -> None:
        """Put a fresh screen in the place of the one that failed, and say why."""

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, unless the screen is still being built; when it fails the screen starts over."""
        if not is_built(self.screen):
            return True
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:  # noqa: BLE001 actions run on the app's own loop, which must outlive them
            self._failed(error)
            return True

    def _handle_exception(self, error: Exception) -> None:
        """Start the screen over instead of ending the app, unless it is the app itself that failed."""
        if isinstance(error, WorkerFailed) and self._outlived(get_current_worker()):
            log.info("what it was for has gone", exc_info=error)
            return
        if self._exit:
            # what it was to be drawn in is taken down
            log.info("it came while the screen was left", exc_info=error)
            return
        ours = active_message_pump.get(None) is self and not isinstance(error, WorkerFailed)
        if ours or not self.is_running:
            log.critical("the screen failed and ends", exc_info=error)
            super()._handle_exception(error)
        else:
            self._failed(error)

    def _outlived(self, worker: Worker[object]) -> bool:
        """Whether the screen that a worker worked for was left meanwhile."""
        try:
            return worker.node is not self and worker.node.screen not in self.screen_stack
        except NoScreen:
            return True

    def _failed(self, error: Exception) -> None:
        log.error("the screen failed", exc_info=error)
        if self.faults.bearable():
            self.call_later(self.start_over, told(error))
        else:
            super()._handle_exception(error)


def is_built(screen: Screen[Any]) -> bool:
    """Whether a screen has all that its keys need: those come as soon as it is shown."""
    return screen.is_mounted and bool(getattr(screen, "is_complete", True))


def told(error: BaseException) -> str:
    """Return a sentence for a person about a failure of the screen."""
    cause = error.__cause__ or error
    what = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    return f"The screen failed ({what}) and was started again. Your tasks are not touched."
