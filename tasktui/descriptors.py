"""How many descriptors this process may have, and what its children begin with.

An owner has some for each task, so it takes as many as it may. Its children get the limit that it began with:
select() breaks in a program that has more than 1,024, and programs rely on the limit to keep them from that.
"""

from __future__ import annotations

import resource
import shutil
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

MOST: Final = 65_536
"""More than thousands of tasks need; without an end, whoever closes all that may be open takes long."""

_before: int | None = None


def attainable() -> int:
    """Return how many an owner has when it asked for more."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)


def raise_limit() -> None:
    """Let this process have as many as it may; a system that refuses leaves it as it was."""
    global _before  # noqa: PLW0603  # the limit is the process's own, too
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < attainable():
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (attainable(), hard))
            _before = soft


def lowered(argv: Sequence[str]) -> Sequence[str]:
    """Return the command with the limit that this process began with.

    By a shell, for a process with threads must not run code of ours between fork and exec; a program that is
    not there is left to fail by itself.
    """
    if _before is None or shutil.which(argv[0]) is None:
        return argv
    return ("/bin/sh", "-c", 'ulimit -Sn "$0"; exec "$@"', str(_before), *argv)
