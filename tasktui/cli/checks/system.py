"""Checks of the machine: limits, leftovers of tasks, whether work survives a logout."""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tasktui.cli.checks.finding import Finding

_FEW_WATCHES: Final = 8192
_FEW_FILES: Final = 1024
_LINGERING: Final = Path("/var/lib/systemd/linger")
_PATIENCE_S: Final = 2
_KILLS: Final = (
    "get-property", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
    "KillUserProcesses",
)  # fmt: skip


def look(home: Path) -> Iterator[Finding]:
    """Yield what was found."""
    yield _leftovers(home)
    yield _watches()
    yield _open_files()
    yield _logout()


def _leftovers(home: Path) -> Finding:
    """Find processes of our tasks whose supervisor is gone."""
    from tasktui.executors.run_files import is_locked, read_head
    from tasktui.executors.sweep import list_marked

    tasks = home / "tasks"
    running = {
        head.mark
        for directory in (tasks.iterdir() if tasks.is_dir() else ())
        if is_locked(directory) and (head := read_head(directory)) is not None
    }
    left = [pid for pid, mark in list_marked().items() if mark not in running and _is_ours(pid, home)]
    if left:
        pids = " ".join(map(str, sorted(left)))
        return Finding(
            "warn", "leftovers", f"Processes of tasks that have ended: {pids}. End them with kill."
        )
    return Finding("ok", "leftovers", f"none; {len(running)} tasks run")


def _is_ours(pid: int, home: Path) -> bool:
    try:
        return os.fsencode(f"TASKTUI_HOME={home}") in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _watches() -> Finding:
    numbers = [_number(f"/proc/sys/fs/inotify/max_user_{what}") for what in ("watches", "instances")]
    told = f"{numbers[0]} watches, {numbers[1]} instances"
    if numbers[0] is None:
        return Finding("note", "inotify", "not on this system; files are polled")
    if numbers[0] < _FEW_WATCHES:
        return Finding("warn", "inotify", f"{told}: few. Raise fs.inotify.max_user_watches.")
    return Finding("ok", "inotify", told)


def _open_files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = f"{soft} may be open, {hard} at most"
    if soft == resource.RLIM_INFINITY or soft >= _FEW_FILES:
        return Finding("ok", "files", told)
    return Finding("warn", "files", f"{told}: few. Raise it with ulimit -n.")


def _logout() -> Finding:
    """Tell whether systemd ends what runs when its user logs out."""
    if not Path("/run/systemd/system").exists():
        return Finding("ok", "logout", "Nothing here ends work when you log out.")
    user = pwd.getpwuid(os.geteuid()).pw_name
    if (_LINGERING / user).exists():
        return Finding("ok", "logout", "Work goes on when you log out (lingering is on).")
    if _kills_at_logout() is False:
        return Finding("ok", "logout", "Work goes on when you log out (KillUserProcesses=no).")
    return Finding("warn", "logout", f"Work may end when you log out. Say: loginctl enable-linger {user}")


def _kills_at_logout() -> bool | None:
    busctl = shutil.which("busctl")
    if busctl is None:
        return None
    try:
        told = subprocess.run(
            (busctl, *_KILLS), capture_output=True, text=True, timeout=_PATIENCE_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return told.split()[-1:] == ["true"]


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
