"""One program under a shim, seen to its end: its events, its messages, its stop ladder, and how it ended.

What is shared by every kind of task that is a process: shell commands and Python jobs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.work import OutputTruncated
from tasktui.domain.ports.executor import Delivery, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.event_file import EventFile
from tasktui.executors.launch import DEFAULT_CAP_BYTES, DEFAULT_GRACE_S, ExitRecord, Launch
from tasktui.executors.line_file import NO_ROOM, append
from tasktui.executors.process import Alive, Ended, Lost, NeverStarted, Supervisor
from tasktui.executors.running import RunningProcess

OBEY_S: Final = 10.0
"""After the order to kill: how long the shim may take before it is killed itself."""
ROOM_S: Final = 1.0
"""How often it is tried to write down an answer for which the disk has no room."""
TAKE_S: Final = 5.0
"""How long a message waits for a task whose standard input is full: later ones wait behind it."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is to be started for a run."""

    argv: tuple[str, ...]
    stdin: bool = False
    """Whether messages are written to its standard input, too."""
    env: Mapping[str, str] = field(default_factory=dict)
    """On top of the environment of the run."""


class Verdict(NamedTuple):
    """How a run ended, but for its result."""

    status: Status
    reason: Reason
    evidence: str
    error: str | None = None


class Supervised:
    """Starts or adopts programs of one data directory."""

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        output_cap_bytes: int = DEFAULT_CAP_BYTES,
        grace_s: float = DEFAULT_GRACE_S,
    ) -> None:
        """Take the bounds.

        Args:
            supervisor: of the data directory.
            output_cap_bytes: of a run that are kept.
            grace_s: between SIGTERM and SIGKILL.
        """
        self._supervisor = supervisor
        self._cap = output_cap_bytes
        self._grace_s = grace_s

    async def see_through(self, ctx: RunContext, program: Program) -> ExitRecord:
        """Launch the program, or adopt it when `ctx.adopted`, and follow it to its end."""
        found = await self._supervisor.adopt(ctx.directory, ctx.run) if ctx.adopted else NeverStarted()
        match found:
            case Alive(process):
                record = await _Run(ctx, process, stdin=program.stdin).follow()
            case NeverStarted():
                process = await self._supervisor.launch(self._launch(ctx, program))
                record = await _Run(ctx, process, stdin=program.stdin).follow()
            case Ended(record):
                await EventFile(ctx).finish()
            case Lost(head, swept):
                await EventFile(ctx).finish()
                record = ExitRecord(head.id, head.run, lost=True, swept=swept)
        if record.dropped:
            ctx.emit(OutputTruncated(limit=self._cap, dropped=record.dropped))
        return record

    def _launch(self, ctx: RunContext, program: Program) -> Launch:
        return Launch(
            id=ctx.task_id, run=ctx.run, directory=ctx.directory, argv=program.argv,
            cwd=Path(ctx.spec.cwd or "/"), env={**ctx.env, **program.env}, mark=ctx.mark,
            stdin="pipe" if program.stdin else "null", timeout_s=ctx.spec.timeout_s,
            output_cap_bytes=self._cap, grace_s=self._grace_s,
        )  # fmt: skip


class _Run:
    """One run while it goes on."""

    def __init__(self, ctx: RunContext, process: RunningProcess, *, stdin: bool) -> None:
        self._ctx = ctx
        self._process = process
        self._stdin = stdin
        self._events = EventFile(ctx)
        self._told = asyncio.Event()
        self._told.set()

    async def follow(self) -> ExitRecord:
        self._process.on_output = self._ctx.output_grew
        self._process.on_events = self._told.set
        with seen_to(self._process):
            record = await self._while_it_runs()
        await self._events.finish()
        self._ctx.output_grew()
        return record

    async def _while_it_runs(self) -> ExitRecord:
        async with asyncio.TaskGroup() as group:
            pauses = obey_pauses(self._ctx, self._process)
            works = (self._read_events(), self._deliver(), pauses, self._stop())
            sides = [group.create_task(work) for work in works]
            record = await self._process.wait()
            for side in sides:
                side.cancel()
        return record

    async def _read_events(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            await self._events.drain()

    async def _deliver(self) -> None:
        async for delivery in self._ctx.inbox():
            refusal = await self._to_inbox(delivery)
            if delivery.request_id is None and self._stdin:
                refusal = await self._to_stdin(delivery, refusal)
            self._ctx.verdict(delivery.intervention_id, delivered=refusal is None, detail=refusal)

    async def _to_inbox(self, delivery: Delivery) -> str | None:
        """Append to the inbox; return why that cannot be. An answer waits for room: it is given but once."""
        while True:
            try:
                append(Path(self._ctx.env["TASKTUI_INBOX"]), _line(delivery))
            except OSError as exc:
                if delivery.request_id is None or exc.errno not in NO_ROOM:
                    return "The inbox of the task could not be written."
            else:
                return None
            await asyncio.sleep(ROOM_S)

    async def _to_stdin(self, delivery: Delivery, refusal: str | None) -> str | None:
        """Write to standard input; return why it arrived neither there nor, by `refusal`, elsewhere."""
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


@contextlib.contextmanager
def seen_to(process: RunningProcess) -> Iterator[None]:
    """Kill a run when seeing to it fails: its task ends then, and nobody would ever stop it."""
    try:
        yield
    except Exception:  # whatever it was, it goes on to the manager
        process.kill()
        raise


async def obey_pauses(ctx: RunContext, process: RunningProcess) -> None:
    """Stop the whole tree and let it go on, as a person wants it; a second order does no harm."""
    while True:
        await ctx.pause.wait(paused=True)
        process.pause()
        await ctx.pause.wait(paused=False)
        process.resume()


def require_cwd(spec: TaskSpec) -> None:
    """See that the working directory is there.

    Raises:
        InvalidError: it is not.
    """
    if spec.cwd is not None and not Path(spec.cwd).is_dir():
        raise InvalidError(f"The working directory is not there: {spec.cwd}", cwd=spec.cwd)


def _line(delivery: Delivery) -> bytes:
    """Return what the inbox says of a delivery: one JSON object."""
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
    return json.dumps({name: value for name, value in entry.items() if value is not None}).encode()


def forestalled(ctx: RunContext, record: ExitRecord) -> Verdict | None:
    """Return how it ended where nobody saw it, it never began, or its deadline stopped it; else None."""
    if record.lost:
        error = f"The supervisor of the task vanished; {record.swept} leftover processes were ended."
        return Verdict(Status.LOST, Reason.SHIM_LOST, "no exit record", error)
    if record.failure is not None:
        return Verdict(Status.FAILED, Reason.SPAWN_FAILED, record.failure.kind, record.failure.text)
    if record.stopped == "wall":
        error = f"Not done within {ctx.spec.timeout_s:g} s."
        return Verdict(Status.TIMED_OUT, Reason.WALL_TIMEOUT, "wall deadline", error)
    return None


def canceled(ctx: RunContext, record: ExitRecord) -> Verdict | None:
    """Return how it ended where a cancel stopped it; else None."""
    if record.stopped is None or not ctx.cancel.requested:
        return None
    reason = Reason.CANCEL_FORCED if record.stopped == "kill" else Reason.CANCELED
    return Verdict(Status.CANCELED, reason, evidence(record))


def evidence(record: ExitRecord) -> str:
    """Return what was seen of the end."""
    return f"exit code {record.code}" if record.signal is None else f"ended by {_signal(record.signal)}"


def exit_code(record: ExitRecord) -> int | None:
    """Return the code by which a shell would know the end."""
    return record.code if record.signal is None else 128 + record.signal


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
