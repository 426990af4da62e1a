"""Programs in memory that end as they were told to: for tests and demonstrations of embedding."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tasktui.domain.ports.programs import Program, Ran


class ScriptedPrograms:
    """The `Programs` port; an end is found by the first word of the program."""

    def __init__(self, ends: Mapping[str, Ran] | None = None) -> None:
        self.ends = dict(ends or {})
        self.asked: list[Program] = []
        """What was run, in order."""

    async def run(self, directory: Path, program: Program) -> Ran:  # noqa: ARG002  # the port's signature
        """Return the end that was given for this program."""
        self.asked.append(program)
        return self.ends.get(program.argv[0]) or Ran(None, failure=f"No such program: {program.argv[0]}")
