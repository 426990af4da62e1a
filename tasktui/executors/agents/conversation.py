"""Holds the talk with a living agent: brings it what people say, and ends it by its own protocol first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from tasktui.domain import room
from tasktui.domain.events.lifecycle import TaskStatus, TaskWarning
from tasktui.domain.ports.executor import RunContext
from tasktui.executors.agents.dialogue import Dialogue, Say
from tasktui.executors.agents.hearing import Hearing
from tasktui.executors.launch import ExitRecord
from tasktui.executors.running import RunningProcess
from tasktui.executors.supervised import OBEY_S, obey_pauses, seen_to

ASKED_S: Final = 5.0
"""After the protocol's own stop: how long the agent may take before its input is closed."""
CLOSED_S: Final = 3.0
"""After that: how long it may take before SIGTERM."""
_NO_ROOM: Final = "There is no room on the disk: the agent waits, and so does what it is told."
_ROOM_AGAIN: Final = "There is room on the disk again: the agent goes on."
LEAVE_S: Final = 10.0
"""After the last word: how long the agent may take to end by itself."""


class Conversation:
    """One run of an agent, from the first word that this owner says or hears to the agent's end."""

    def __init__(
        self, ctx: RunContext, dialogue: Dialogue, hearing: Hearing, process: RunningProcess
    ) -> None:
        self._ctx = ctx
        self._dialogue = dialogue
        self._hearing = hearing
        self._process = process
        self._outbox: asyncio.Queue[tuple[int, Say] | None] = asyncio.Queue()
        """Lines by their number; None: the end of the agent's input."""
        self._grew = asyncio.Event()
        self._grew.set()
        self._over = asyncio.Event()
        self._short = False
        """Whether the talk waits for room on the disk."""

    async def hold(self) -> ExitRecord:
        """Talk until the process has ended, and hear its last lines."""
        self._process.on_output = self._on_output
        self._hearing.on_say, self._hearing.on_over = self._queue, self._over.set
        self._hearing.on_close = partial(self._outbox.put_nowait, None)
        with seen_to(self._process):
            self._hearing.recall()
            if self._hearing.torn:
                self._process.torn()
            record = await self._talk()
        self._hearing.on_say = lambda _, __: None
        await self._hearing.hear()
        return record

    async def _talk(self) -> ExitRecord:
        obey = partial(obey_pauses, self._ctx, self._process)
        works = (self._listen, self._speak, self._deliver, obey, self._stop, self._leave)
        async with asyncio.TaskGroup() as group:
            sides = [group.create_task(work()) for work in works]
            record = await self._process.wait()
            for side in sides:
                side.cancel()
        return record

    def _on_output(self) -> None:
        self._grew.set()
        self._look_for_room()
        self._ctx.output_grew()

    async def _listen(self) -> None:
        while True:
            await self._grew.wait()
            self._grew.clear()
            await self._hearing.hear()

    # --- what the agent is told

    def _queue(self, number: int, step: Say) -> None:
        self._outbox.put_nowait((number, step))

    async def _speak(self) -> None:
        while True:
            queued = await self._outbox.get()
            if queued is None:
                self._process.close_stdin()
            else:
                await self._write(*queued)
            self._outbox.task_done()

    async def _write(self, number: int, step: Say) -> None:
        taken = await self._process.write_stdin(step.line + b"\n", partial(self._begin, number))
        if taken:
            self._hearing.transcript.sent(number)
        if step.delivery is not None:
            detail = None if taken else "The agent takes no messages any more."
            self._ctx.verdict(step.delivery, delivered=taken, detail=detail)

    async def _begin(self, number: int) -> None:
        """Return when all that was said up to this line is written down: nothing is sent before."""
        said = self._hearing.transcript
        said.begun(number)
        while not said.keep():
            self._look_for_room()
            await asyncio.sleep(room.RETRY_S)
        self._look_for_room()

    def _look_for_room(self) -> None:
        """Say it when the talk begins and ceases to wait for room, on either side."""
        short = self._process.full or not self._hearing.transcript.keep()
        if short and not self._short:
            self._ctx.emit(TaskWarning(message=_NO_ROOM, code="agent_waits"))
        elif self._short and not short:
            self._ctx.emit(TaskStatus(message=_ROOM_AGAIN))
        self._short = short

    async def _deliver(self) -> None:
        async for delivery in self._ctx.inbox():
            bring = self._dialogue.message if delivery.request_id is None else self._dialogue.answer
            self._hearing.perform(bring(delivery))

    # --- its end

    async def _leave(self) -> None:
        """After the last word the agent ends by the end of its input, or by force."""
        await self._over.wait()
        await self._outbox.join()
        await _climb(((self._process.close_stdin, LEAVE_S), (self._process.terminate, OBEY_S)))

    async def _stop(self) -> None:
        await self._ctx.cancel.wait()
        asked = asyncio.ensure_future(self._ask_to_stop())
        try:
            await self._ctx.cancel.wait_forced()
        finally:
            asked.cancel()
        self._process.kill()
        await asyncio.sleep(OBEY_S)
        await self._process.abandon()

    async def _ask_to_stop(self) -> None:
        if self._process_was_asked():
            await asyncio.sleep(ASKED_S)
        await _climb(((self._process.close_stdin, CLOSED_S), (self._process.terminate, OBEY_S)))

    def _process_was_asked(self) -> bool:
        steps = list(self._dialogue.stop())
        self._hearing.perform(steps)
        return bool(steps)


async def _climb(ladder: Iterable[tuple[Callable[[], object], float]]) -> None:
    for step, wait_s in ladder:
        step()
        await asyncio.sleep(wait_s)
