"""Runs tests beside each other, and those few that failed once more alone; says which passed only then.

Many drive real processes, terminals and sockets, a few at a time on each core, and one in thousands fails
by an order of events that nobody thought of. What fails by a fault fails alone, too.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

MOST: Final = 3
"""More than these at once is no matter of chance."""
RACES: Final = (
    "Each of these failed beside others and passed alone. It is a race, of the test or of tasktui, "
    "and above stands what it looked like:"
)
_GROUP: Final = re.compile(r"@[^\]]*$")
"""What pytest-xdist adds to the name of a test that belongs to a group."""


def main(args: Sequence[str]) -> int:
    """Run pytest with these arguments, then what failed; return its exit code."""
    # Ctrl-C is for pytest, which ends what it started; a program that is started has the default again
    signal.signal(signal.SIGINT, lambda *_: None)
    with tempfile.TemporaryDirectory() as cache:
        code = _pytest(*args, "-o", f"cache_dir={cache}")
        failed = _failed(Path(cache))
    if code != pytest.ExitCode.TESTS_FAILED or not 0 < len(failed) <= MOST:
        return code
    _say("\nOnce more, alone:", failed)
    code = _pytest("-p", "no:cacheprovider", *failed)
    if code == 0:
        _say(RACES, failed)
    return code


def _say(what: str, names: Sequence[str]) -> None:
    sys.stdout.write("\n  ".join((what, *names)) + "\n")
    sys.stdout.flush()


def _pytest(*args: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *args], check=False).returncode


def _failed(cache: Path) -> list[str]:
    noted = cache / "v" / "cache" / "lastfailed"
    names = json.loads(noted.read_bytes()) if noted.exists() else {}
    return sorted({_GROUP.sub("", name) for name in names})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
