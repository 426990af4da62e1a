"""Finding and killing what a run left behind, by the random marker in its environment and by nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from tasktui.executors.launch import MARK

DEADLINE_S = 5.0
"""How long a sweep goes on against processes that keep coming back."""
PAUSE_S = 0.02
MAX_LOOKS = 32
"""On a busy machine some process always ends during a look; after so many it has to do."""
_PREFIX = b"\0" + MARK.encode() + b"="


def list_marked() -> dict[int, str]:
    """Return the marks of all processes that carry one, by process id; this process is left out."""
    return _look()[0]


def _look() -> tuple[dict[int, str], bool]:
    """Return the marks by process id, and whether a process ended meanwhile: its child may be unseen."""
    found, some_ended = {}, False
    for entry in os.listdir("/proc"):  # noqa: PTH208 (a path object for each process doubles the time)
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            mark = _mark_of(int(entry))
        except PermissionError:  # another user's
            continue
        except OSError:
            some_ended = True
            continue
        if mark:
            found[int(entry)] = mark
    return found, some_ended


def _mark_of(pid: int) -> str | None:
    with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:  # noqa: PTH123 (as above)
        environment = file.read()
    at = (b"\0" + environment).find(_PREFIX)
    if at < 0:
        return None
    end = environment.find(b"\0", at)
    return environment[at + len(_PREFIX) - 1 : end if end >= 0 else None].decode(errors="replace")


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
    for _ in range(MAX_LOOKS):
        marks, some_ended = _look()
        found = {pid for pid, its_mark in marks.items() if its_mark == mark}
        if found <= stopped and not some_ended:
            break
        for pid in found - stopped:
            _signal(pid, mark, signal.SIGSTOP)
        stopped |= found
    return stopped


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
