"""Running a program beside a task, such as a check of what it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Program:
    """What is to run, and for how long at most."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    """Its whole environment."""
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended, and what it wrote."""

    exit_code: int | None
    """None when it never started, or nobody saw its end; 128 + n when signal n ended it."""
    duration_ms: int = 0
    timed_out: bool = False
    failure: str | None = None
    """Why it never started, or what became of it."""
    output: bytes = b""
    """The first and the last part when it is long."""


class Programs(Protocol):
    """Runs programs, with everything that they start ended with them."""

    async def run(self, directory: Path, program: Program) -> Ran:
        """Run it to its end; a cancelled caller ends it.

        Args:
            directory: for the files of this run; absolute, made if missing.
            program: what to run.
        """
        ...
