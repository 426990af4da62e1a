"""Where the command begins: dashboard and background owner open without click, all else goes through it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from tasktui.cli.streams import open_closed

VALUED: Final = ("--home", "--theme")
BACKGROUND: Final = ("serve", "--background")
TAKE_OVER: Final = "--take-over"


def main() -> None:
    """Run the command and end with its exit code."""
    open_closed()
    argv = sys.argv[1:]
    flags = only_flags(argv)
    if is_background(argv):
        _own(take_over=TAKE_OVER in argv)
    elif flags is None or not _open(flags):
        from tasktui.cli import main as commands

        commands.main()


def is_background(argv: Sequence[str]) -> bool:
    """Whether a command line is that by which screens and commands start an owner."""
    return tuple(argv) in {BACKGROUND, (*BACKGROUND, TAKE_OVER)}


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


def _own(*, take_over: bool) -> None:
    """Own the data directory until nobody needs it."""
    from tasktui.cli.owning import own
    from tasktui.cli.session import Session

    with _told():
        own(Session({}), background=True, take_over=take_over)


def _open(flags: Mapping[str, Any]) -> bool:
    """Draw the dashboard until the person leaves; return False where nothing can be drawn."""
    from tasktui.cli.dashboard import dashboard, has_screen
    from tasktui.cli.session import Session

    if not has_screen():
        return False
    with _told():
        dashboard(Session(flags))
    return True


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Exception as exc:  # noqa: BLE001  # a person gets a sentence, the log has the rest
        from tasktui.cli.main import told

        sys.exit(told(exc, sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
