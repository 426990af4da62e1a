"""A program at the other end of the pipes ends, whatever becomes of who ends it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tasktui.service.program import Program

DEAF = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: pathlib.Path(sys.argv[1]).touch())
os.write(1, b'\\0tasktui-channels 1 9.9\\n')
while True:
    time.sleep(60)
"""
"""Says hello, and neither the end of its input nor SIGTERM ends it; the latter it notes in a file."""


def children() -> set[psutil.Process]:
    return set(psutil.Process().children())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def gone(*processes: psutil.Process) -> None:
    await until(lambda: not any(map(_lives, processes)))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_it_is_ended_though_the_one_who_ends_it_is_cancelled(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    before, descriptors = children(), psutil.Process().num_fds()
    program = await Program.start((sys.executable, "-c", DEAF, str(asked)), version="1")
    (process,) = children() - before
    stdin = program._process.stdin
    assert stdin is not None
    for moment in (lambda: True, stdin.is_closing, asked.exists):
        ending = asyncio.ensure_future(program.end())
        await asyncio.sleep(0)
        await until(moment)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
    await gone(process)
    async with asyncio.timeout(20):
        failure = await program.end()
    assert failure.code is None, "it had to be killed"
    await until(lambda: psutil.Process().num_fds() <= descriptors)
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})


def test_it_is_ended_with_the_loop_that_nobody_waits_on(tmp_path: Path) -> None:
    before = children()

    async def begin() -> None:
        await Program.start((sys.executable, "-c", DEAF, str(tmp_path / "asked")), version="1")

    asyncio.run(begin())
    asyncio.run(gone(*children() - before))
