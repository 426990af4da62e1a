"""Programs beside a task, such as its gates: each under a shim of its own, with a deadline."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Final

from tasktui.domain.ports.programs import Program, Ran
from tasktui.executors.launch import DEFAULT_CAP_BYTES, DEFAULT_GRACE_S, Launch, LaunchError
from tasktui.executors.outputs import FileOutputs
from tasktui.executors.process import Supervisor
from tasktui.executors.supervised import exit_code

KEPT_BYTES: Final = 262_144
"""Of the begin of what a program wrote, and as much of its end."""
_CUT: Final = b"\n[what lies between is not kept]\n"


class SupervisedPrograms:
    """The `Programs` port over the supervisor of a data directory."""

    def __init__(self, supervisor: Supervisor, *, grace_s: float = DEFAULT_GRACE_S) -> None:
        self._supervisor = supervisor
        self._grace_s = grace_s

    async def run(self, directory: Path, program: Program) -> Ran:
        """Run it to its end; a cancelled caller ends it with everything that it started."""
        mark = secrets.token_hex(16)
        launch = Launch(
            id=f"check_{mark[:16]}", run=1, directory=directory, argv=program.argv, cwd=program.cwd,
            env=program.env, mark=mark, stdin="null", timeout_s=program.timeout_s, grace_s=self._grace_s,
            output_cap_bytes=DEFAULT_CAP_BYTES,
        )  # fmt: skip
        try:
            process = await self._supervisor.launch(launch)
        except LaunchError as exc:
            return Ran(None, failure=exc.message)
        try:
            record = await process.wait()
        except asyncio.CancelledError:
            process.kill()
            raise
        output = await asyncio.to_thread(_written, directory)
        failure = (
            record.failure.text if record.failure else "Its supervisor vanished." if record.lost else None
        )
        code = None if failure else exit_code(record)
        return Ran(code, record.duration_ms, record.stopped == "wall", failure, output)


def _written(directory: Path) -> bytes:
    try:
        head, tail = FileOutputs().ends(directory, run=1, limit=KEPT_BYTES)
        size = FileOutputs().read(directory, run=1, offset=0, limit=1).size
    except OSError:
        return b""
    return head + (_CUT if tail and len(head) + len(tail) < size else b"") + tail
