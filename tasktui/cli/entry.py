"""Where the command begins: the plain dashboard opens without click, all else goes through it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tasktui.cli.streams import open_closed

VALUED: Final = ("--home", "--theme")


def main() -> None:
    """Run the command and end with its exit code."""
    open_closed()
    flags = only_flags(sys.argv[1:])
    if flags is None or not _open(flags):
        from tasktui.cli import main as commands

        commands.main()


def only_flags(argv: Sequence[str]) -> dict[str, Any] | None:
    """Return the settings of a command line that only opens the dashboard; None when click is to read it."""
    flags: dict[str, Any] = {}
    words = iter(argv)
    for word in words:
        name, joined, value = word.partition("=")
        if name in VALUED:
            value = value if joined else next(words, "")
            if not value or value.startswith("-"):
                return None
            flags[name[2:]] = value
        elif word == "--no-mouse":
            flags["mouse"] = False
        else:
            return None
    return flags


def _open(flags: Mapping[str, Any]) -> bool:
    """Draw the dashboard until the person leaves; return False where nothing can be drawn."""
    from tasktui.cli.dashboard import dashboard, has_screen
    from tasktui.cli.session import Session

    if not has_screen():
        return False
    try:
        dashboard(Session(flags))
    except Exception as exc:  # noqa: BLE001  # a person gets a sentence, the log has the rest
        from tasktui.cli.main import told

        sys.exit(told(exc, sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    return True
