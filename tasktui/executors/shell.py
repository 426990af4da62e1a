"""Runs a program or a shell line under a shim that outlives the owner."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tasktui.domain import clean
from tasktui.domain.errors import InvalidError
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.launch import DEFAULT_CAP_BYTES, DEFAULT_GRACE_S, ExitRecord
from tasktui.executors.output import OutputReader
from tasktui.executors.process import Supervisor
from tasktui.executors.supervised import (
    Program,
    Supervised,
    Verdict,
    canceled,
    evidence,
    exit_code,
    forestalled,
    require_cwd,
)

LAST_BYTES: Final = 4096


class ShellExecutor:
    """The `Executor` of kind `shell`."""

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        output_cap_bytes: int = DEFAULT_CAP_BYTES,
        grace_s: float = DEFAULT_GRACE_S,
    ) -> None:
        self._supervised = Supervised(supervisor, output_cap_bytes=output_cap_bytes, grace_s=grace_s)

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Messages go to standard input and the inbox; the work outlives its owner."""
        return Capabilities(intervene="steer", approvals=True, pause=True, reattach=True)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse a working directory that is not there."""
        require_cwd(spec)

    async def run(self, ctx: RunContext) -> Outcome:
        """Launch or adopt the run and see it to its end."""
        work = ctx.spec.work
        if not isinstance(work, ShellWork):
            raise InvalidError(f"not a shell task: {work.kind}")
        argv = work.argv or ("/bin/sh", "-c", work.command or "")
        record = await self._supervised.see_through(ctx, Program(argv, stdin=work.stdin))
        return _outcome(ctx, work, record)


def _outcome(ctx: RunContext, work: ShellWork, record: ExitRecord) -> Outcome:
    """Turn the record of an end into how the task ended."""
    verdict = forestalled(ctx, record) or canceled(ctx, record) or _by_exit_code(work, record)
    return Outcome(
        status=verdict.status, reason=verdict.reason, evidence=verdict.evidence, source="shim",
        error=verdict.error, exit_code=exit_code(record),
        error_code=record.failure.kind if record.failure else None, duration_ms=record.duration_ms,
        result=_last_line(ctx.directory),
    )  # fmt: skip


def _by_exit_code(work: ShellWork, record: ExitRecord) -> Verdict:
    seen = evidence(record)
    if record.signal is None and (work.ok_exit_codes == "any" or record.code in work.ok_exit_codes):
        return Verdict(Status.COMPLETED, Reason.COMPLETED, seen)
    return Verdict(Status.FAILED, Reason.EXIT_NONZERO, seen, seen[0].upper() + seen[1:])


def _last_line(directory: Path) -> str | None:
    """Return the last line of the output that says something."""
    reader = OutputReader(directory)
    size = reader.size
    data, _ = reader.read(max(0, size - LAST_BYTES), LAST_BYTES) if size else (b"", 0)
    lines = [line for line in clean.split_lines(clean.decode(data)) if line.strip()]
    return lines[-1] if lines else None
