"""The calls that only Linux has, in one place: prctl, the tree below a process, killing all of it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MAX_ROUNDS = 64
"""Rounds of stopping before the kill; a swarm that grows faster meets the caller's next try."""

_LIBC = ctypes.CDLL(None, use_errno=True)


def missing_support() -> str | None:
    """Return the sentence that says why tasks cannot be run on this system, None where they can."""
    if sys.platform != "linux" or not os.path.isdir("/proc/self/task"):
        return "Running tasks needs Linux with /proc mounted; here tasktui can only attach to another host."
    if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
        return "Running tasks needs a Linux kernel with CONFIG_PROC_CHILDREN."
    return None


def become_subreaper() -> None:
    """Let every orphan below this process become its child."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; it ends now if ``parent`` is gone already."""
    _prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def tree(root: int) -> list[int]:
    """Return the processes below ``root``, parents first."""
    found: list[int] = []
    todo = [root]
    while todo:
        below = _children(todo.pop())
        found += below
        todo += below
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # the list is kept per thread
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    except OSError:
        pass  # it ended meanwhile; its children are ours by now
    return found


def signal_all(pids: list[int], number: int) -> None:
    """Signal each process, ignoring those already gone."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def kill_tree(root: int) -> None:
    """Stop everything below ``root`` first, so that nothing forks out of sight, then kill it."""
    seen: set[int] = set()
    for _ in range(MAX_ROUNDS):
        found = tree(root)
        if seen.issuperset(found):
            break
        signal_all(found, signal.SIGSTOP)
        seen.update(found)
    signal_all(tree(root), signal.SIGKILL)
