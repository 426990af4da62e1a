"""What to do when the terminal goes away: let go of it, then leave."""

from __future__ import annotations

import asyncio
import contextvars
import os
import select
import signal
import sys
from collections.abc import Callable
from types import FrameType


def let_go_of_terminal() -> None:
    """Point stdin, stdout and stderr at /dev/null, so that no write can block or fail."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


def on_hangup(leave: Callable[[], object]) -> None:
    """When the terminal is gone let go of it first, then call `leave` (such as `App.exit`) once.

    Call it on the loop of the screen, in the main thread. The process itself lives on.

    SIGHUP says it, but not to everybody: the kernel sends it to the leader of the session alone, and one that
    waits for us as `make` does hands it on to nobody. So the terminal itself is asked as well, on Linux.
    """
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    is_gone = False

    def gone() -> None:
        nonlocal is_gone
        if not is_gone:
            is_gone = True
            let_go_of_terminal()
            leave()

    def hung_up(_signal: int, _frame: FrameType | None) -> None:
        let_go_of_terminal()
        if not loop.is_closed():
            loop.call_soon_threadsafe(gone, context=context)

    if sys.platform == "linux":
        _ask_terminal(loop, gone)
    signal.signal(signal.SIGHUP, hung_up)


def _ask_terminal(loop: asyncio.AbstractEventLoop, gone: Callable[[], object]) -> None:
    terminal = select.epoll()
    # nothing is asked for, and an end is told all the same
    terminal.register(0, 0)

    def told() -> None:
        loop.remove_reader(terminal.fileno())
        terminal.close()
        gone()

    loop.add_reader(terminal.fileno(), told)
