"""The context of a callable inside the owner: what it says crosses from its thread to the manager's loop."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from typing import Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.registry import parse
from tasktui.domain.ports.executor import Delivery, RunContext
from tasktui.executors.event_file import artifact_of
from tasktui.jobs import JobContext, JobMessage

WAITING: Final = 1_024
"""Facts that may wait for the manager; a thread that tells more waits itself."""
LOOK_S: Final = 0.5
"""How often a waiting thread looks whether its run is over."""
_AT_ONCE: Final = 256


class ThreadContext(JobContext):
    """Made on the manager's loop; used in any thread, or on any loop."""

    def __init__(self, ctx: RunContext) -> None:
        super().__init__(ctx.task_id, ctx.run, ctx.artifacts)
        self._ctx = ctx
        self._loop = asyncio.get_running_loop()
        self._manager_thread = threading.get_ident()
        self._facts: deque[Data] = deque()
        self._told = asyncio.Event()
        self._room = threading.Semaphore(WAITING)
        self._over = False
        self._came = threading.Condition()
        self._arrived: list[JobMessage] = []

    # --- on the manager's loop

    async def pump(self) -> None:
        """Pass on what the callable says, at the pace the manager takes it."""
        while True:
            await self._told.wait()
            self._told.clear()
            await self.drain()

    async def drain(self) -> None:
        """Pass on what waits."""
        while self._facts:
            for _ in range(min(len(self._facts), _AT_ONCE)):
                self._ctx.emit(self._facts.popleft())
                self._room.release()
            await self._ctx.room()

    async def listen(self) -> None:
        """Take in what people say."""
        async for delivery in self._ctx.inbox():
            with self._came:
                self._arrived.append(_message(delivery))
                self._came.notify_all()
            self._ctx.verdict(delivery.intervention_id, delivered=True)

    def cancel(self) -> None:
        """Raise the flag, and wake whoever waits for a person."""
        with self._came:
            self._cancelled = True
            self._came.notify_all()

    def end(self) -> None:
        """Take nothing more: the run is over, even if its thread is not."""
        self._over = True

    # --- where the callable is

    def _report(self, event_type: str, data: dict[str, object]) -> None:
        fact = self._fact(event_type, data)
        if threading.get_ident() == self._manager_thread:
            self._ctx.emit(fact)
            return
        while not self._room.acquire(timeout=LOOK_S):
            if self._over:
                return
        self._facts.append(fact)
        if not self._over:
            self._loop.call_soon_threadsafe(self._told.set)

    def _fact(self, event_type: str, data: dict[str, object]) -> Data:
        try:
            known = artifact_of(self._ctx, data) if event_type == "artifact.added" else data
            return parse(event_type, json.dumps(known, default=str))
        except InvalidError as exc:
            return TaskWarning(message=f"What the job reported is not valid: {exc.message}.", code="REPORT")

    def _receive(self, wait_s: float) -> None:
        with self._came:
            if not self._arrived and not self._cancelled and wait_s:
                self._came.wait(wait_s)
            arrived, self._arrived = self._arrived, []
        for message in arrived:
            self._take(message)


def _message(delivery: Delivery) -> JobMessage:
    return JobMessage(
        delivery.intervention_id, delivery.text, delivery.user, delivery.mode,
        delivery.request_id, delivery.decision, delivery.attachments,
    )  # fmt: skip
