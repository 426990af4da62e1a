"""The three standard streams, whatever became of them before we were called."""

from __future__ import annotations

import os
import sys


def open_closed() -> None:
    """Put /dev/null where a standard stream is closed.

    Else the next file that is opened, a lock or the database, would be standard output to our children.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _fill(number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def _fill(number: int) -> None:
    fd = os.open(os.devnull, os.O_RDWR)
    if fd != number:
        os.dup2(fd, number)
        os.close(fd)
    os.set_inheritable(number, True)
