"""Checks of what the system grants: descriptors, processes, watches, room for temporary files."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tasktui.cli.checks.finding import Finding
from tasktui.descriptors import attainable
from tasktui.domain.amounts import size

_FEW_WATCHES: Final = 8192
_FEW_INSTANCES: Final = 16
_FEW_FILES: Final = 1024
_FEW_PROCESSES: Final = 512
"""That may still be started: 64 tasks with a supervisor and a small tree each."""
_LITTLE_ROOM: Final = 64 << 20
_RAISE: Final = "Raise it in /etc/security/limits.conf, or LimitNOFILE= of the unit."


def look() -> Iterator[Finding]:
    """Yield what was found."""
    yield _open_files()
    yield _processes()
    yield _watches()
    yield _temporary()


def _open_files() -> Finding:
    most = attainable()
    told = f"{most} may be open in an owner, {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} in a task"
    if most >= _FEW_FILES:
        return Finding("ok", "files", told)
    return Finding("warn", "files", f"{told}: few.", _RAISE)


def _processes() -> Finding:
    limits = [resource.getrlimit(resource.RLIMIT_NPROC)[0], _of_control_group()]
    limits = [limit for limit in limits if limit not in {None, resource.RLIM_INFINITY}]
    if not limits:
        return Finding("ok", "processes", "as many as the system takes")
    most = min(limit for limit in limits if limit is not None)
    mine = _own_processes()
    told = f"{most} may run, {mine} do"
    if most - mine < _FEW_PROCESSES:
        return Finding("warn", "processes", f"{told}: few.", "Raise ulimit -u, or TasksMax= of the unit.")
    return Finding("ok", "processes", told)


def _of_control_group() -> int | None:
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    group = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), None)
    return None if group is None else _number(Path("/sys/fs/cgroup") / group / "pids.max")


def _own_processes() -> int:
    """Count what runs as this user."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            count += entry.stat().st_uid == os.geteuid()
        except OSError:
            continue
    return count


def _watches() -> Finding:
    watches = _number(Path("/proc/sys/fs/inotify/max_user_watches"))
    instances = _number(Path("/proc/sys/fs/inotify/max_user_instances"))
    if watches is None or instances is None:
        return Finding("note", "inotify", "not on this system; files are polled")
    told = f"{watches} watches, {instances} instances"
    if watches < _FEW_WATCHES:
        return Finding(
            "warn", "inotify", f"{told}: few.", "Say as root: sysctl fs.inotify.max_user_watches=524288"
        )
    if instances < _FEW_INSTANCES:
        return Finding(
            "warn", "inotify", f"{told}: few.", "Say as root: sysctl fs.inotify.max_user_instances=128"
        )
    return Finding("ok", "inotify", told)


def _temporary() -> Finding:
    """Tell where temporary files go: sockets whose path would be too long lie there, too."""
    try:
        there = Path(tempfile.gettempdir())
        free = shutil.disk_usage(there).free
    except OSError as exc:
        return Finding(
            "bad", "temporary", f"There is no place for temporary files: {exc.strerror}.",
            "Set TMPDIR to a directory that you may write.",
        )  # fmt: skip
    if free < _LITTLE_ROOM:
        return Finding(
            "warn", "temporary", f"Only {size(free)} are free in {there}.", "Make room, or set TMPDIR."
        )
    return Finding("ok", "temporary", f"{there}, {size(free)} free")


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
