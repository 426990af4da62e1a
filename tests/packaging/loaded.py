"""What a fresh interpreter loads: `loaded_by_import("tasktui.domain.rows")`, `loaded_by_command("ls")`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s*(?P<module>\S+)$", re.MULTILINE)


def loaded_by_import(module: str) -> frozenset[str]:
    """The modules that importing `module` loads, itself among them."""
    return _loaded(["-c", f"import {module}"])


def loaded_by_command(
    *argv: str, env: Mapping[str, str] | None = None, exits: Sequence[int] = (0,)
) -> frozenset[str]:
    """The modules that `tasktui ARGV…` loads in its own process, from start to end.

    Args:
        argv: Arguments after `tasktui`.
        env: Variables on top of the environment of the test.
        exits: Exit codes that are right for this command.

    Raises:
        AssertionError: The command ended with another code.
    """
    return _loaded(["-m", "tasktui", *argv], env=env, exits=exits)


def of(packages: Sequence[str], loaded: frozenset[str]) -> list[str]:
    """Those of `loaded` that belong to one of the packages; a wall asserts that there are none."""
    return sorted(
        name for name in loaded if any(f"{name}.".startswith(f"{package}.") for package in packages)
    )


def _loaded(
    arguments: list[str], *, env: Mapping[str, str] | None = None, exits: Sequence[int] = (0,)
) -> frozenset[str]:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert ran.returncode in exits, (
        f"{arguments} exited {ran.returncode}: {_IMPORTED.sub('', ran.stderr).strip()}"
    )
    return frozenset(_IMPORTED.findall(ran.stderr))
