"""Runs a Python function by its name, in a process of its own under a shim that outlives the owner."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import PythonWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.launch import DEFAULT_CAP_BYTES, DEFAULT_GRACE_S, ExitRecord
from tasktui.executors.process import Supervisor
from tasktui.executors.python_run.program import JOB, MAX_RESULT
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

OUTCOME: Final = "outcome.json"
"""What the job's own process writes at its end: only this makes it a success."""
PROGRAM: Final = Path(__file__).parent / "python_run" / "__main__.py"
MAX_ARGUMENTS: Final = 96 << 10
"""Bytes of the arguments as JSON: they travel in one variable."""
_REASONS: Final = {reason.value: reason for reason in Reason}


class PythonJobExecutor:
    """The `Executor` of Python functions by name."""

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        output_cap_bytes: int = DEFAULT_CAP_BYTES,
        grace_s: float = DEFAULT_GRACE_S,
    ) -> None:
        self._supervised = Supervised(supervisor, output_cap_bytes=output_cap_bytes, grace_s=grace_s)

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Messages go to the inbox; the work outlives its owner."""
        return Capabilities(intervene="steer", approvals=True, pause=True, reattach=True)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse a directory or an interpreter that is not there, and arguments that are too many."""
        work = _work(spec)
        require_cwd(spec)
        if work.python is not None and not os.access(work.python, os.X_OK):
            raise InvalidError(f"The Python interpreter is not there: {work.python}", python=work.python)
        if len(_request(work, Path("/"))) > MAX_ARGUMENTS:
            limit = f"{MAX_ARGUMENTS >> 10} KiB"
            raise InvalidError(f"The arguments of {work.function} are larger than {limit}: use a file.")

    async def run(self, ctx: RunContext) -> Outcome:
        """Launch or adopt the run and see it to its end."""
        work = _work(ctx.spec)
        path = ctx.directory / OUTCOME
        argv = (work.python or sys.executable, str(PROGRAM), work.function)
        record = await self._supervised.see_through(ctx, Program(argv, env={JOB: _request(work, path)}))
        return _outcome(ctx, record, _told(path))


def _work(spec: TaskSpec) -> PythonWork:
    if not isinstance(spec.work, PythonWork):
        raise InvalidError(f"not a Python task: {spec.work.kind}")
    return spec.work


def _request(work: PythonWork, outcome: Path) -> str:
    request = {
        "arguments": work.arguments,
        "outcome": str(outcome),
        "fail_on_segment_error": work.fail_on_segment_error,
    }
    return json.dumps(request, default=str)


def _told(path: Path) -> dict[str, Any]:
    """Return what the job's process wrote at its end; empty when it wrote nothing that can be read."""
    with suppress(OSError, ValueError):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            told = json.loads(file.read(8 * MAX_RESULT))
        if isinstance(told, dict):
            return told
    return {}


def _outcome(ctx: RunContext, record: ExitRecord, told: dict[str, Any]) -> Outcome:
    """Turn what the process wrote, and how it ended, into how the task ended."""
    verdict = _verdict(ctx, record, told)
    if verdict.status is Status.COMPLETED and exit_code(record):
        ctx.emit(
            TaskWarning(message=f"After the function had returned: {evidence(record)}.", code="LATE_EXIT")
        )
    kind = record.failure.kind if record.failure else None
    return Outcome(
        status=verdict.status, reason=verdict.reason, evidence=verdict.evidence, source="shim",
        error=verdict.error, exit_code=exit_code(record), error_code=kind or _text(told, "error_code"),
        duration_ms=None if record.lost else record.duration_ms, result=_text(told, "result"),
    )  # fmt: skip


def _verdict(ctx: RunContext, record: ExitRecord, told: dict[str, Any]) -> Verdict:
    if told.get("status") == "completed" and record.stopped != "wall":
        return Verdict(Status.COMPLETED, Reason.COMPLETED, "the function returned")
    stopped = forestalled(ctx, record) or canceled(ctx, record)
    if stopped is not None:
        return stopped
    if told.get("status") == "canceled":
        return Verdict(Status.CANCELED, Reason.CANCELED, "the job stopped")
    seen = evidence(record)
    if told.get("status") == "failed":
        reason = _REASONS.get(str(told.get("reason")), Reason.ERROR)
        return Verdict(Status.FAILED, reason, seen, _text(told, "error"))
    error = f"The process ended before the function had returned: {seen}."
    return Verdict(Status.FAILED, Reason.BAD_RESULT, seen, error)


def _text(told: dict[str, Any], name: str) -> str | None:
    value = told.get(name)
    return value if isinstance(value, str) else None
