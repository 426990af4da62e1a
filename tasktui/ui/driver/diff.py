"""A terminal driver that sends only what changed, and never keeps the app waiting for the terminal."""

from __future__ import annotations

import errno
import os
import termios
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from textual.drivers.linux_driver import LinuxDriver
from textual.messages import TerminalSupportsSynchronizedOutput

from tasktui.ui.driver.frames import Screen
from tasktui.ui.driver.outbox import Outbox

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

STDERR: Final = 2
LEAVE_TIMEOUT_S: Final = 0.5
"""How long leaving waits for a terminal that takes nothing, twice at most."""


class DiffDriver(LinuxDriver):
    """Textual's Linux driver with a model of the screen between the app and the terminal.

    Textual's frames are parsed into cells. A thread sends the difference between what is wanted and what was
    sent, always of the newest state, so frames never queue. Use it as `App(driver_class=DiffDriver)`.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._screen = Screen(*self._get_terminal_size(), erases="STY" not in os.environ)
        self._fd = self._file.fileno() if self._file else STDERR
        self._outbox = Outbox(self._fd, self._screen, self._is_synchronized)
        self._announced = False

    @property
    def backlog(self) -> int:
        """Bytes the terminal isn't known to have taken; while there are any, a new frame may as well wait."""
        return self._outbox.backlog

    def write(self, data: str) -> None:
        """Take in what the app writes; returns at once."""
        with self._outbox.changed:
            self._screen.resize(*self._get_terminal_size())
            self._screen.write(data)
            self._outbox.changed.notify()

    def redraw(self) -> None:
        """Send the whole screen again, as after another program wrote over it."""
        with self._outbox.changed:
            self._screen.redraw()
            self._outbox.changed.notify()

    def start_application_mode(self) -> None:
        """Enter application mode, at first and after a suspension."""
        self._outbox.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual doesn't annotate it

    def stop_application_mode(self) -> None:
        """Leave application mode and restore the terminal, if it takes anything."""
        super().stop_application_mode()
        self._outbox.drain(LEAVE_TIMEOUT_S)

    def close(self) -> None:
        """Stop the writer; a terminal that takes nothing delays this by a second at most."""
        self._outbox.close(LEAVE_TIMEOUT_S, self._discard_output)
        super().close()

    def process_message(self, message: Message) -> None:
        """Count the terminal's answers; the app hears of the first one only."""
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            self._outbox.answered()
            if self._announced:
                return
            self._announced = True
        super().process_message(message)

    def _sigcont_application(self, *_: object) -> None:
        """Come back after ctrl+z; who was merely stopped never left, and a second reader would take keys."""
        if self._must_signal_resume:
            super()._sigcont_application()

    def run_input_thread(self) -> None:
        """Read keys until the app stops or the terminal is gone."""
        try:
            super().run_input_thread()
        except OSError as error:
            if error.errno != errno.EIO:
                raise

    def _is_synchronized(self) -> bool:
        return self._announced and os.environ.get("TERM_PROGRAM") != "Apple_Terminal"

    def _discard_output(self) -> None:
        with suppress(termios.error):
            termios.tcflush(self._fd, termios.TCOFLUSH)
