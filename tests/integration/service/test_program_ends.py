"""A program at the other end of the pipes ends, whatever becomes of who ends it."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

import psutil
import pytest

from tasktui.service.program import Program

DEAF = (
    "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "os.write(1, b'\\0tasktui-channels 1 9.9\\n'); time.sleep(60)"
)
"""Says hello, and neither the end of its input nor SIGTERM ends it."""


def children() -> set[psutil.Process]:
    return set(psutil.Process().children())


async def gone(process: psutil.Process) -> None:
    async with asyncio.timeout(15):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.05)


async def test_it_is_ended_though_the_one_who_ends_it_is_cancelled() -> None:
    before, descriptors = children(), psutil.Process().num_fds()
    program = await Program.start((sys.executable, "-c", DEAF), version="1")
    (process,) = children() - before
    for pause in (0.0, 0.1, 1.2):
        ending = asyncio.ensure_future(program.end())
        await asyncio.sleep(pause)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
    await gone(process)
    async with asyncio.timeout(10):
        failure = await program.end()
    assert failure.code is None, "it had to be killed"
    assert psutil.Process().num_fds() == descriptors
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_it_is_ended_with_the_loop_that_nobody_waits_on() -> None:
    before = children()

    async def begin() -> None:
        await Program.start((sys.executable, "-c", DEAF), version="1")

    asyncio.run(begin())
    for process in children() - before:
        with suppress(psutil.NoSuchProcess):
            assert process.status() == psutil.STATUS_ZOMBIE
