"""Runs a program or a shell line under a shim that outlives the owner."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path
from typing import Final

from tasktui.domain import clean
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.work import OutputTruncated
from tasktui.domain.ports.executor import Capabilities, Delivery, Outcome, RunContext
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.event_file import EventFile
from tasktui.executors.launch import DEFAULT_CAP_BYTES, ExitRecord, Launch
from tasktui.executors.output import OutputReader
from tasktui.executors.process import Alive, Ended, Lost, NeverStarted, Supervisor
from tasktui.executors.running import RunningProcess

OBEY_S: Final = 10.0
"""After the order to kill: how long the shim may take before it is killed itself."""
TAKE_S: Final = 5.0
"""How long a message waits for a task whose standard input is full: later ones wait behind it."""
LAST_BYTES: Final = 4096


class ShellExecutor:
    """The `Executor` of kind `shell`."""

    def __init__(self, supervisor: Supervisor, *, output_cap_bytes: int = DEFAULT_CAP_BYTES) -> None:
        self._supervisor = supervisor
        self._cap = output_cap_bytes

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Messages go to standard input and the inbox; the work outlives its owner."""
        return Capabilities(intervene="steer", approvals=True, pause=True, reattach=True)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse a working directory that is not there."""
        if spec.cwd is not None and not Path(spec.cwd).is_dir():
            raise InvalidError(f"The working directory is not there: {spec.cwd}", cwd=spec.cwd)

    async def run(self, ctx: RunContext) -> Outcome:
        """Launch or adopt the run and see it to its end."""
        work = ctx.spec.work
        if not isinstance(work, ShellWork):
            raise InvalidError(f"not a shell task: {work.kind}")
        found = await self._supervisor.adopt(ctx.directory) if ctx.adopted else NeverStarted()
        match found:
            case Alive(process):
                record = await _Run(ctx, process).follow()
            case NeverStarted():
                process = await self._supervisor.launch(self._launch(ctx, work))
                record = await _Run(ctx, process).follow()
            case Ended(record):
                await EventFile(ctx).finish()
            case Lost(head, swept):
                await EventFile(ctx).finish()
                record = ExitRecord(head.id, head.run, lost=True, swept=swept)
        if record.dropped:
            ctx.emit(OutputTruncated(limit=self._cap, dropped=record.dropped))
        return _outcome(ctx, work, record)

    def _launch(self, ctx: RunContext, work: ShellWork) -> Launch:
        argv = work.argv or ("/bin/sh", "-c", work.command or "")
        return Launch(
            id=ctx.task_id, run=ctx.run, directory=ctx.directory, argv=argv, cwd=Path(ctx.spec.cwd or "/"),
            env=ctx.env, mark=ctx.mark, stdin="pipe" if work.stdin else "null", timeout_s=ctx.spec.timeout_s,
            output_cap_bytes=self._cap,
        )  # fmt: skip


class _Run:
    """One run while it goes on: its events, its messages, its stop ladder."""

    def __init__(self, ctx: RunContext, process: RunningProcess) -> None:
        self._ctx = ctx
        self._process = process
        self._events = EventFile(ctx)
        self._told = asyncio.Event()
        self._told.set()

    async def follow(self) -> ExitRecord:
        self._process.on_output = self._ctx.output_grew
        self._process.on_events = self._told.set
        async with asyncio.TaskGroup() as group:
            sides = [group.create_task(work) for work in (self._read_events(), self._deliver(), self._stop())]
            record = await self._process.wait()
            for side in sides:
                side.cancel()
        await self._events.finish()
        self._ctx.output_grew()
        return record

    async def _read_events(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            await self._events.drain()

    async def _deliver(self) -> None:
        async for delivery in self._ctx.inbox():
            refusal = (
                None if _to_inbox(self._ctx, delivery) else "The inbox of the task could not be written."
            )
            work = self._ctx.spec.work
            if delivery.request_id is None and isinstance(work, ShellWork) and work.stdin:
                refusal = await self._to_stdin(delivery, refusal)
            self._ctx.verdict(delivery.intervention_id, delivered=refusal is None, detail=refusal)

    async def _to_stdin(self, delivery: Delivery, refusal: str | None) -> str | None:
        """Write to standard input; return why the message arrived neither there nor elsewhere."""
        line = delivery.text.encode("utf-8", "replace") + b"\n"
        try:
            async with asyncio.timeout(TAKE_S):
                taken = await self._process.write_stdin(line)
        except TimeoutError:
            return (
                f"The task does not read its standard input: the message was not taken within {TAKE_S:g} s."
            )
        return refusal if not taken else None

    async def _stop(self) -> None:
        await self._ctx.cancel.wait()
        if not self._ctx.cancel.forced:
            self._process.terminate()
        await self._ctx.cancel.wait_forced()
        self._process.kill()
        await asyncio.sleep(OBEY_S)
        await self._process.abandon()


def _to_inbox(ctx: RunContext, delivery: Delivery) -> bool:
    """Append one JSON object to the file that `TASKTUI_INBOX` names."""
    entry = {
        "type": "message" if delivery.request_id is None else "answer",
        "id": delivery.intervention_id,
        "text": delivery.text,
        "user": delivery.user,
        "mode": delivery.mode,
        "request_id": delivery.request_id,
        "decision": delivery.decision,
        "attachments": list(delivery.attachments) or None,
    }
    line = json.dumps({name: value for name, value in entry.items() if value is not None}).encode() + b"\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    with contextlib.suppress(OSError):
        fd = os.open(ctx.env["TASKTUI_INBOX"], flags, 0o600)
        try:
            return os.write(fd, line) == len(line)
        finally:
            os.close(fd)
    return False


def _outcome(ctx: RunContext, work: ShellWork, record: ExitRecord) -> Outcome:
    """Turn the record of an end into how the task ended."""
    status, reason, evidence, error = _verdict(ctx, work, record)
    code = record.code if record.signal is None else 128 + record.signal
    return Outcome(
        status=status, reason=reason, evidence=evidence, source="shim", error=error, exit_code=code,
        error_code=record.failure.kind if record.failure else None, duration_ms=record.duration_ms,
        result=_last_line(ctx.directory),
    )  # fmt: skip


def _verdict(ctx: RunContext, work: ShellWork, record: ExitRecord) -> tuple[Status, Reason, str, str | None]:
    if record.lost:
        error = f"The supervisor of the task vanished; {record.swept} leftover processes were ended."
        return Status.LOST, Reason.SHIM_LOST, "no exit record", error
    if record.failure is not None:
        return Status.FAILED, Reason.SPAWN_FAILED, record.failure.kind, record.failure.text
    if record.stopped == "wall":
        error = f"Not done within {ctx.spec.timeout_s:g} s."
        return (
            Status.TIMED_OUT,
            Reason.WALL_TIMEOUT,
            "wall deadline",
            error,
        )
    evidence = f"exit code {record.code}" if record.signal is None else f"ended by {_signal(record.signal)}"
    if record.stopped is not None and ctx.cancel.requested:
        forced = record.stopped == "kill"
        return Status.CANCELED, Reason.CANCEL_FORCED if forced else Reason.CANCELED, evidence, None
    if record.signal is None and (work.ok_exit_codes == "any" or record.code in work.ok_exit_codes):
        return Status.COMPLETED, Reason.COMPLETED, evidence, None
    return Status.FAILED, Reason.EXIT_NONZERO, evidence, evidence[0].upper() + evidence[1:]


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(directory: Path) -> str | None:
    """Return the last line of the output that says something."""
    reader = OutputReader(directory)
    size = reader.size
    data, _ = reader.read(max(0, size - LAST_BYTES), LAST_BYTES) if size else (b"", 0)
    lines = [line for line in clean.split_lines(clean.decode(data)) if line.strip()]
    return lines[-1] if lines else None
