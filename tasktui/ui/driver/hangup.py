"""What to do when the terminal goes away: let go of it, then leave."""

from __future__ import annotations

import asyncio
import contextvars
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


def on_hangup(leave: Callable[[], object]) -> None:
    """On SIGHUP let go of the terminal first, then call `leave` (such as `App.exit`) on the running loop.

    Call it on the loop of the screen, in the main thread. The process itself lives on.
    """
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()

    def hung_up(_signal: int, _frame: FrameType | None) -> None:
        let_go_of_terminal()
        if not loop.is_closed():
            loop.call_soon_threadsafe(leave, context=context)

    signal.signal(signal.SIGHUP, hung_up)
