"""Whether a process that owns the data directory is alive, without asking it anything."""

from __future__ import annotations

import os
from pathlib import Path

from tasktui.service import owner


def is_there(home: Path) -> bool:
    """Whether the process that wrote itself down as owner has the lock; it may not answer.

    Its number alone may be another's by now, as after a restart of the machine.
    """
    info = owner.read_owner(home)
    return info is not None and owner.is_there(home, info)


def lives(pid: int) -> bool:
    """Whether there is such a process that has not ended; one that nobody buried yet has."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return not Path("/proc/self").exists() and _answers_signals(pid)
    except OSError:
        return True
    return state_of(text) not in {"Z", "X"}


def state_of(stat: str) -> str:
    """Return the state's letter of a line of `/proc/PID/stat`."""
    return stat.rpartition(")")[2].split()[0]


def _answers_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
