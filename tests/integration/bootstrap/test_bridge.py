"""A manager on its own thread: calls hop there and back, streams too, and cancellation crosses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.domain.errors import ManagerClosedError, NotFoundError

BOUND_S = 20


class Talker:
    """Tells on which thread it is called."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.canceled = threading.Event()
        self.closed = threading.Event()

    async def get(self, task_id: str) -> tuple[str, str]:
        if not task_id:
            raise NotFoundError("nothing")
        return threading.current_thread().name, task_id

    async def wait(self, task_id: str) -> None:
        self.waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.canceled.set()

    async def changes(self, interest: int) -> AsyncIterator[int]:
        try:
            for number in range(interest):
                yield number
        finally:
            self.closed.set()


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    thread = LoopThread("manager")
    yield thread
    thread.stop()


async def test_a_call_runs_on_the_managers_thread_and_errors_come_back(thread: LoopThread) -> None:
    manager = bridged(Talker(), thread)  # type: ignore[arg-type]  # three methods of the port are enough here
    assert await manager.get("t1") == ("manager", "t1")
    with pytest.raises(NotFoundError):
        await manager.get("")


async def test_a_canceled_caller_cancels_the_call_there(thread: LoopThread) -> None:
    talker = Talker()
    manager = bridged(talker, thread)  # type: ignore[arg-type]  # as above
    call = asyncio.ensure_future(manager.wait("t1"))
    assert await asyncio.to_thread(talker.waiting.wait, BOUND_S)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await asyncio.to_thread(talker.canceled.wait, BOUND_S)


async def test_a_stream_is_pulled_across_and_closed_when_the_reader_leaves(thread: LoopThread) -> None:
    talker = Talker()
    manager = bridged(talker, thread)  # type: ignore[arg-type]  # as above
    assert [number async for number in manager.changes(3)] == [0, 1, 2]  # type: ignore[arg-type]  # as above
    talker.closed.clear()
    stream = manager.changes(1000)  # type: ignore[arg-type]  # as above
    assert await anext(stream) == 0
    await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert await asyncio.to_thread(talker.closed.wait, BOUND_S)


async def test_the_managers_loop_goes_on_while_the_callers_is_blocked(thread: LoopThread) -> None:
    beaten = threading.Event()

    async def beat() -> None:
        for _ in range(20):
            await asyncio.sleep(0.005)
        beaten.set()

    thread.post(beat())
    # the screen's loop is stuck in a terminal that does not read
    assert beaten.wait(BOUND_S)


async def test_after_the_end_a_call_says_so() -> None:
    thread = LoopThread("manager")
    manager = bridged(Talker(), thread)  # type: ignore[arg-type]  # as above
    thread.stop()
    with pytest.raises(ManagerClosedError):
        await manager.get("t1")
