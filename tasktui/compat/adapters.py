"""What the executors of the replaced systems have in common: work on its own loop, and its words.

Their work is code of the embedding program: it runs on that program's loop, while the manager may have a
loop and thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import MessageCompleted, MessageDelta
from tasktui.domain.ports.executor import Outcome, RunContext
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Interest
from tasktui.domain.status import Reason, Status

T = TypeVar("T")
STOPPED = Outcome(Status.CANCELED, Reason.CANCELED, "the executor stopped")
"""How work ended that obeyed its cancellation."""
HELD_CHARS: Final = 65_536
"""Of a message that is being said, what the manager holds."""


class Hosted(Generic[T]):
    """A coroutine on another loop (or this one), started, canceled and awaited from here."""

    def __init__(self, work: Coroutine[Any, Any, T], host: asyncio.AbstractEventLoop) -> None:
        """Start it; raises RuntimeError when the host has ended."""
        self._host = host
        self._here = asyncio.get_running_loop()
        self._task: asyncio.Task[T]
        self.done: asyncio.Future[asyncio.Task[T]] = self._here.create_future()
        """Set to the task when it has ended, however it did."""
        try:
            host.call_soon_threadsafe(self._start, work)
        except RuntimeError:
            work.close()
            raise

    def _start(self, work: Coroutine[Any, Any, T]) -> None:
        self._task = self._host.create_task(work)
        self._task.add_done_callback(lambda task: self._here.call_soon_threadsafe(self._end, task))

    def _end(self, task: asyncio.Task[T]) -> None:
        if not self.done.done():
            self.done.set_result(task)

    def cancel(self) -> None:
        """Cancel the task where it runs."""
        self._host.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        self._task.cancel()


async def see_through(
    ctx: RunContext, work: Coroutine[Any, Any, Outcome], host: asyncio.AbstractEventLoop, *, patient: bool
) -> Outcome:
    """Return how the work ended; a stop reaches it as its cancellation.

    Args:
        ctx: the run.
        work: what to run.
        host: the loop to run it on.
        patient: cancel it only when it is to be killed, because it is told of a stop in another way.
    """
    hosted = Hosted(work, host)
    waiting = ctx.cancel.wait_forced() if patient else ctx.cancel.wait()
    stop: asyncio.Future[None] = asyncio.get_running_loop().create_task(waiting)
    try:
        both: set[asyncio.Future[Any]] = {hosted.done, stop}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not hosted.done.done():
            hosted.cancel()
            await hosted.done
    except asyncio.CancelledError:
        hosted.cancel()
        raise
    finally:
        stop.cancel()
    ended = hosted.done.result()
    return STOPPED if ended.cancelled() else ended.result()


class Speech:
    """Joins the pieces of what an agent says, so that who comes late finds whole messages.

    Everything that the agent reports goes through it: a message's id says how many stored facts are before
    it, because pieces, which are not stored, may reach a consumer earlier than those.
    """

    def __init__(self, emit: Callable[[Data], None]) -> None:
        self._out = emit
        self._pieces: list[str] = []
        self._number = 0
        self._length = 0
        self.said = False
        """Whether anything was said at all."""

    @property
    def message_id(self) -> str:
        """The id of the message that is being said."""
        return f"m{self._number}"

    def report(self, data: Data) -> None:
        """Report any fact."""
        if data.DURABILITY == "persisted":
            self._number += 1
        self._out(data)

    def piece(self, text: str) -> None:
        """Take a piece."""
        if text:
            self.said = True
            self._pieces.append(text)
            self._out(MessageDelta(message_id=self.message_id, delta=text, offset=self._length))
            self._length += len(text)

    def whole(
        self,
        text: str | None = None,
        *,
        reasoning: str | None = None,
        usage: dict[str, object] | None = None,
    ) -> None:
        """End the message; without text it is what the pieces make, and nothing when there are none."""
        content = "".join(self._pieces) if text is None else text
        self._pieces.clear()
        self._length = 0
        if content or usage:
            self.said = True
            self.report(
                MessageCompleted(
                    message_id=self.message_id, content=content, reasoning=reasoning, usage=usage
                )
            )


class OpenCalls:
    """Tool calls under way: an end that names no known call belongs to the newest open one of its name."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def start(self, call_id: str, name: str) -> str:
        """Note a call; return its id."""
        self._open[call_id] = name
        return call_id

    def end(self, call_id: str | None, name: str | None) -> str | None:
        """Return the id of the call that has ended; None when nothing is known of it."""
        if call_id in self._open:
            found: str | None = call_id
        else:
            found = next((key for key in reversed(self._open) if self._open[key] == name), call_id)
        if found is not None:
            self._open.pop(found, None)
        return found


class Hearing:
    """Follows one task's messages for one consumer: who joins late, or lost pieces, hears the same text."""

    def __init__(self) -> None:
        self._message_id: str | None = None
        self._heard = 0
        self._facts = 0
        self._early: str | None = None

    def fact(self, event: StoredEvent) -> bool:
        """Count a stored event that came from the executor; return whether a piece waited for it."""
        self._facts += event.actor == "executor"
        waited = self._early is not None and self.is_due(self._early)
        if waited:
            self._early = None
        return waited

    def is_due(self, message_id: str) -> bool:
        """Whether everything that was reported before this message was seen."""
        number = message_id.removeprefix("m")
        return not number.isdigit() or int(number) <= self._facts

    def piece(self, data: MessageDelta) -> str | None:
        """Return what is new in a piece: nothing when it is early, None when a piece was missed."""
        offset = data.offset or 0
        heard = self._heard_of(data.message_id)
        if not self.is_due(data.message_id):
            self._early = data.message_id
            return ""
        if offset > heard:
            return None
        return self._take(data.message_id, data.delta[heard - offset :])

    def rest(self, message_id: str, text: str) -> str:
        """Return what is new in a message's text so far."""
        return self._take(message_id, text[self._heard_of(message_id) :])

    def _heard_of(self, message_id: str) -> int:
        return self._heard if message_id == self._message_id else 0

    def _take(self, message_id: str, text: str) -> str:
        self._heard = self._heard_of(message_id) + len(text)
        self._message_id = message_id
        return text


async def being_said(manager: Manager, task_id: str) -> tuple[tuple[str, str], ...]:
    """Return (message id, text so far) of what a task is saying, but for messages too long to be held."""
    changes = manager.changes(Interest(task_id))
    try:
        async for found in changes:
            return tuple(one for one in found.live if len(one[1]) < HELD_CHARS)
    finally:
        close = getattr(changes, "aclose", None)
        if close is not None:
            await close()
    return ()


async def whole_text(manager: Manager, task_id: str, text: str, ref: str | None) -> str:
    """Return the whole text of an event: from its file when it was too long for the log."""
    if ref is None:
        return text
    parts: list[bytes] = []
    read = 0
    while True:
        chunk = await manager.read_artifact(task_id, ref, offset=read, limit=1 << 20)
        parts.append(chunk.data)
        read += len(chunk.data)
        if not chunk.data or read >= chunk.size:
            return b"".join(parts).decode("utf-8", "replace")
