"""Finding and killing what a run left behind, by the random marker in its environment and by nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from tasktui.executors.launch import MARK

DEADLINE_S = 5.0
"""How long a sweep goes on against processes that keep coming back."""
PAUSE_S = 0.02
_PREFIX = MARK.encode() + b"="


def list_marked() -> dict[int, str]:
    """Return the marks of all processes that carry one, by process id; this process is left out."""
    found = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 (a path object for each process doubles the time)
        if entry.isdigit() and int(entry) != os.getpid() and (mark := _mark_of(int(entry))):
            found[int(entry)] = mark
    return found


def _mark_of(pid: int) -> str | None:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # gone, or another user's
        return None
    for variable in environment.split(b"\0"):
        if variable.startswith(_PREFIX):
            return variable[len(_PREFIX) :].decode(errors="replace")
    return None


async def sweep(mark: str) -> int:
    """Kill everything that carries ``mark``; returns how many processes that were."""
    if not mark:
        raise ValueError("an empty mark would match nothing or everything")
    return await asyncio.to_thread(_sweep, mark)


def _sweep(mark: str) -> int:
    killed: set[int] = set()
    clean, end = 0, time.monotonic() + DEADLINE_S
    while clean < 2 and time.monotonic() < end:  # twice: a fork may have been under way
        found = _stop_all(mark)
        for pid in found:
            _signal(pid, mark, signal.SIGKILL)
        killed |= found
        clean = 0 if found else clean + 1
        time.sleep(PAUSE_S if found else 0)
    return len(killed)


def _stop_all(mark: str) -> set[int]:
    """Stop what carries the mark until a look finds nothing new, so that nothing forks out of sight."""
    stopped: set[int] = set()
    while True:
        found = {pid for pid, its_mark in list_marked().items() if its_mark == mark}
        if found <= stopped:
            return found
        for pid in found - stopped:
            _signal(pid, mark, signal.SIGSTOP)
        stopped |= found


def _signal(pid: int, mark: str, number: signal.Signals) -> None:
    """Signal a process through a descriptor, looked at again, so that a reused id is never hit."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return
    try:
        if _mark_of(pid) == mark:
            signal.pidfd_send_signal(fd, number)
    except OSError:
        pass  # it ended meanwhile
    finally:
        os.close(fd)
