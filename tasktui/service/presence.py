"""Whether the process of an owner can still answer. Standard library alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

LONGEST_SILENCE_S: Final = 30.0
"""Silence of an owner that runs, after which it is taken to hang: a busy machine makes it slow, too."""
REPLACED_AFTER_S: Final = 10.0
"""For how long an owner may be stopped before an attached screen has another take over."""
_STOPPED: Final = b"T"
_STILL: Final = (_STOPPED, b"t", b"Z", b"X", b"x")
"""Stopped, traced, ended: the states of proc(5) in which nothing is answered."""


def runs(pid: int) -> bool:
    """Whether there is such a process, stopped or not."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def stands_still(pid: int) -> bool:
    """Whether a process is away or stopped, so that waiting for it is in vain."""
    state = _state(pid)
    # gone, or a system without /proc
    return state in _STILL if state else not runs(pid)


def is_stopped(pid: int) -> bool:
    """Whether a process was stopped by a signal and may go on; one in a debugger is not meant."""
    return _state(pid) == _STOPPED


def has_open(pid: int, file: os.stat_result) -> bool:
    """Whether a process of ours has this file open; not on a system without /proc."""
    try:
        with os.scandir(f"/proc/{pid}/fd") as found:
            return any(_is(one, file) for one in found)
    except OSError:
        return False


def _is(entry: os.DirEntry[str], file: os.stat_result) -> bool:
    try:
        return os.path.samestat(entry.stat(), file)
    except OSError:  # closed meanwhile, or no file
        return False


def _state(pid: int) -> bytes:
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return b""
    return told.rpartition(b")")[2].split()[0]
