"""Checks of whether work survives its user's logout; docs/server.md tells how to make it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tasktui.cli.checks.finding import Finding

_LINGERING: Final = Path("/var/lib/systemd/linger")
_SYSTEMD: Final = Path("/run/systemd/system")
_UNIT: Final = Path("systemd/user/tasktui.service")
_AGENT: Final = Path("Library/LaunchAgents/tasktui.plist")
_PATIENCE_S: Final = 2
_KILLS: Final = (
    "get-property", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
    "KillUserProcesses",
)  # fmt: skip


def look() -> Iterator[Finding]:
    """Yield what was found."""
    yield _logout()
    yield from _units()


def _logout() -> Finding:
    """Tell whether systemd ends what runs when its user logs out."""
    if not _SYSTEMD.exists():
        return Finding("ok", "logout", "Nothing here ends work when you log out.")
    user = pwd.getpwuid(os.geteuid()).pw_name
    if (_LINGERING / user).exists():
        return Finding("ok", "logout", "Work goes on when you log out (lingering is on).")
    if _kills_at_logout() is False:
        return Finding(
            "ok", "logout", "Work goes on when you log out (KillUserProcesses=no), but a unit of yours ends."
        )
    return Finding(
        "warn", "logout", "Work may end when you log out (KillUserProcesses).",
        f"Say: loginctl enable-linger {user}. docs/server.md has the unit.",
    )  # fmt: skip


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


def _units() -> Iterator[Finding]:
    """Tell whether a service manager keeps an owner here."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    path = Path.home() / _AGENT if sys.platform == "darwin" else config / _UNIT
    if path.exists():
        yield Finding("note", "unit", f"{path}")
