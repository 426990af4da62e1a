"""What to do when the terminal goes away: let go of it, then leave."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType


def let_go_of_terminal() -> None:
    """Point stdin, stdout and stderr at /dev/null, so that no write can block or fail."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


def on_hangup(leave: Callable[[], None]) -> None:
    """On SIGHUP let go of the terminal first, then call `leave` (such as `App.exit`). Main thread only."""

    def hung_up(_signal: int, _frame: FrameType | None) -> None:
        let_go_of_terminal()
        leave()

    signal.signal(signal.SIGHUP, hung_up)
