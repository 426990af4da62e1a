"""What the executors of the replaced systems have in common: work on its own loop, and its words.

Their work is code of the embedding program: it runs on that program's loop, while the manager may have a
loop and thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import MessageCompleted, MessageDelta
from tasktui.domain.ports.executor import Outcome, RunContext
from tasktui.domain.status import Reason, Status

T = TypeVar("T")
STOPPED = Outcome(Status.CANCELED, Reason.CANCELED, "the executor stopped")
"""How work ended that obeyed its cancellation."""


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
    """Joins the pieces of what an agent says, so that who comes late finds whole messages."""

    def __init__(self, emit: Callable[[Data], None]) -> None:
        self._emit = emit
        self._pieces: list[str] = []
        self._number = 0
        self.said = False
        """Whether anything was said at all."""

    @property
    def message_id(self) -> str:
        """The id of the message that is being said."""
        return f"m{self._number}"

    def piece(self, text: str) -> None:
        """Take a piece."""
        if text:
            self.said = True
            self._pieces.append(text)
            self._emit(MessageDelta(message_id=self.message_id, delta=text))

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
        if content or usage:
            self.said = True
            self._emit(
                MessageCompleted(
                    message_id=self.message_id, content=content, reasoning=reasoning, usage=usage
                )
            )
            self._number += 1


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
