"""A program under a terminal on the loop: its size, its input, and its end whatever it does."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tasktui.web import terminal as module
from tasktui.web.terminal import Terminal
from tests.integration.web.stubborn import STUBBORN


@asynccontextmanager
async def program(*argv: str, columns: int = 80, rows: int = 24) -> AsyncIterator[Terminal]:
    terminal = await Terminal.start(argv, os.environ, columns=columns, rows=rows)
    try:
        yield terminal
    finally:
        await terminal.close()


async def read_until(terminal: Terminal, words: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(30):
        while words not in seen:
            data = await terminal.read()
            assert data, f"it ended: {seen!r}"
            seen += data
    return seen


async def test_it_has_a_terminal_of_its_own_with_a_size_that_changes() -> None:
    async with program(
        "sh", "-c", "tty; stty size; read go; stty size; cat", columns=101, rows=33
    ) as terminal:
        assert b"/dev/pts/" in await read_until(terminal, b"33 101")
        terminal.resize(55, 11)
        await terminal.write(b"go\n")
        await read_until(terminal, b"11 55")
        terminal.resize(0, 10**9)
        await terminal.write("grüß\n".encode())
        await read_until(terminal, "grüß".encode())


async def test_a_size_has_bounds() -> None:
    async with program("sh", "-c", "stty size; cat", columns=10**6, rows=-3) as terminal:
        await read_until(terminal, b"1 1000")


async def test_reading_ends_with_the_program() -> None:
    async with program("sh", "-c", "echo last") as terminal, asyncio.timeout(30):
        await read_until(terminal, b"last")
        assert await terminal.read() == b""


async def test_its_end_takes_along_what_shares_its_terminal(tmp_path: Path) -> None:
    argv = ("sh", "-c", f"sleep 1000 & echo $! > {tmp_path}/pid; echo up; wait")
    async with program(*argv) as terminal:
        await read_until(terminal, b"up")
        below = psutil.Process(int((tmp_path / "pid").read_text()))
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [below], 30)
    assert gone == [below]


async def test_what_ignores_the_hang_up_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.1)
    async with program(sys.executable, "-c", STUBBORN) as terminal:
        await read_until(terminal, b"up\r\n")  # the whole line: a write that is cut off would end it
        process = terminal._process
    assert process.returncode == -9


async def test_a_program_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK_S", 0.2)
    async with program("sh", "-c", "stty raw -echo; echo up; sleep 1000") as terminal:
        await read_until(terminal, b"up")
        with pytest.raises(TimeoutError):
            await terminal.write(b"x" * 1_000_000)


async def test_a_program_that_is_not_there_leaves_no_descriptor_open() -> None:
    descriptors = Path("/proc/self/fd")
    before = len([*descriptors.iterdir()])
    with pytest.raises(FileNotFoundError):
        await Terminal.start(["/nonexistent"], os.environ, columns=1, rows=1)
    assert len([*descriptors.iterdir()]) <= before
