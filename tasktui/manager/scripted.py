"""An executor in memory that plays scripts: for tests, pictures and demonstrations of embedding."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Capabilities, Delivery, Outcome, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.manager.scripted_files import ScriptedOutputs


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Wait until `ScriptedExecutor.open_gate` is called with this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for the next message or answer."""


@dataclass(frozen=True, slots=True)
class Deaf:
    """Ignore every stop from here on."""


@dataclass(frozen=True, slots=True)
class Output:
    """Write to the output."""

    text: str
    stream: int = 1
    """1 for stdout, 2 for stderr."""


Step: TypeAlias = Data | Pause | Gate | Listen | Deaf | Output | Outcome | Exception
"""What a script does next: report a fact, write, wait, end in an outcome, or raise."""
DONE: Final = Outcome(Status.COMPLETED, Reason.COMPLETED, "exit code 0", result="done", exit_code=0)
"""How a script ends that does not say."""
_STOPPED: Final = Outcome(Status.CANCELED, Reason.CANCELED, "ended by SIGTERM")


async def _resumed(ctx: RunContext) -> None:
    """Return when the run is not paused, or is to stop."""
    if ctx.pause.paused:
        waits = [asyncio.ensure_future(wait) for wait in (ctx.pause.wait(paused=False), ctx.cancel.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()


@dataclass(slots=True)
class _Place:
    """How far a run has come; kept when its owner goes, as a process would go on."""

    step: int = 0
    deaf: bool = False
    heard: asyncio.Queue[Delivery] = field(default_factory=asyncio.Queue)


class ScriptedExecutor:
    """The `Executor` of any kind; a task's script is found by its name, else by the work's headline."""

    def __init__(
        self,
        scripts: Mapping[str, Sequence[Step]] | None = None,
        *,
        outputs: ScriptedOutputs | None = None,
        capabilities: Capabilities | None = None,
    ) -> None:
        self.scripts = dict(scripts or {})
        self.outputs = outputs or ScriptedOutputs()
        self.started: list[tuple[str, int]] = []
        """Runs that were begun, not those that were taken over."""
        self.heard: list[Delivery] = []
        """Messages and answers that arrived."""
        self.contexts: dict[str, RunContext] = {}
        """The newest context of each task."""
        self._capabilities = capabilities or Capabilities(intervene="steer", approvals=True, pause=True)
        self._gates: dict[str, asyncio.Event] = {}
        self._places: dict[tuple[str, int], _Place] = {}

    def open_gate(self, name: str) -> None:
        """Let scripts that wait at this gate go on, now and later."""
        self._gates.setdefault(name, asyncio.Event()).set()

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Return what was given."""
        return self._capabilities

    async def check(self, spec: TaskSpec) -> None:
        """Refuse the working directory `/missing`."""
        if spec.cwd == "/missing":
            raise InvalidError(f"The working directory is not there: {spec.cwd}", cwd=spec.cwd)

    async def run(self, ctx: RunContext) -> Outcome:
        """Play the task's script from where it stands."""
        place = self._places.get((ctx.task_id, ctx.run))
        if place is None:
            place = self._places[ctx.task_id, ctx.run] = _Place()
            self.started.append((ctx.task_id, ctx.run))
        self.contexts[ctx.task_id] = ctx
        listening = asyncio.get_running_loop().create_task(self._listen(ctx, place))
        try:
            return await self._play(ctx, place)
        finally:
            listening.cancel()

    async def _listen(self, ctx: RunContext, place: _Place) -> None:
        async for delivery in ctx.inbox():
            self.heard.append(delivery)
            place.heard.put_nowait(delivery)
            ctx.verdict(delivery.intervention_id, delivered=True)

    async def _play(self, ctx: RunContext, place: _Place) -> Outcome:
        script = self.scripts.get(ctx.spec.title) or self.scripts.get(ctx.spec.work.headline()) or ()
        while place.step < len(script):
            step = script[place.step]
            await _resumed(ctx)
            if isinstance(step, Outcome):
                return step
            if isinstance(step, Exception):
                raise step.with_traceback(None)
            if not await self._take(ctx, place, step):
                return _STOPPED
            place.step += 1
        await _resumed(ctx)
        return _STOPPED if ctx.cancel.requested and not place.deaf else DONE

    async def _take(self, ctx: RunContext, place: _Place, step: Step) -> bool:
        """Do one step; return whether to go on."""
        if isinstance(step, Data):
            ctx.emit(step)
            await ctx.room()
        elif isinstance(step, Output):
            self.outputs.write(ctx.directory, ctx.run, step.text.encode(), stream=step.stream)
            ctx.output_grew()
        elif isinstance(step, Deaf):
            place.deaf = True
        else:
            return await self._wait(ctx, place, step)
        return True

    async def _wait(self, ctx: RunContext, place: _Place, step: Step) -> bool:
        """Wait for what the step names, or for a stop; return whether to go on."""
        loop = asyncio.get_running_loop()
        waiting = loop.create_task(self._awaited(place, step))
        stop = loop.create_task(ctx.cancel.wait())
        try:
            while not waiting.done() and (place.deaf or not stop.done()):
                await asyncio.wait(
                    {waiting} if place.deaf else {waiting, stop}, return_when="FIRST_COMPLETED"
                )
            return waiting.done()
        except asyncio.CancelledError:
            if not place.deaf:
                raise
            await asyncio.wait({waiting})
            return True
        finally:
            stop.cancel()
            waiting.cancel()

    async def _awaited(self, place: _Place, step: Step) -> None:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
        elif isinstance(step, Gate):
            await self._gates.setdefault(step.name, asyncio.Event()).wait()
        elif isinstance(step, Listen):
            await place.heard.get()
